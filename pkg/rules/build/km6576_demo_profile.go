// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6576", Slug: "demo-profile", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Istio is installed with the profile for demonstrations",
	Why: `The profile demo traces every request, logs every access, and gives the control plane too little to run more
than a few services. Istio's documentation says not to use it where performance counts.`,
	Fix:       "Install the profile `default`, or `ambient` for a mesh without sidecars, with Helm or `istioctl install --set profile=default`.",
	Reference: "https://istio.io/latest/docs/setup/additional-setup/config-profiles/",
	Check: eachScript(func(_ *rules.World, s *script, report reporter) {
		for _, c := range s.commands {
			given, is := c.program("istioctl")
			if !is || !anyOf(given, []string{"install", "manifest", "upgrade"}) {
				continue
			}
			for i, word := range given {
				set := strings.TrimPrefix(word, "--set=")
				if set == "profile=demo" || word == "--profile=demo" || word == "--profile" && i+1 < len(given) && given[i+1] == "demo" {
					f := report(c.line, c.column, "Istio's profile demo is not for production")
					f.Hint = "istioctl install --set profile=default, or profile=ambient for a mesh without sidecars"
				}
			}
		}
	}),
})
