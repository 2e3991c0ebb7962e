// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6575", Slug: "moving-tag-deployed", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Command deploys the tag latest, or none",
	Why: `The pods change only when their template does: to set the same tag again starts nothing, and what was pushed in
the meantime arrives with the next pod that is made, on whatever node and day that is. No rollback leads back.`,
	Fix:       "Deploy a tag of its own for each build, or better the digest.",
	Reference: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
	Check: eachScript(func(_ *rules.World, s *script, report reporter) {
		for _, c := range s.commands {
			k, is := c.asKubectl()
			if !is {
				continue
			}
			names := k.images()
			if k.does("create", "deployment") {
				names = append(names, k.flags["--image"])
			}
			for _, name := range names {
				how, moving := parseImage(name).moves()
				if moving && literal(name) {
					report(c.line, c.column, "image %s %s", name, how).Hint = "name the version, or better the digest, that was built: " + parseImage(name).name + "@sha256:DIGEST"
				}
			}
		}
	}),
})
