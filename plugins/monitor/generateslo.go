// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

// ruleFormat is who reads rules.
type ruleFormat string

const (
	forOperator   ruleFormat = "operator"
	forPrometheus ruleFormat = "prometheus"
)

// sloFlags are those of "generate slo".
type sloFlags struct {
	generateFlags
	spec    api.ObjectiveSpec
	meta    api.ObjectiveMeta
	target  string
	minimum int32
	few     int32
	// file is --objective, labels those by which a Prometheus takes the rules.
	file   string
	format ruleFormat
	labels map[string]string
}

func newGenerateSLO(f *cli.Factory) *cobra.Command {
	flags := &sloFlags{format: forOperator}
	cmd := &cobra.Command{
		Use:   "slo svc/NAME --target SHARE | slo --objective FILE",
		Short: "Write recording rules and burn-rate alerts for an objective, with a test that proves them",
		Long: cli.Doc(`
			Write the rules of a service level objective: requests and errors counted over the
			windows of Google's Site Reliability Workbook, and alerts when the error budget
			burns too fast. Budgets are made of counts, so that a busy hour weighs more than a
			quiet one; a service without failures, without requests, and one whose counters
			begin again are right; in a mesh each call is counted once.

			With --output-dir, the rules are written as a file of Prometheus too, and beside it a test
			for "promtool test rules" whose expectations were counted and not computed.

			An objective is said by flags, or in a file of kind Objective (--objective). A
			latency has to be a bound of the histogram's buckets: those in between are guesses.`),
		Example: `
			# 99.9 % of the requests do not fail
			kubectl micro monitor generate slo svc/user-service -n shop --target 99.9

			# 99 % take at most half a second, in weeks, for Prometheus without the operator
			kubectl micro monitor generate slo svc/user-service -n shop --target 99 --latency 500ms --period 7d --format prometheus

			# Rules, and the test that proves them
			kubectl micro monitor generate slo svc/user-service -n shop --target 99.9 --output-dir slo
			promtool test rules slo/user-service-availability.test.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if flags.file != "" && len(args) == 0 {
				return nil
			}
			if flags.file != "" {
				return fault.Usagef("a file of --objective names its services: expected no other, found %q", args)
			}
			return oneService(cmd, args)
		},
		ValidArgsFunction: completeTarget(f, &flags.world, "svc"),
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, cmd, g, args) })
		},
	}
	flags.addFlags(cmd)
	return cmd
}

func (s *sloFlags) addFlags(cmd *cobra.Command) {
	s.generateFlags.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&s.file, "objective", "", "File with the objectives (\"-\" is standard input)")
	_ = cobra.MarkFlagFilename(flags, "objective", "yaml", "yml", "json")
	flags.StringVar(&s.target, "target", "", "Share of the requests that go well: 99.9, 99.9% or 0.999")
	cli.Offer(flags, "target", "99", "99.5", "99.9", "99.95", "99.99")
	flags.StringVar(&s.spec.Period, "period", "30d", "Time that the budget is for, in days or weeks")
	cli.Offer(flags, "period", "7d", "28d", "30d", "4w")
	flags.StringVar(&s.spec.Latency, "latency", "", "How long a request may take, instead of whether it fails; a bound of the buckets")
	flags.StringSliceVar(&s.spec.Buckets, "buckets", nil, "Upper bounds of the histogram in seconds, where they are not the default ones")
	flags.StringVar(&s.spec.Profile, "profile", "", "How requests are counted: istio, http, grpc, spring or otel; found by whether pods have proxies if empty")
	cli.Offer(flags, "profile", slo.Profiles()...)
	flags.StringVar(&s.spec.Metric, "metric", "", "Counter of the requests where the profile knows several")
	flags.StringVar(&s.spec.View, "view", "client", "Whose experience counts in a mesh: client or server")
	cli.Offer(flags, "view", "client", "server")
	flags.StringVar(&s.spec.GRPCErrors, "grpc-errors", "server", "gRPC statuses that are failures: server, all, or a list")
	cli.Offer(flags, "grpc-errors", "server", "all")
	cli.Written(flags, "profile", "view", "grpc-errors")
	flags.StringToStringVar(&s.spec.Selector, "selector", nil, "Labels of the series of the service, instead of namespace and service")
	flags.StringVar(&s.meta.Name, "name", "", "Name of the objective; SERVICE-availability or SERVICE-latency if empty")
	flags.StringToStringVar(&s.meta.Labels, "alert-label", nil, "Labels of the alerts")
	flags.StringToStringVar(&s.labels, "label", nil, "Labels for a Prometheus to take the rules; those that the ones of the cluster ask for if empty")
	flags.Int32Var(&s.minimum, "minimum-events", 10, "Errors in the long window that an alert takes at least")
	flags.Int32Var(&s.few, "low-traffic", 3, "Errors in six hours that tell of a service which is hardly called; 0 leaves the alert out")
	flags.BoolVar(&s.spec.Quiet, "quiet", false, "Hours without a request are nothing to tell of")
	flags.StringVar(&s.spec.Runbook, "runbook", "", "URL of what to do, for the alerts")
	cli.EnumVar(flags, &s.format, "format", "", "Who reads the rules", forOperator, forPrometheus)
}

// run makes the rules. A file of objectives needs no world but for the labels by which
// a Prometheus selects.
func (s *sloFlags) run(ctx context.Context, cmd *cobra.Command, g *generation, args []string) error {
	if s.file != "" {
		return s.ofFile(ctx, cmd, g)
	}
	if s.target == "" {
		return fault.Usagef("expected the share of the requests that is to go well, found no --target").Try("--target 99.9")
	}
	t, err := g.target(ctx, args[0])
	if err != nil {
		return err
	}
	if t.Service.Value == nil {
		return fault.Usagef("expected a Service in front of %s, found none: requests are counted by Service", args[0])
	}
	s.spec.Service, s.spec.Target, s.spec.MinimumEvents, s.spec.LowTraffic = t.Service.Ref.Name, s.target, &s.minimum, &s.few
	if s.spec.Profile == "" {
		s.spec.Profile = t.Profile()
		g.note("requests are counted as profile %s does: say another with --profile", s.spec.Profile)
	}
	if s.spec.Profile != "grpc" && s.spec.Profile != "istio" && !cmd.Flags().Changed("grpc-errors") {
		s.spec.GRPCErrors = ""
	}
	o, err := slo.New(api.Objective{Metadata: s.meta, Spec: s.spec}, t.Namespace)
	if err != nil {
		return err
	}
	return s.write(g, t.Snapshot, []slo.Objective{o})
}

func (s *sloFlags) ofFile(ctx context.Context, cmd *cobra.Command, g *generation) error {
	for _, flag := range []string{"target", "period", "latency", "buckets", "profile", "metric", "view", "grpc-errors", "selector", "name", "alert-label", "minimum-events", "low-traffic", "quiet", "runbook"} {
		if cmd.Flags().Changed(flag) {
			return fault.Usagef("--%s is said in the file of --objective: expected one of them", flag)
		}
	}
	data, err := s.read(g)
	if err != nil {
		return err
	}
	namespace := g.world.Namespace
	all, err := slo.Read(s.file, data, namespace)
	if err != nil {
		return err
	}
	if len(s.labels) > 0 || s.format == forPrometheus {
		return s.write(g, nil, all)
	}
	seen, err := g.see(ctx)
	if err != nil {
		return err
	}
	return s.write(g, seen.Snapshot, all)
}

func (s *sloFlags) read(g *generation) ([]byte, error) {
	from := g.Streams.In
	if s.file != "-" {
		opened, err := os.Open(s.file)
		if err != nil {
			return nil, fault.Wrap(fault.Failed, err, "read the objectives")
		}
		defer opened.Close()
		from = opened
	}
	data, err := io.ReadAll(io.LimitReader(from, manifest.MaxSize+1))
	return data, fault.Wrap(fault.Failed, err, "read %s", s.file)
}

// write prints the rules in their format, or writes them with what proves them.
func (s *sloFlags) write(g *generation, snapshot *model.Snapshot, all []slo.Objective) error {
	var drafts []observe.Draft
	var files []generatedFile
	for _, o := range all {
		for _, n := range o.Notes {
			g.note("%s: %s", o.Name, n)
		}
		rules, test := o.Name+".rules.yaml", o.Name+".test.yaml"
		if s.format == forOperator {
			d := observe.Draft{Object: o.Object(s.labels)}
			if snapshot != nil {
				d.Admit(snapshot, s.labels)
			}
			drafts = append(drafts, d)
			files = append(files, generatedFile{o.Name + ".prometheusrule.yaml", manifestOf([]observe.Draft{d})})
		}
		files = append(files, generatedFile{rules, app.YAML(slo.Groups(o))}, generatedFile{test, app.YAML(slo.UnitTest(rules, o))})
	}
	switch {
	case g.dir != "":
		g.remind(drafts)
		return g.finish(files...)
	case s.format == forPrometheus:
		return g.finish(generatedFile{"", app.YAML(slo.Groups(all...))})
	}
	return g.drafted("", drafts...)
}
