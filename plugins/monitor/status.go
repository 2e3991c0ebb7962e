// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/status"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// statusFlags are those of the status.
type statusFlags struct {
	goldenFlags
	watch watchFlags
	notes []string
	// silent is why the source that was named did not answer.
	silent error
}

// withStatus makes a command show the status: "monitor" itself does.
func withStatus(f *cli.Factory, cmd *cobra.Command) {
	flags := &statusFlags{}
	flags.report = cli.NewReportFlags("table", "wide", "json", "yaml", "jsonl", "markdown")
	cmd.Long = cli.Doc(`
		Show the workloads of a namespace, one row each: pods that are ready, requests a
		second, success and latency, use against requests and limits, restarts, autoscaler,
		and one short cause of what is wrong.

		Golden signals come from Prometheus, from the sidecars or from files (--source).
		Without any, the rest is shown and a note says so; where --prometheus or --source
		named one that is silent, the exit code is 3. With -f, manifests are looked at and no
		cluster is contacted.`)
	cmd.Example = cli.Doc(`
		# How is everything?
		kubectl micro monitor -n shop

		# All namespaces, for a script
		kubectl micro monitor -A -o json

		# Without a cluster: manifests, and metrics that were saved
		kubectl micro monitor -f manifests/ --source file:before.txt,after.txt`)
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		run, err := flags.start(f, cmd)
		if err != nil {
			return err
		}
		return flags.watch.under(cmd, run, func(ctx context.Context) error { return flags.run(ctx, run) })
	}
	flags.addFlags(cmd, string(signals.Client), string(signals.Server))
	flags.watch.addFlags(cmd)
}

func newStatus(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{Use: "status", Short: "Show all that is known of the workloads of a namespace"}
	withStatus(f, cmd)
	return cmd
}

func (s *statusFlags) run(ctx context.Context, g *golden) error {
	defer g.close()
	if g.world == nil {
		return fault.Failedf("the status is about workloads: expected a cluster or files").Try("kubectl micro monitor stat")
	}
	if s.watch.on {
		return s.watch.status(ctx, g, s)
	}
	rows, err := s.read(ctx, g, points)
	if err != nil && s.silent == nil {
		return err // there are no rows
	}
	if err := s.write(g, rows); err != nil {
		return err
	}
	if s.silent != nil {
		return s.silent
	}
	if !slices.ContainsFunc(rows, func(r status.Row) bool { return r.Ref.GroupKind() != model.Services.GroupKind }) {
		g.note("no workloads%s", in(g.namespace))
	}
	return nil
}

// read asks and looks, and makes rows of it, with trends of so many points. More are
// kinds to look at beside those of the rows. There are rows also with the error of a
// named source that is silent.
func (s *statusFlags) read(ctx context.Context, g *golden, points int, more ...*model.Kind) ([]status.Row, error) {
	var groups []signals.Answer
	var past *history
	s.silent = nil
	q := stat.Question{Names: []stat.Name{{Word: "deploy"}}, Namespace: g.namespace, View: signals.View(g.view), Owner: g.owner}
	err := both(func() error {
		err := g.ready(ctx)
		if err != nil {
			return s.lacking(ctx, g, err)
		}
		q.GRPC = g.feed.Policy
		if groups, err = g.ask(ctx, q); err != nil {
			g.without()
			return s.lacking(ctx, g, err)
		}
		past = remember(ctx, g, q, points)
		return nil
	}, func() error {
		want := statusWant()
		want.Kinds = append(want.Kinds, more...)
		return g.see(ctx, want)
	})
	if err == nil && g.seen == nil {
		err = errors.Join(s.silent, fault.Failedf("the status is about workloads, which nobody knows without the cluster").Try("kubectl micro monitor stat"))
		s.silent = nil
	}
	if err != nil {
		return nil, err
	}
	facts := status.Facts{Namespace: g.namespace, Now: g.Now()}
	if g.feed != nil {
		facts.Groups, facts.Now = s.groups(g, q, groups), g.at
		past = past.fold(q)
		facts.Trend = func(namespace, workload string) []float64 { return past.trend(namespace, workload, "") }
		facts.Throttled = past.throttled(g)
	}
	if !g.seen.Time.IsZero() && (g.feed == nil || g.world.Flags.Snapshot != "") {
		facts.Now = g.seen.Time
	}
	s.gaps(g)
	return status.Rows(g.seen.Snapshot, facts), s.silent
}

