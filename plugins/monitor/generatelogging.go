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

func newGenerateLogging(f *cli.Factory) *cobra.Command {
	var flags generateFlags
	l := observe.Logs{Agent: observe.Agents()[0]}
	cmd := &cobra.Command{
		Use:   "logging",
		Short: "Write a DaemonSet that reads the logs of a namespace on each node",
		Long: cli.Doc(`
			Write all that it takes to read the logs of a namespace's pods: a DaemonSet that may
			read and nothing else, its configuration for the format of today's kubelets, its
			account and the one right it needs, and a NetworkPolicy. It is what the scaffold
			writes for its systems, for pods that were not made by it.

			Logs go to the standard output of the collectors until the configuration says where
			else: there are no credentials to guess.`),
		Example: `
			kubectl micro monitor generate logging -n shop | kubectl apply -f -

			kubectl micro monitor generate logging -n shop --agent otel --output-dir logging`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
				seen, err := g.see(ctx)
				if err != nil {
					return err
				}
				if l.Namespace = g.world.Home(seen.Snapshot); l.Namespace == "" {
					return fault.Usagef("expected the namespace whose logs are to be read, found several").Try("-n NAMESPACE")
				}
				drafts, err := observe.Logging(seen.Snapshot, l)
				if err != nil {
					return err
				}
				return g.drafted("logging-"+l.Agent+".yaml", drafts...)
			})
		},
	}
	flags.addFlags(cmd)
	cli.EnumVar(cmd.Flags(), &l.Agent, "agent", "", "Collector", observe.Agents()...)
	cmd.Flags().StringVar(&l.Prometheus, "prometheus-namespace", "monitoring", "Namespace of the Prometheus that may read the collectors' metrics")
	cli.OfferNamespaces(cmd.Flags(), "prometheus-namespace")
	return cmd
}
