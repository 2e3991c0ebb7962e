// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// doctorFlags are those of "doctor".
type doctorFlags struct {
	world      world.Flags
	all        bool
	report     *cli.ReportFlags
	prometheus telemetry.Connection
	noProbe    bool
	risk       string
}

func newDoctor(f *cli.Factory) *cobra.Command {
	flags := &doctorFlags{report: cli.NewReportFlags("table", "wide", "json", "yaml", "patch"), risk: "review"}
	cmd := &cobra.Command{
		Use:   "doctor [TARGET]",
		Short: "Find out why a service has no metrics, link by link, with the fix",
		Long: cli.Doc(`
			Follow the metrics of a service from the port of its pods to the series in
			Prometheus, and name the first link that is broken, with the corrected YAML.

			The links are the pods, the port they listen on, what they answer there, the
			port of the Service, the monitor that selects it, the Prometheus that takes the
			monitor, what the operator says, the way through network policies and mutual
			TLS, the target, its series, and what the mesh and its labels add.

			A link is "ok", "warning", "broken", "unknown" (it could not be told, and what
			is missing is said) or "not checked". Nothing is written: pods are asked for
			their metrics with one GET through the API server, which takes the right to
			"get pods/proxy"; --no-probe leaves that out.

			With -f, manifests are followed as far as files tell, and no cluster is asked.

			TARGET is "svc/NAME", "deploy/NAME" and so on, or a bare name. Without one, all
			Services of the namespace are examined; those that nobody monitors are listed
			and are no fault.

			The exit code is 0 where every chain is whole, 1 where one is broken, 2 for a
			target that is not there, and 4 where something unknown decides.`),
		Example: cli.Doc(`
			# Why are there no metrics of the cart?
			kubectl micro monitor doctor svc/cart -n shop

			# All Services of the namespace, one line each; then the broken ones in full
			kubectl micro monitor doctor
			kubectl micro monitor doctor -o wide

			# Manifests, before they are applied, and what would mend them
			kubectl micro monitor doctor -f examples/article
			kubectl micro monitor doctor svc/cart -o patch | kubectl apply --server-side -f -

			# Ask a Prometheus that is not found by itself
			kubectl micro monitor doctor svc/cart --prometheus monitoring/prometheus-k8s:web`),
		Args:              checkup.OneTarget,
		ValidArgsFunction: checkup.CompleteTargets(f, &flags.world),
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := flags.start(f, cmd, args)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), run.run)
		},
	}
	flags.world.AddFlags(cmd, "follow")
	flags.report.AddFlags(cmd.Flags())
	flags.prometheus.AddFlags(cmd)
	cmd.Flags().BoolVarP(&flags.all, "all-namespaces", "A", false, "Look at all namespaces")
	cmd.Flags().BoolVar(&flags.noProbe, "no-probe", false, "Do not ask pods for their metrics")
	cli.EnumVar(cmd.Flags(), &flags.risk, "risk", "", "Fixes to print: safe, also those to review, also those that end pods", "review", "safe", "disruptive")
	return cmd
}

// start turns the flags into a run, or says what is wrong with them.
func (f *doctorFlags) start(factory *cli.Factory, cmd *cobra.Command, args []string) (*examination, error) {
	if err := errors.Join(f.report.Validate(), f.world.Validate(), f.prometheus.Validate()); err != nil {
		return nil, err
	}
	x := &examination{flags: f, Factory: factory}
	if len(args) == 1 {
		if f.all {
			return nil, fault.Usagef("-A is for all services, so that %q cannot be named too", args[0])
		}
		x.target = args[0]
	}
	x.asked = cmd.Flag("prometheus").Changed || f.prometheus.Named()
	w, err := world.New(factory, cmd, &f.world, f.all)
	x.world, x.again = w, cli.Repeat(cmd, f.world.Files)
	return x, err
}

// examination is one run.
type examination struct {
	*cli.Factory
	flags  *doctorFlags
	world  *world.World
	target string
	// asked is true where --prometheus was given, and failed is why it could not be
	// asked: that is an error then, and not only a link.
	asked  bool
	failed error
	// again are the flags with which another command sees the same world.
	again string
}

// examined is what a run found.
type examined struct {
	chains     []doctor.Chain
	report     *diagnose.Report
	prometheus string
	// gaps says that documents or objects could not be read: any could be the one
	// that matters.
	gaps bool
}

func (x *examination) run(ctx context.Context) error {
	seen, err := x.see(ctx)
	if err != nil {
		return err
	}
	w := &rules.World{Snapshot: seen.Snapshot, Now: seen.Time, Unread: seen.Unread}
	trace.Unread(x.Factory, seen.Unread)
	subjects, err := x.subjects(w)
	if err != nil {
		return err
	}
	selected := doctorRules()
	report := diagnose.Run(w, diagnose.Request{Rules: selected, Catalog: catalog.Rules(), MinSeverity: finding.Info, Fixes: -1})
	facts, err := x.gather(ctx, w, subjects)
	if err != nil {
		return err
	}
	exam := doctor.Exam{World: w, Engine: reach.New(w.Snapshot, reach.Options{}), Results: report.Results(), Facts: facts}
	found := &examined{report: report, prometheus: facts.Prometheus, gaps: len(seen.Unread) > 0}
	for _, s := range subjects {
		c := exam.Chain(s)
		c.Monitored = c.Monitored || x.target != "" // who names it wants its metrics
		found.chains = append(found.chains, c)
	}
	if err := x.print(found); err != nil {
		return err
	}
	if x.failed != nil {
		return x.failed
	}
	return found.verdict()
}

// doctorRules are the rules that links rest on.
func doctorRules() []*rules.Rule {
	var out []*rules.Rule
	for _, id := range doctor.Rules {
		if r, found := catalog.Rule(id); found {
			out = append(out, r)
		}
	}
	return out
}

// subjects are what is examined: one target, or all there is.
func (x *examination) subjects(w *rules.World) ([]doctor.Subject, error) {
	if x.world.Named {
		if err := x.world.Exists(w.Snapshot); err != nil {
			return nil, err
		}
	}
	if x.target == "" {
		return doctor.Subjects(w, x.world.Namespace), nil
	}
	object, err := checkup.Find(w.Snapshot, x.target, x.world.Namespace)
	if err != nil {
		return nil, err
	}
	out := doctor.SubjectsOf(w, object)
	if len(out) == 0 {
		return nil, fault.Usagef("%s has no metrics of its own", object).Try("name a Service or a workload: svc/NAME | deploy/NAME")
	}
	return out, nil
}

// verdict is the exit code: broken before unknown.
func (found *examined) verdict() error {
	has := func(v doctor.Verdict) bool {
		return slices.ContainsFunc(found.chains, func(c doctor.Chain) bool { return c.Verdict() == v })
	}
	switch {
	case has(doctor.Severed):
		return fault.Silently(fault.Negative)
	case has(doctor.Undecided), found.gaps:
		return fault.Silently(fault.Undecided)
	}
	return nil
}
