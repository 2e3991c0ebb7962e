// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// completeWorkloads offers workloads of the cluster, as TYPE/NAME, that are not
// named yet.
func completeWorkloads(f *cli.Factory) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		kind, _, slashed := strings.Cut(typed, "/")
		if !slashed {
			return cli.Matching([]cobra.Completion{"deploy/", "sts/", "ds/", "job/", "cronjob/"}, typed)
		}
		k, known := model.KindNamed(kind)
		if !known {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		offers := slices.DeleteFunc(world.Offers(cmd, f, &world.Flags{}, k, kind+"/"), func(offer string) bool {
			return slices.Contains(args, cli.Word(offer))
		})
		return cli.Matching(offers, typed)
	}
}

// completeFile offers files with one of the extensions for the only argument.
func completeFile(extensions ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}
