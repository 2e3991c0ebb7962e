// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1573", Slug: "install-without-lock", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Dependencies are resolved anew at each build",
	Why: `npm install and yarn install may write the lock file where they should obey it: two builds of one commit can
hold different dependencies, and what was tested is not what is shipped. Development dependencies come along.`,
	Fix:       "Copy the lock file and install what it says: `RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev`, `yarn install --immutable`.",
	Reference: "https://docs.npmjs.com/cli/commands/npm-ci",
	Check:     eachDockerfile(installs),
})

// locked are the commands that should obey a lock file, the flags with which they
// do, and what to write.
var locked = []struct {
	words, obeys []string
	instead      string
}{
	{[]string{"npm", "install"}, nil, "npm ci --omit=dev, with package-lock.json copied and --mount=type=cache,target=/root/.npm"},
	{[]string{"npm", "i"}, nil, "npm ci --omit=dev, with package-lock.json copied and --mount=type=cache,target=/root/.npm"},
	{[]string{"yarn", "install"}, []string{"--immutable", "--frozen-lockfile", "--pure-lockfile", "--immutable-cache"}, "yarn install --immutable (--frozen-lockfile before version 2)"},
	{[]string{"yarn"}, nil, "yarn install --immutable (--frozen-lockfile before version 2)"},
	{[]string{"pnpm", "install"}, []string{"--frozen-lockfile", "--offline"}, "pnpm install --frozen-lockfile"},
}

func installs(_ *rules.World, r *recipe, report reporter) {
	for _, s := range r.stages {
		for _, i := range s.Instructions {
			if i.Word != "RUN" {
				continue
			}
			for _, c := range ran(i) {
				for _, l := range locked {
					given, is := c.program(l.words...)
					if !is || anyOf(given, l.obeys) || slices.ContainsFunc(given, named) || len(l.words) == 1 && len(given) > 0 {
						continue
					}
					f := report(c.line, c.column, "%s does not hold to the lock file: each build may hold other dependencies", strings.Join(l.words, " "))
					f.Hint = "write " + l.instead
				}
			}
		}
	}
}

// named reports whether a word names a package, or the place to install to.
func named(word string) bool {
	return !strings.HasPrefix(word, "-") && !strings.HasPrefix(word, ">") && word != "true" && word != "." || word == "-g" || word == "--global" || word == "--no-package-lock"
}
