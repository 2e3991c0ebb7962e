// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6577", Slug: "retired-istio", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Script or its comments are about parts of Istio that are gone",
	Why: `Since Istio 1.5 the control plane is one program, istiod: Pilot, Citadel and Galley are parts of it, and there is
no Mixer any more. Deployments, Services and metrics of those names do not exist, and a script that waits for one waits for
ever.`,
	Fix:       "Ask for istiod; in ambient mode also for ztunnel (a DaemonSet) and the waypoints (Gateways).",
	Reference: "https://istio.io/latest/docs/ops/deployment/architecture/",
	Check:     eachScript(retired),
})

var (
	// component is an object that was there before 1.5, as a command names it.
	component = regexp.MustCompile(`^(?:[a-z.]+/)?istio-(?:pilot|citadel|galley|mixer|policy|telemetry|sidecar-injector)$`)
	// part is one of the programs by its own name. Pilot's lives on in names of today.
	part  = regexp.MustCompile(`\b(Pilot|Citadel|Galley|Mixer)\b`)
	istio = regexp.MustCompile(`(?i)\bistio`)
)

func retired(_ *rules.World, s *script, report reporter) {
	for _, c := range s.commands {
		given, _ := c.program("kubectl")
		for _, word := range given {
			if component.MatchString(word) {
				f := report(c.line, c.column, "%s is gone since Istio 1.5", word)
				f.Hint = "the control plane is istiod: -n istio-system deployment/istiod"
			}
		}
	}
	about := istio.Match(s.Data)
	var names []string
	line, column := 0, 0
	for i, text := range s.lines {
		if m := part.FindStringIndex(text); m != nil && about {
			if line == 0 {
				line, column = i+1, m[0]+1
			}
			if name := text[m[0]:m[1]]; !anyOf(names, []string{name}) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 1 { // one of them alone may be somebody else's
		report(line, column, "%s are no programs of their own since Istio 1.5", strings.Join(names, ", ")).Hint =
			"the control plane is istiod; in ambient mode the data plane is ztunnel and waypoints"
	}
}
