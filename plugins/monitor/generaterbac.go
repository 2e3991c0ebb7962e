// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
)

func newGenerateRBAC(f *cli.Factory) *cobra.Command {
	var flags generateFlags
	var r observe.Rights
	cmd := &cobra.Command{
		Use:   "rbac",
		Short: "Write the smallest Roles to read metrics with: through the API server, and from sidecars",
		Long: cli.Doc(`
			Write two Roles: one to ask a Prometheus through the API server, by GET and no other
			Service, and one to ask the proxies of a namespace's pods where there is none. The
			Role "view" has neither right, and "edit" has far more.

			--to adds RoleBindings.`),
		Example: `
			kubectl micro monitor generate rbac -n shop --to group:developers | kubectl apply -f -

			kubectl micro monitor generate rbac -n shop --prometheus monitoring/prometheus-k8s:web --to sa:ci/deployer`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var g *generation
			var err error
			if home := cmd.Flag("namespace"); r.Prometheus != "" && home.Changed {
				g, err = flags.startApart(f, home.Value.String())
			} else {
				g, err = flags.start(f, cmd)
			}
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return g.rights(ctx, r) })
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringVar(&r.Prometheus, "prometheus", "", "Service of the Prometheus, NAMESPACE/NAME:PORT; that of the operator's only one if empty")
	cli.Written(cmd.Flags(), "prometheus")
	cmd.Flags().StringVar(&r.Subject, "to", "", "Who gets the rights: user:NAME, group:NAME or sa:NAMESPACE/NAME")
	cli.Offer(cmd.Flags(), "to", "user:", "group:", "sa:")
	return cmd
}

// rights asks the world only for what was not said.
func (g *generation) rights(ctx context.Context, r observe.Rights) error {
	r.Namespace = g.world.Namespace
	if r.Prometheus == "" || r.Namespace == "" {
		seen, err := g.see(ctx)
		if err != nil {
			return err
		}
		if r.Namespace = g.world.Home(seen.Snapshot); r.Namespace == "" {
			return fault.Usagef("expected the namespace of the services, found several").Try("-n NAMESPACE")
		}
		if r.Prometheus == "" {
			if r.Prometheus, err = observe.PrometheusOf(seen.Snapshot); err != nil {
				return err
			}
		}
	}
	drafts, err := observe.RightsTo(r)
	if err != nil {
		return err
	}
	return g.drafted("monitor.rbac.yaml", drafts...)
}
