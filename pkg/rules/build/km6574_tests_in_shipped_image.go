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
	ID: "KM6574", Slug: "tests-in-shipped-image", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Tests run in the image that is shipped",
	Why: `For tests to run in it, the image has to hold the tests, what they need, and the tools that run them. All of
that goes into production.`,
	Fix:       "Run them in a stage of their own: `FROM build AS test`, and `docker buildx build --target test .` before the image is built.",
	Reference: "https://docs.docker.com/build/building/multi-stage/#stop-at-a-specific-build-stage",
	Check: eachScript(func(_ *rules.World, s *script, report reporter) {
		built := s.built()
		for _, c := range s.commands {
			given, runs := c.program("docker", "run")
			if !runs {
				continue
			}
			i := slices.IndexFunc(given, func(word string) bool {
				return slices.ContainsFunc(built, func(b image) bool { return parseImage(word) == b })
			})
			if i < 0 {
				continue
			}
			if test := testsWith(given[i+1:]); test != "" {
				f := report(c.line, c.column, "%s runs in image %s, which is the one that is shipped: it holds the tests and their tools", test, given[i])
				f.Hint = "give the Dockerfile a stage for them: docker buildx build --target test ."
			}
		}
	}),
})

// testers are the commands that run tests.
var testers = [][]string{
	{"npm", "test"}, {"npm", "run", "test"}, {"npm", "t"}, {"yarn", "test"}, {"yarn", "run", "test"}, {"pnpm", "test"}, {"npx", "jest"}, {"jest"}, {"mocha"}, {"pytest"}, {"python", "-m", "pytest"}, {"python", "-m", "unittest"},
	{"tox"}, {"go", "test"}, {"mvn", "test"}, {"gradle", "test"}, {"./gradlew", "test"}, {"dotnet", "test"}, {"cargo", "test"}, {"rspec"}, {"bundle", "exec", "rspec"}, {"phpunit"}, {"vendor/bin/phpunit"},
}

// testsWith returns what runs tests, as it is called; empty for anything else.
func testsWith(words []string) string {
	for _, t := range testers {
		if _, is := (command{words: words}).program(t...); is {
			return strings.Join(t, " ")
		}
	}
	return ""
}
