// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// CompleteTargets offers "svc/" and its like, then the names of that kind; a
// word without a slash is completed to the name of a Service as well.
func CompleteTargets(f *cli.Factory, flags *world.Flags) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		prefix, _, slashed := strings.Cut(typed, "/")
		k := model.Services.Kind
		if slashed {
			known := false
			if k, known = model.KindNamed(prefix); !known {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			prefix += "/"
		} else {
			prefix = ""
		}
		var out []string
		for _, name := range world.Names(cmd, f, flags, k) {
			out = append(out, prefix+name)
		}
		if !slashed {
			out = append(out, "svc/", "deploy/", "sts/", "ds/", "pod/", "vs/", "ing/")
		}
		out = slices.DeleteFunc(out, func(s string) bool { return !strings.HasPrefix(s, typed) })
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeRules completes the last word of a list of rules: with families and
// IDs, or with names.
func completeRules(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before, word := "", typed
	if i := strings.LastIndexByte(typed, ','); i >= 0 {
		before, word = typed[:i+1], typed[i+1:]
	}
	out := RuleWords(word)
	for i := range out {
		out[i] = before + out[i]
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// RuleWords are the words for rules that begin with what is typed, in any case:
// the families first, then IDs; names only where they can be meant.
func RuleWords(typed string) []string {
	var families, ids, slugs []string
	counts := map[string]int{}
	for _, r := range catalog.Rules() {
		counts[r.ID[:len("KM0")]]++
		if strings.HasPrefix(r.ID, strings.ToUpper(typed)) {
			ids = append(ids, r.ID+"\t"+r.Short)
		}
		if typed != "" && strings.HasPrefix(r.Slug, strings.ToLower(typed)) {
			slugs = append(slugs, r.Slug+"\t"+r.ID+" "+r.Short)
		}
	}
	for _, family := range slices.Sorted(maps.Keys(counts)) {
		if strings.HasPrefix(family, strings.ToUpper(typed)) {
			families = append(families, family+"\tall "+cli.Plural(counts[family], "rule")+" of the family")
		}
	}
	return slices.Concat(families, ids, slugs)
}
