// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package diagnose is `kubectl micro diagnose`: what is broken, why, and the
// smallest fix; its verbs list the rules, save what a diagnosis looks at, and
// follow one request. What a diagnosis does is in pkg/checkup.
package diagnose

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// NewCommand returns the diagnose command with its verbs.
func NewCommand(f *cli.Factory) *cobra.Command {
	flags := checkup.NewFlags(checkup.Defaults{})
	cmd := &cobra.Command{
		Use:     "diagnose [TARGET]",
		GroupID: cli.GroupPlugins,
		Short:   "Find what is broken, why, and the smallest fix",
		Long: cli.Doc(`
			Check a namespace, one object, a cluster or manifests, and say what is broken.

			Findings are tied into causes: a missing Secret is one cause, and the pods that do
			not start, the rollout that is stuck and the Service without endpoints are what it
			explains. Fixes were tried on what was read before they are offered.

			TARGET is "svc/NAME", "deploy/NAME", "pod/NAME", "vs/NAME" and so on, or a bare
			name: a Service's, else a workload's.

			With -f, manifests are checked and no cluster is contacted; the templates of
			workloads stand in for their pods. With --overlay, they are laid over the cluster,
			and what would appear or go is told.

			The exit code is 0 when nothing is found at --fail-on or above, 1 when something
			is, and 3 when nothing could be looked at, whatever the output format.`),
		Example: `
			# What is wrong in the current namespace?
			kubectl micro diagnose

			# What is wrong with one service, and everything behind it?
			kubectl micro diagnose svc/user-service

			# Check manifests, without a cluster
			kubectl micro diagnose -f examples/shop-by-hand

			# What would these manifests break or mend in the cluster?
			kubectl micro diagnose -f examples/shop-by-hand --overlay

			# Apply the safe fixes
			kubectl micro diagnose -o patch | kubectl apply --server-side -f -

			# Repair files in place, comments kept
			kubectl micro diagnose -f examples/article --write`,
		Args:              checkup.OneTarget,
		ValidArgsFunction: checkup.CompleteTargets(f, &flags.World),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	cmd.AddCommand(newRules(f), newPath(f), newSnapshot(f))
	return cmd
}
