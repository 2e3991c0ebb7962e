// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1578", Slug: "secret-in-image", Severity: finding.Warning, Hygiene: true, Texts: true,
	Short: "Secret is written into the image by ENV or ARG",
	Why: `What ENV and ARG hold can be read by whoever can pull the image: "docker history" and "docker inspect" show it.
To overwrite it in a later layer hides nothing.`,
	Fix:       "Give it to the step that needs it, `RUN --mount=type=secret,id=token`, and at run time as a file of a Secret. Change it: it is known.",
	Reference: "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
	Aliases:   []string{"buildkit:SecretsUsedInArgOrEnv"},
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		for _, s := range r.stages {
			for _, i := range s.Instructions {
				if i.Word == "ENV" || i.Word == "ARG" {
					kept(i, report)
				}
			}
		}
	}),
})

// secret are the last words of names whose values nobody should see, alone or
// with the word before.
var (
	secret = []string{"password", "passwd", "pword", "secret", "token", "apikey", "credential", "credentials"}
	keys   = []string{"api", "secret", "private", "access", "auth", "encryption", "signing", "license"}
)

func kept(i dockerfile.Instruction, report reporter) {
	for _, p := range i.Pairs() {
		if !hides(p.Name) || i.Word == "ENV" && (p.Value == "" || strings.HasPrefix(p.Value, "/") || holder.MatchString(p.Value)) {
			continue
		}
		line, column := i.Place(p.Literal)
		if i.Word == "ARG" && p.Value == "" {
			f := report(line, column, "ARG %s: what the build is given for it stays in the history of the image", p.Name)
			f.Severity, f.Confidence = finding.Info, finding.Likely
			f.Hint = "RUN --mount=type=secret,id=" + strings.ToLower(p.Name) + " in its place"
			continue
		}
		report(line, column, "%s %s has a value: whoever can pull the image can read it", i.Word, p.Name).Hint =
			"leave it out of the image and mount it as a file where it is used"
	}
}

// holder is a value that is none: another variable, or a word to be replaced.
var holder = regexp.MustCompile(`(?i)^\$\{?\w+\}?$|^<.*>$|^(?:changeme|change-me|none|null|false|true|yes|no|on|off|\d{1,3}|dummy|placeholder)$`)

// hides reports whether a name is that of a secret.
func hides(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 || anyOf(words, []string{"public", "allow", "random", "require", "min", "max"}) {
		return false
	}
	last := words[len(words)-1]
	return slices.Contains(secret, last) || last == "key" && len(words) > 1 && slices.Contains(keys, words[len(words)-2])
}
