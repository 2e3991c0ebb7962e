// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"path"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1575", Slug: "package-manager-first", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Process 1 is a package manager or build tool",
	Why: `npm start, yarn start, mvn, gradle and go run start the program as a child, some through a shell. The SIGTERM
that ends a pod may not get there, memory goes to a tool that nobody needs at run time, and the tool has to be in the image.`,
	Fix:       "Start the program itself: what is behind \"start\" in package.json, as `CMD [\"node\", \"server.js\"]`.",
	Reference: "https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#cmd",
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		for _, word := range []string{"ENTRYPOINT", "CMD"} {
			if i, given := r.last(word); given && started(i, report) {
				return
			}
		}
	}),
})

// starters are the programs that start others, with what they are told to; nothing
// where that does not matter.
var starters = map[string][]string{
	"npm": {"start", "run", "run-script", "exec"}, "yarn": {"start", "run", "dev", "serve"}, "pnpm": {"start", "run", "exec", "dev"}, "npx": nil,
	"mvn": nil, "mvnw": nil, "gradle": nil, "gradlew": nil, "go": {"run"}, "cargo": {"run"}, "dotnet": {"run", "watch"},
}

func started(i dockerfile.Instruction, report reporter) bool {
	given, exec := i.Exec()
	if !exec {
		given = words(i.Text)
	}
	if len(given) == 0 || !exec && strings.ContainsAny(i.Text, "&|;") {
		return false
	}
	program := path.Base(given[0])
	tasks, known := starters[program]
	if !known || len(tasks) > 0 && (len(given) < 2 || !anyOf(given[1:2], tasks)) {
		return false
	}
	line, column := i.Place("")
	said := strings.Join(given[:min(2, len(given))], " ")
	f := report(line, column, "%s is process 1: the signals that end a pod may not reach the program", said)
	f.Hint = `start the program itself, as in CMD ["node", "server.js"]`
	return true
}
