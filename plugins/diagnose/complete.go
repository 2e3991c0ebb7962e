// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// patience is how long a person waits for TAB.
const patience = 2 * time.Second

// completeTargets offers "svc/" and its like, then the names of that kind; a
// word without a slash is completed to the name of a Service as well.
func completeTargets(f *cli.Factory) cobra.CompletionFunc {
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
		for _, name := range liveNames(cmd.Context(), f, k) {
			out = append(out, prefix+name)
		}
		if !slashed {
			out = append(out, "svc/", "deploy/", "sts/", "ds/", "pod/", "vs/", "ing/")
		}
		out = slices.DeleteFunc(out, func(s string) bool { return !strings.HasPrefix(s, typed) })
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// liveNames are the names of a kind in the current namespace; none if the
// cluster does not answer.
func liveNames(ctx context.Context, f *cli.Factory, k *model.Kind) []string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	namespace, _, err := f.Namespace()
	if err != nil {
		return nil
	}
	config, err := f.RESTConfig()
	if err != nil {
		return nil
	}
	client, err := cluster.New(config)
	if err != nil {
		return nil
	}
	s, err := (&source.Cluster{Client: client}).Load(ctx, source.Want{
		Kinds: []*model.Kind{k}, Namespace: namespace, Scopes: map[*model.Kind]source.Scope{k: {Namespaces: []string{namespace}, MetadataOnly: true}},
	})
	if err != nil {
		return nil
	}
	var out []string
	for _, o := range s.OfKind(k.GroupKind) {
		out = append(out, o.Ref.Name)
	}
	return out
}
