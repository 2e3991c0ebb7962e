// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1574", Slug: "shell-form", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "CMD or ENTRYPOINT starts a shell that keeps the signals",
	Why: `The form without brackets runs "/bin/sh -c" as process 1. A shell that waits for the program does not pass on
the SIGTERM that ends a pod, and the program is killed after the grace period, with the requests it was at. Images without a shell do not start at
all.`,
	Fix:       "Write the words as a JSON array: `CMD [\"node\", \"server.js\"]`; or let the shell make room with `exec`.",
	Reference: "https://docs.docker.com/reference/build-checks/json-args-recommended/",
	Aliases:   []string{"hadolint:DL3025", "buildkit:JSONArgsRecommended"},
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		if _, chosen := r.last("SHELL"); chosen {
			return // somebody has thought about it
		}
		entry, has := r.last("ENTRYPOINT")
		if has {
			shellForm(entry, report)
		}
		if cmd, given := r.last("CMD"); given && !has {
			shellForm(cmd, report)
		}
	}),
})

// bare is a command of words only, which can be written as an array as it is.
var bare = regexp.MustCompile(`^[\w./:=@%+,-]+(?: +[\w./:=@%+,-]+)*$`)

func shellForm(i dockerfile.Instruction, report reporter) {
	if _, exec := i.Exec(); exec || i.Text == "" || regexp.MustCompile(`(?:^|[;&]\s*)exec\s`).MatchString(i.Text) {
		return
	}
	line, column := i.Place("")
	f := report(line, column, "%s starts a shell as process 1, and SIGTERM may end there", i.Word)
	f.Hint = `write it as an array: ` + i.Word + ` ["PROGRAM", "ARGUMENT"]`
	if bare.MatchString(i.Text) {
		f.Hint = "write " + i.Word + ` ["` + strings.Join(strings.Fields(i.Text), `", "`) + `"]`
	}
}
