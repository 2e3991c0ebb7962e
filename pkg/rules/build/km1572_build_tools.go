// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1572", Slug: "build-tools", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Image is shipped with what it was built with",
	Why: `The stage that is shipped is the one that builds. Compilers, package managers, development dependencies and
often the sources go with it: the image is larger than the program by far, and all of that is there for whoever gets in.`,
	Fix:       "Build in a first stage (`FROM ... AS build`) and copy what runs into a last one (`COPY --from=build`).",
	Reference: "https://docs.docker.com/build/building/multi-stage/",
	Check:     eachDockerfile(buildTools),
})

// builders are commands that build; what follows a command that it is not to be
// run with spares it.
var builders = []struct{ words, not []string }{
	{words: []string{"npm", "install"}, not: []string{"-g", "--global", "--omit=dev", "--production", "--only=production", "--only=prod"}},
	{words: []string{"npm", "ci"}, not: []string{"--omit=dev", "--production", "--only=production", "--only=prod"}},
	{words: []string{"npm", "run", "build"}}, {words: []string{"yarn", "build"}}, {words: []string{"yarn", "run", "build"}}, {words: []string{"pnpm", "build"}}, {words: []string{"pnpm", "run", "build"}},
	{words: []string{"go", "build"}}, {words: []string{"go", "install"}},
	{words: []string{"mvn"}}, {words: []string{"./mvnw"}}, {words: []string{"gradle"}}, {words: []string{"./gradlew"}},
	{words: []string{"cargo", "build"}}, {words: []string{"cargo", "install"}}, {words: []string{"dotnet", "build"}}, {words: []string{"dotnet", "publish"}},
	{words: []string{"make"}}, {words: []string{"cmake"}},
}

func buildTools(_ *rules.World, r *recipe, report reporter) {
	stages := r.final()
	if _, starts := r.last("CMD"); !starts {
		if _, starts = r.last("ENTRYPOINT"); !starts {
			return // tools to build others with, or a place for files
		}
	}
	if len(stages) > 1 { // what is inherited has a name and a purpose of its own
		stages = stages[:1]
	}
	for _, i := range stages[0].Instructions {
		if i.Word != "RUN" || cleans(i) {
			continue
		}
		for _, c := range ran(i) {
			if built := builds(c); built != "" {
				f := report(c.line, c.column, "%s runs in the stage that is shipped: its tools go with the image", built)
				f.Hint = "build in a stage of its own, FROM ... AS build, and COPY --from=build what runs into a last one"
				return
			}
		}
	}
}

// builds returns the command as far as it says that something is built.
func builds(c command) string {
	for _, b := range builders {
		given, is := c.program(b.words...)
		if is && !anyOf(given, b.not) && !anyOf(given, []string{"--version", "-v", "clean"}) {
			return strings.Join(b.words, " ")
		}
	}
	return ""
}

// cleans reports whether an instruction takes away again what it needed.
func cleans(i dockerfile.Instruction) bool {
	for _, c := range ran(i) {
		for _, words := range [][]string{{"apk", "del"}, {"apt-get", "purge"}, {"apt-get", "remove"}, {"apt-get", "autoremove"}, {"npm", "prune"}, {"yum", "remove"}, {"dnf", "remove"}} {
			if _, is := c.program(words...); is {
				return true
			}
		}
	}
	return false
}

func anyOf(words, of []string) bool {
	for _, w := range words {
		for _, x := range of {
			if w == x {
				return true
			}
		}
	}
	return false
}
