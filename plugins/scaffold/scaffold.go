// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package scaffold is `kubectl micro scaffold`: from one line or one app file to
// services that run well and that linters let pass. This package reads flags and
// files and prints; pkg/app decides what is generated.
package scaffold

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// NewCommand returns the scaffold command with its verbs.
func NewCommand(f *cli.Factory) *cobra.Command {
	flags := newServiceFlags()
	cmd := &cobra.Command{
		Use:     "scaffold NAME --image IMAGE --port PORT",
		GroupID: cli.GroupPlugins,
		Short:   "Write a complete microservice from one line, or a system from one file",
		Long: cli.Doc(`
			Write all that it takes to run a service well, as a stream for kubectl apply: its
			namespace, account, configuration, workload with probes, limits and a locked-down
			security context, Service, disruption budget and a NetworkPolicy that lets in only
			who is to call.

			The cluster is not asked. The same line gives the same bytes, on every machine.

			A system of several services that call each other is written from a file of kind
			System: see "generate".`),
		Example: `
			# A service, into the cluster
			kubectl micro scaffold catalog --image registry.example.com/catalog:1.0.0 --port 8080 | kubectl apply -f -

			# With its own port names, health endpoints, a host and an autoscaler
			kubectl micro scaffold catalog --image registry.example.com/catalog:1.0.0 --port http=80:8080 --port http-metrics=9090 --health /livez,/readyz --expose catalog.example.com --hpa 3..10:cpu=70

			# A worker without a port, and a nightly job
			kubectl micro scaffold mailer --image registry.example.com/mailer:1.0.0 --kind worker --health exec:/bin/alive
			kubectl micro scaffold cleanup --image registry.example.com/cleanup:1.0.0 --kind cronjob --schedule '0 3 * * *'`,
		Args: nameOrHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asksForAddons(cmd) {
				return printAddons(f)
			}
			if err := flags.report.Validate(); err != nil {
				return err
			}
			s, err := flags.system(cmd, args[0])
			if err != nil {
				return err
			}
			return flags.print(f, s, app.Options{})
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags.addFlags(cmd)
	cmd.AddCommand(newGenerate(f), newUpdate(f), newDiff(f), newDetect(f), newInit(f), newImport(f), newSchema(f), newLint(f), newExplain(f))
	return cmd
}

// oneName wants the name of one service.
func oneName(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	const try = "%s catalog --image registry.example.com/catalog:1.0.0 --port 8080"
	return fault.Usagef("expected the name of one service, found %d arguments", len(args)).Try(try, cmd.CommandPath())
}

// outputFlags are those of all that prints objects.
type outputFlags struct {
	report            *cli.ReportFlags
	skipClusterScoped bool
	noVerify          bool
}

func newOutputFlags() outputFlags {
	return outputFlags{report: cli.NewReportFlags("yaml", "json", "name")}
}

func (o *outputFlags) addFlags(cmd *cobra.Command) {
	o.report.AddFlags(cmd.Flags())
	o.addScopeFlag(cmd)
}

func (o *outputFlags) addScopeFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.skipClusterScoped, "skip-cluster-scoped", false, "Leave out the Namespace and the PriorityClass, for those who may not write them")
	cmd.Flags().BoolVar(&o.noVerify, "no-verify", false, "Write what is generated though it fails the generator's own lint")
}

// generate generates, and says on stderr what to know about it.
func (o *outputFlags) generate(f *cli.Factory, s api.System, with app.Options) (app.Set, error) {
	world.ThriftyToGenerate(f.Getenv)
	with.SkipClusterScoped = o.skipClusterScoped
	set, err := app.Generate(s, with)
	if err != nil {
		return app.Set{}, err
	}
	if err := o.verify(s, set.Objects); err != nil {
		return app.Set{}, err
	}
	for _, w := range set.Warnings {
		text := w.Text
		if w.Where != "" {
			text = w.Where + ": " + text
		}
		fmt.Fprintf(f.Streams.ErrOut, "warning: %s\n", render.Sanitise(text))
		if w.Fix != "" {
			fmt.Fprintf(f.Streams.ErrOut, "  %s\n", render.Sanitise(w.Fix))
		}
	}
	return set, nil
}

// print generates and prints.
func (o *outputFlags) print(f *cli.Factory, s api.System, with app.Options) error {
	set, err := o.generate(f, s, with)
	if err != nil {
		return err
	}
	for _, file := range set.Files {
		fmt.Fprintf(f.Streams.ErrOut, "warning: %s is a file, and not among the objects\n  kubectl micro scaffold generate -f micro.yaml --output-dir k8s --layout kustomize\n", file.Path)
	}
	if o.report.Output == "yaml" {
		_, err := f.Streams.Out.Write(app.YAML(set.Objects...))
		return fault.Wrap(fault.Failed, err, "write the objects")
	}
	var out bytes.Buffer
	if err := (render.Objects{Format: o.report.Output, Many: true}).Print(&out, set.Objects...); err != nil {
		return err
	}
	_, err = out.WriteTo(f.Streams.Out)
	return fault.Wrap(fault.Failed, err, "write the objects")
}
