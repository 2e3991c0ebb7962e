// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

func newGenerateDashboard(f *cli.Factory) *cobra.Command {
	var flags generateFlags
	profile, space := "", ""
	output := cli.NewReportFlags("json", "configmap")
	cmd := &cobra.Command{
		Use:   "dashboard svc/NAME",
		Short: "Write a Grafana dashboard: requests, errors, duration, pods and error budget",
		Long: cli.Doc(`
			Write the dashboard of a service in Grafana's classic schema, which all versions
			import: requests, failures and duration; in a mesh also by caller and version, and
			why proxies answered themselves; the error budget as the rules of "generate slo"
			record it; CPU, memory, throttling and restarts of its pods. Rollouts are marked.

			The data source and the namespace are variables. The uid stays the same, so that an
			import replaces the one before.`),
		Example: `
			# To import
			kubectl micro monitor generate dashboard svc/user-service -n shop > user-service.json

			# For the sidecar of Grafana's chart
			kubectl micro monitor generate dashboard svc/user-service -n shop -o configmap | kubectl apply -f -`,
		Args: oneService, ValidArgsFunction: completeTarget(f, &flags.world, "svc"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.Validate(); err != nil {
				return err
			}
			if space != "" && output.Output != "configmap" {
				return fault.Usagef("--grafana-namespace is about a ConfigMap: expected -o configmap, found -o %s", output.Output).Try("-o configmap")
			}
			g, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
				b, err := g.board(ctx, args[0], profile)
				if err != nil {
					return err
				}
				return g.pictured(b, output.Output, space)
			})
		},
	}
	flags.addFlags(cmd)
	output.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&profile, "profile", "", "How requests are counted: istio, http, grpc, spring or otel; found by whether pods have proxies if empty")
	cli.Offer(cmd.Flags(), "profile", slo.Profiles()...)
	cli.Written(cmd.Flags(), "profile")
	cmd.Flags().StringVar(&space, "grafana-namespace", "", "Namespace of the ConfigMap; that of the service if empty")
	cli.OfferNamespaces(cmd.Flags(), "grafana-namespace")
	return cmd
}

// board is the dashboard of a target.
func (g *generation) board(ctx context.Context, target, profile string) (observe.Board, error) {
	if profile != "" && slo.Failed(profile, signals.ServerFaults) == nil {
		return observe.Board{}, fault.Usagef("expected a profile, one of %v; found %q", slo.Profiles(), profile).Try("--profile %s", slo.Profiles()[0])
	}
	t, err := g.target(ctx, target)
	if err != nil {
		return observe.Board{}, err
	}
	if profile == "" {
		profile = t.Profile()
		g.note("requests are counted as profile %s does: say another with --profile", profile)
	}
	of, err := signals.ProfileNamed(profile)
	b := observe.Board{Namespace: t.Namespace, Service: t.Name, Profile: of}
	if t.Service.Value != nil {
		b.Service = t.Service.Ref.Name
	}
	for _, w := range t.Workloads {
		b.Workloads = append(b.Workloads, w.Ref.Name)
	}
	return b, err
}

// pictured prints a dashboard, or writes it.
func (g *generation) pictured(b observe.Board, output, space string) error {
	if output == "configmap" {
		object, err := observe.DashboardConfigMap(b, space)
		if err != nil {
			return fault.Wrap(fault.Failed, err, "write the dashboard")
		}
		return g.drafted(b.Service+".dashboard.yaml", observe.Draft{Object: object})
	}
	data, err := observe.JSON(observe.Dashboard(b))
	if err != nil {
		return fault.Wrap(fault.Failed, err, "write the dashboard")
	}
	return g.finish(generatedFile{b.Service + ".dashboard.json", data})
}
