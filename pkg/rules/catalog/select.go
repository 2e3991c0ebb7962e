// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Select returns the rules to run. Only and skip hold IDs ("KM8002"), families
// ("KM8"), globs ("KM80*"), slugs ("subset-missing") and names of the same check
// elsewhere ("IST0101"), in any case. Without only, every rule but those of
// hygiene. A word that means no rule is a usage error.
func Select(only, skip []string) ([]*rules.Rule, error) {
	for _, word := range slices.Concat(only, skip) {
		if !slices.ContainsFunc(all(), func(r *rules.Rule) bool { return Means(word, r) }) {
			return nil, unknown(word)
		}
	}
	means := func(words []string, r *rules.Rule) bool {
		return slices.ContainsFunc(words, func(word string) bool { return Means(word, r) })
	}
	var out []*rules.Rule
	for _, r := range all() {
		wanted := means(only, r) || len(only) == 0 && !r.Hygiene
		if wanted && !means(skip, r) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fault.Usagef("--only %s and --skip %s leave no rule to run", strings.Join(only, ","), strings.Join(skip, ",")).
			Try("name a rule in one of the two only")
	}
	return out, nil
}

// Means reports whether a word of --only, --skip or a suppression means a rule.
func Means(word string, r *rules.Rule) bool {
	word = strings.ToLower(strings.TrimSpace(word))
	id := strings.ToLower(r.ID)
	if word == id || word == r.Slug || len(word) == len("km0") && strings.HasPrefix(id, word) {
		return true
	}
	if strings.ContainsAny(word, "*?[") {
		matched, err := path.Match(word, id)
		return err == nil && matched
	}
	return slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.EqualFold(a, word) })
}

func unknown(word string) error {
	var names []string
	for _, r := range all() {
		names = append(names, r.ID, r.Slug)
		names = append(names, r.Aliases...)
	}
	err := fault.Usagef("no rule is called %q, expected an ID (KM8002), a family (KM8), a glob (KM80*), a name (subset-missing) or another tool's code (IST0101)", word)
	if near := ref.Closest(strings.ToUpper(word), names); len(near) > 0 {
		return err.Try("did you mean %s?", near[0])
	}
	return err.Try("kubectl micro diagnose rules")
}
