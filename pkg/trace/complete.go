// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// named are the ends that have a name of their own, and the kinds of the others.
var named = []cobra.Completion{
	"deploy/", "svc/", "sts/", "ds/", "job/", "cronjob/", "pod/",
	"sa/\ta ServiceAccount: all that runs as it", "gateway/\tan Istio gateway",
	"internet\twhoever is outside of the cluster", "prometheus\tthe Prometheus that scrapes", "kubelet\tprobes",
}

// endKinds are the kinds that ends of another spelling are looked up as.
var endKinds = map[string]*model.Kind{"gateway": model.IstioGateways.Kind}

// CompleteEnds offers the kinds of ends, then the names of the kind, for at most
// so many arguments.
func CompleteEnds(f *cli.Factory, flags *world.Flags, most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return cli.Matching(offers(f, cmd, flags, typed), typed)
	}
}

// CompleteFlags offers ends for flags.
func CompleteFlags(f *cli.Factory, cmd *cobra.Command, flags *world.Flags, names ...string) {
	for _, name := range names {
		_ = cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return cli.Matching(offers(f, cmd, flags, typed), typed)
		})
	}
}

// offers are the completions of one end.
func offers(f *cli.Factory, cmd *cobra.Command, flags *world.Flags, typed string) []cobra.Completion {
	prefix, _, slashed := strings.Cut(typed, "/")
	if !slashed {
		return named
	}
	k, known := endKinds[prefix]
	if !known {
		k, known = model.KindNamed(prefix)
	}
	if !known {
		return nil
	}
	return world.Offers(cmd, f, flags, k, prefix+"/")
}
