// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
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
		if !slashed {
			offers := world.Offers(cmd, f, flags, model.Services.Kind, "")
			return cli.Matching(append(offers, "svc/", "deploy/", "sts/", "ds/", "pod/", "vs/", "ing/"), typed)
		}
		k, known := model.KindNamed(prefix)
		if !known {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return cli.Matching(world.Offers(cmd, f, flags, k, prefix+"/"), typed)
	}
}

// CompleteKubernetes offers the minor versions of Kubernetes that are known well
// enough to be checked against, the newest first.
func CompleteKubernetes(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const supported = 10 // with those that vendors still support
	var out []cobra.Completion
	for minor := schema.Newest(); minor > schema.Newest()-supported; minor-- {
		out = append(out, fmt.Sprintf("1.%d", minor))
	}
	offers, directive := cli.Matching(out, typed)
	return offers, directive | cobra.ShellCompDirectiveKeepOrder
}

// completeRules completes the last word of a list of rules: with families and
// IDs, or with names.
func completeRules(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return cli.OfferList(RuleWords, typed), cobra.ShellCompDirectiveNoFileComp
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
