// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// patience is how long a person waits for TAB.
const patience = 2 * time.Second

// completeServices offers the services whose traffic can be split. Without a
// cluster there is nothing to offer, which is no error.
func completeServices(f *cli.Factory) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), patience)
		defer cancel()
		namespace, _, err := f.Namespace()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		w := world{Factory: f, flags: &targetFlags{domain: model.DefaultClusterDomain}}
		snapshot, err := w.load(ctx, namespace, slices.Concat(usualKinds, []*model.Kind{model.GRPCRoutes.Kind}))
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, t := range canary.List(snapshot, namespace) {
			if strings.HasPrefix(t.Name, typed) {
				names = append(names, t.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
