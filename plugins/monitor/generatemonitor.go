// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
)

// monitorFlags are those of monitors.
type monitorFlags struct {
	generateFlags
	ask observe.Ask
}

func (m *monitorFlags) addFlags(cmd *cobra.Command) {
	m.generateFlags.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&m.ask.Port, "port", "", "Port of the metrics, by name or number; found by its name or by the pods' annotations if empty")
	flags.StringVar(&m.ask.Path, "path", "", "Path of the metrics; that of the pods' annotation, or /metrics, if empty")
	flags.StringVar(&m.ask.Interval, "interval", observe.Interval, "How often to ask")
	cli.Written(flags, "interval")
	flags.StringToStringVar(&m.ask.Labels, "label", nil, "Labels for a Prometheus to take it; those that the ones of the cluster ask for if empty")
	m.ask.TLS = observe.TLSAuto
	cli.EnumVar(flags, &m.ask.TLS, "mtls", "", "How to read a port that takes mutual TLS only: past the proxy, with certificates, or from the proxy", observe.TLSAuto, observe.TLSExclude, observe.TLSCerts, observe.TLSMerged)
}

// monitored is a verb that makes a monitor.
func monitored(f *cli.Factory, cmd *cobra.Command, suffix string, make func(*observe.Target, observe.Ask) (observe.Draft, error)) *cobra.Command {
	flags := &monitorFlags{}
	flags.addFlags(cmd)
	ends := []string{"svc"}
	if cmd.Name() == "podmonitor" {
		ends = append(ends, "deploy")
	}
	cmd.Args, cmd.ValidArgsFunction = oneService, completeTarget(f, &flags.world, ends...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		g, err := flags.start(f, cmd)
		if err != nil {
			return err
		}
		return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
			t, err := g.target(ctx, args[0])
			if err != nil {
				return err
			}
			d, err := make(t, flags.ask)
			if err != nil {
				return err
			}
			return g.drafted(t.Name+suffix, d)
		})
	}
	return cmd
}

func newGenerateServiceMonitor(f *cli.Factory) *cobra.Command {
	return monitored(f, &cobra.Command{
		Use:   "servicemonitor svc/NAME",
		Short: "Write a ServiceMonitor that a Prometheus of the cluster takes",
		Long: cli.Doc(`
			Write a ServiceMonitor for a Service: by the real name of its port, with labels that
			select it and no other, and with those that the Prometheus of the cluster asks for.
			A Prometheus whose selector is null takes nothing, one whose selector is {} takes
			everything.

			Where the pods take mutual TLS only, Prometheus cannot just ask. --mtls exclude (the
			default here) has the proxy let the port alone; certs has Prometheus show Istio's
			certificates; a PodMonitor asks the proxy instead.`),
		Example: `
			# See it
			kubectl micro monitor generate servicemonitor svc/user-service -n shop

			# Into the cluster
			kubectl micro monitor generate servicemonitor svc/user-service -n shop | kubectl apply -f -

			# From manifests, for a Prometheus with a label of its own
			kubectl micro monitor generate servicemonitor svc/user-service -f k8s/ --label release=prometheus`,
	}, ".servicemonitor.yaml", (*observe.Target).ServiceMonitor)
}

func newGeneratePodMonitor(f *cli.Factory) *cobra.Command {
	return monitored(f, &cobra.Command{
		Use:   "podmonitor svc/NAME|deploy/NAME",
		Short: "Write a PodMonitor: for pods without a Service, and for those of a mesh",
		Long: cli.Doc(`
			Write a PodMonitor for the pods of a Service or workload. In a mesh it asks the
			proxy of each pod (port 15020, /stats/prometheus), which tells its own metrics
			together with those of the program, and takes plain text for it whatever the mesh
			demands. With --port, the program itself is asked.`),
		Example: `
			# The proxies of a service, and what its program says
			kubectl micro monitor generate podmonitor svc/user-service -n shop

			# A worker that no Service leads to
			kubectl micro monitor generate podmonitor deploy/mailer -n shop --port metrics`,
	}, ".podmonitor.yaml", (*observe.Target).PodMonitor)
}