// in names a namespace at the end of a sentence.
func in(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in namespace " + namespace
}

// lacking goes on without golden signals also if somebody asked for just these: then
// why is the error of the run, and hides nothing else.
func (s *statusFlags) lacking(ctx context.Context, g *golden, why error) error {
	err := s.without(ctx, g, why)
	if err == nil || ctx.Err() != nil || fault.KindOf(err) == fault.Usage {
		return err
	}
	s.silent = err
	s.notes = append(s.notes, render.Sanitise(flat("no golden signals: "+err.Error())))
	return nil
}

// without goes on without golden signals, unless somebody asked for just these, or
// time ran out.
func (s *statusFlags) without(ctx context.Context, g *golden, err error) error {
	chosen := func(flag string) bool { return flag != "" && flag != telemetry.Auto }
	switch {
	case g.signals.Prometheus == "none" && !chosen(g.signals.Source):
	case fault.KindOf(err) == fault.Undecided: // it answered, and knows no requests
	case ctx.Err() != nil, chosen(g.signals.Source), chosen(g.signals.Prometheus), fault.KindOf(err) == fault.Usage:
		return err
	}
	if s.say(g, "no golden signals: "+err.Error()) && g.signals.Prometheus != "none" {
		g.Hint(err)
	}
	return nil
}

// say is for people on stderr, and for programs in the report. It reports whether
// people had not read it before.
func (s *statusFlags) say(g *golden, text string) bool {
	s.notes = append(s.notes, render.Sanitise(flat(text)))
	return g.note("%s", text)
}

// groups are golden signals by workload.
func (s *statusFlags) groups(g *golden, q stat.Question, answers []signals.Answer) []signals.Group {
	var out []signals.Group
	for _, r := range g.fold(q, answers) {
		out = append(out, *r.Group)
	}
	return out
}

// gaps says what could not be read.
func (s *statusFlags) gaps(g *golden) {
	for _, k := range statusWant().Kinds {
		in := g.namespace
		if !k.Namespaced {
			in = ""
		}
		gap, found := g.seen.Gap(k.GroupKind, in)
		if !found || g.world.Offline() {
			continue
		}
		what := ""
		if k == model.PodMetrics.Kind {
			what = "usage is unknown: "
		}
		s.say(g, what+gap.Reason)
	}
	if g.world.Offline() {
		return
	}
	// A kind that the cluster does not serve is no gap, but here it is missed.
	for _, gap := range g.seen.Gaps() {
		if gap.Kind == model.PodMetrics.GroupKind && gap.Missing {
			s.say(g, "usage is unknown: "+gap.Reason)
		}
	}
	for _, quota := range usage.Quotas(g.seen.Snapshot, g.namespace) {
		if quota.Ratio != nil && *quota.Ratio >= 0.9 {
			s.say(g, "quota "+quota.Ref.Name+in(quota.Ref.Namespace)+": "+quota.Resource+" "+usage.Percent(*quota.Ratio)+" used")
		}
	}
}

// statusWant is what the rows are made of, and no more.
func statusWant() source.Want {
	w := source.Want{
		Kinds: []*model.Kind{
			model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind, model.ReplicaSets.Kind, model.Pods.Kind,
			model.HorizontalPodAutoscalers.Kind, model.ResourceQuotas.Kind, model.Nodes.Kind, model.Events.Kind, model.PodMetrics.Kind,
		},
		Scopes: map[*model.Kind]source.Scope{
			model.ReplicaSets.Kind: {MetadataOnly: true},
			model.Pods.Kind:        {Fields: fields.ParseSelectorOrDie("status.phase!=Succeeded,status.phase!=Failed")},
			model.Events.Kind:      {Fields: fields.OneTermEqualSelector("type", "Warning")},
		},
	}
	w.Kinds = slices.Clip(w.Kinds)
	return w
}
