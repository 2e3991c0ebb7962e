// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
)

func newPath(f *cli.Factory) *cobra.Command {
	flags := trace.NewFlags(trace.Full)
	cmd := &cobra.Command{
		Use:   "path A B",
		Short: "Follow a request from A to B, hop by hop",
		Long: cli.Doc(`
			Follow one request on its way from A to B: the caller's pods, the name and DNS, the
			Sidecar's scope, the route, the endpoints, the port, network policies at both ends,
			mutual TLS, the token, authorization, and the pods that it arrives at. The first hop
			that denies decides; what would deny later is told too.

			It is the question of "secure check" with every hop shown.

			The exit code is 0 for allowed, 1 for denied and 4 for unknown.`),
		Example: `
			# Why does the gateway not reach the user service?
			kubectl micro diagnose path deploy/api-gateway svc/user-service -n shop

			# One request, on files
			kubectl micro diagnose path deploy/api-gateway svc/user-service --path /users/1 -f examples/shop-by-hand`,
		Args:              trace.Args,
		ValidArgsFunction: trace.CompleteEnds(f, &flags.World, 2),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	return cmd
}
