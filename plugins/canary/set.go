// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"context"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// options is one run of "canary --weight", "canary plan" or "canary abort".
type options struct {
	*cli.Factory
	world
	again   again
	intent  canary.Intent
	print   render.Objects
	write   *cli.WriteFlags
	inPlace bool
	plan    bool
	abort   bool
}

// run reads, decides, and hands the plan to the sink the flags ask for.
func (o *options) run(ctx context.Context) error {
	var d canary.Decision
	var snapshot *model.Snapshot
	err := o.decide(ctx, o.intent.Query, func(s *model.Snapshot) (err error) {
		snapshot = s
		d, err = o.decision(s)
		return err
	})
	report := reporter{Factory: o.Factory, decision: d, named: o.intent.Name != "", again: o.again}
	report.reading()
	report.checks()
	if err != nil {
		o.blame(ctx, d, err)
		return o.again.hints(err)
	}
	o.unread()
	switch {
	case o.write.Diff:
		_, err = o.Factory.Diff().Do(ctx, d.Plan)
		return err
	case o.offline():
		report.skips()
		return o.filter(ctx, snapshot, d)
	}
	return o.apply(ctx, d, report)
}

func (o *options) decision(s *model.Snapshot) (canary.Decision, error) {
	in := o.intent
	if o.offline() && in.Namespace == "" {
		var err error
		if in.Namespace, err = canary.Home(s, in.Query); err != nil {
			return canary.Decision{}, err
		}
	}
	if o.abort {
		return canary.Abort(s, in)
	}
	return canary.Set(s, in)
}

// apply carries the plan out on the cluster, or shows it, and reports.
func (o *options) apply(ctx context.Context, d canary.Decision, report reporter) error {
	dry := o.plan || o.write.DryRun == cli.DryRunClient
	outcomes := preview(d.Plan)
	if !dry {
		step := o.Progress().Start("writing")
		var err error
		sink := cluster.Sink{
			Client: o.client, Manager: o.write.FieldManager,
			DryRun: o.write.DryRun == cli.DryRunServer, Force: o.write.ForceConflicts,
		}
		outcomes, err = sink.Do(ctx, d.Plan)
		step.Done()
		if err != nil {
			report.partly(outcomes)
			o.blame(ctx, d, err)
			return o.again.hints(err)
		}
	}
	if o.print.Format != "" || o.print.Template != "" {
		return o.objects(d, outcomes)
	}
	if err := report.shifts(o.verb(dry)); err != nil {
		return err
	}
	if o.plan {
		return report.patch()
	}
	if !dry && o.write.DryRun == cli.DryRunNone {
		report.next(o.abort)
	}
	return nil
}

// verb says what happened to a route that changes.
func (o *options) verb(dry bool) string {
	switch {
	case o.write.DryRun == cli.DryRunServer && !dry:
		return "shifted (server dry run)"
	case dry && !o.plan:
		return "shifted (dry run)"
	case dry:
		return "would shift"
	}
	return "shifted"
}

// objects prints the objects as they are after the write; without a write, as
// they are now, so that a pipe always gets the route.
func (o *options) objects(d canary.Decision, outcomes []plan.Outcome) error {
	if o.print.Format == render.PatchFormat {
		return o.print.PrintPlan(o.Streams.Out, d.Plan)
	}
	var objects []map[string]any
	for _, out := range outcomes {
		objects = append(objects, out.Result)
	}
	if len(objects) == 0 {
		seen := map[*model.Object]bool{}
		for _, s := range d.Shifts {
			if !seen[s.Object] {
				seen[s.Object] = true
				objects = append(objects, s.Object.Raw())
			}
		}
	}
	return o.print.Print(o.Streams.Out, objects...)
}

// preview is the outcome of a plan that nobody carries out.
func preview(p plan.Plan) []plan.Outcome {
	var out []plan.Outcome
	for _, c := range p.Changes {
		out = append(out, plan.Outcome{Object: c.Object, Result: c.After})
	}
	return out
}
