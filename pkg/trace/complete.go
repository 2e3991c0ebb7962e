// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// named are the ends that have a name of their own.
var named = []string{"deploy/", "svc/", "sts/", "ds/", "job/", "cronjob/", "pod/", "sa/", "gateway/", "internet", "prometheus", "kubelet"}

// endKinds are the kinds that ends of another spelling are looked up as.
var endKinds = map[string]*model.Kind{"gateway": model.IstioGateways.Kind}

// CompleteEnds offers the kinds of ends, then the names of the kind, for at most
// so many arguments.
func CompleteEnds(f *cli.Factory, flags *world.Flags, most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offers(f, cmd, flags, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// CompleteFlags offers ends for flags.
func CompleteFlags(f *cli.Factory, cmd *cobra.Command, flags *world.Flags, names ...string) {
	for _, name := range names {
		_ = cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return offers(f, cmd, flags, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		})
	}
}

// offers are the completions of one end.
func offers(f *cli.Factory, cmd *cobra.Command, flags *world.Flags, typed string) []string {
	var out []string
	prefix, _, slashed := strings.Cut(typed, "/")
	switch k, known := endKinds[prefix]; {
	case !slashed:
		out = slices.Clone(named)
	default:
		if !known {
			k, known = model.KindNamed(prefix)
		}
		if !known {
			return nil
		}
		for _, name := range world.Names(cmd, f, flags, k) {
			out = append(out, prefix+"/"+name)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return !strings.HasPrefix(s, typed) })
}
