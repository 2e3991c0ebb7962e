// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1580", Slug: "remote-add", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "ADD takes a file from the net that nobody checks",
	Why: `What is behind the address tomorrow may be something else, by mistake or on purpose, and goes into the image
without a word.`,
	Fix:       "Say what it has to be: `ADD --checksum=sha256:... https://...`.",
	Reference: "https://docs.docker.com/reference/dockerfile/#add---checksum",
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		for _, s := range r.stages {
			for _, i := range s.Instructions {
				if _, checked := i.Flag("checksum"); i.Word != "ADD" || checked {
					continue
				}
				for _, from := range strings.Fields(i.Text) {
					if (strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")) && !strings.HasSuffix(from, ".git") && !strings.Contains(from, ".git#") {
						line, column := i.Place(from)
						report(line, column, "ADD takes %s without a checksum", from).Hint = "add --checksum=sha256:DIGEST"
					}
				}
			}
		}
	}),
})
