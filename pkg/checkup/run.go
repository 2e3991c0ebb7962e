// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package checkup runs rules over a world and tells what they find, for every
// command that does: flags, the target, suppressions and baselines, fixes, log
// tails, the report and the exit code. Commands differ in the rules they run.
package checkup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
)

// fixesOnScreen is how many causes get fixes where no more are shown: trying
// fixes costs another run of the rules.
const fixesOnScreen = 12

// options are what a diagnosis needs.
type options struct {
	*cli.Factory
	flags    *Flags
	world    *reading
	rules    []*rules.Rule
	selector labels.Selector
	target   *target
}

// diagnosis is a report with the World it is about.
type diagnosis struct {
	*diagnose.Report
	world *rules.World
	scope diagnose.Scope
	// gone are the findings that an overlay mends.
	gone []rules.Result
}

// Run checks a world: args hold at most one target.
func (f *Flags) Run(factory *cli.Factory, cmd *cobra.Command, args []string) error {
	o, err := f.options(factory, cmd, args)
	if err != nil {
		return err
	}
	return f.World.Timeout.Run(cmd.Context(), o.run)
}

func (o *options) run(ctx context.Context) error {
	o.world.managed = o.flags.report.Output == patchFormat
	found, err := o.diagnose(ctx)
	if err != nil {
		return err
	}
	var unwritten error
	if o.flags.write {
		if found, unwritten = o.repairFiles(ctx, found); found == nil {
			return unwritten
		}
	}
	o.tails(ctx, found)
	for _, err := range o.untold(found.world) {
		fmt.Fprintf(o.Streams.ErrOut, "not read: %s\n", render.Sanitise(err.Error()))
	}
	if err := errors.Join(o.print(found), unwritten); err != nil {
		return err
	}
	return o.verdict(found)
}

// diagnose reads the world and runs the rules.
func (o *options) diagnose(ctx context.Context) (*diagnosis, error) {
	waivers, err := o.waivers()
	if err != nil {
		return nil, err
	}
	if err := o.aim(ctx); err != nil {
		return nil, err
	}
	w, target, err := o.see(ctx)
	if err != nil {
		return nil, err
	}
	q := diagnose.Request{
		Rules: o.rules, Catalog: catalog.Rules(), MinSeverity: severities[o.flags.minSeverity], Fixes: -1,
		Scope: diagnose.Scope{Namespace: o.world.Namespace, Target: target, Selector: o.selector},
	}
	if o.flags.report.Output == report.Default && o.flags.show == showCauses && !o.flags.write {
		q.Fixes = fixesOnScreen
	}
	if o.flags.World.Overlay {
		return o.compare(ctx, w, q, waivers)
	}
	return &diagnosis{Report: diagnose.Run(w, waivers.over(w, q)), world: w, scope: q.Scope}, nil
}

// compare diagnoses the cluster with the manifests over it, without what is
// found in the cluster as it is.
func (o *options) compare(ctx context.Context, live *rules.World, q diagnose.Request, waivers *waivers) (*diagnosis, error) {
	asIs := waivers.over(live, q)
	asIs.Fixes = 0
	before := diagnose.Run(live, asIs)
	after, err := o.world.overlaid(ctx, live)
	if err != nil {
		return nil, err
	}
	known := fingerprints(before.Results())
	q = waivers.over(after, q)
	keep := q.Keep
	q.Keep = func(r rules.Result) (*diagnose.Waiver, bool) {
		waiver, kept := keep(r)
		if known[r.Fingerprint()] {
			return &diagnose.Waiver{By: asItIs}, false
		}
		return waiver, kept
	}
	out := &diagnosis{Report: diagnose.Run(after, q), world: after, scope: q.Scope}
	left := fingerprints(out.Results())
	waived := out.Waived[:0]
	for _, x := range out.Waived {
		left[x.Fingerprint()] = true
		if x.By != asItIs {
			waived = append(waived, x)
		}
	}
	out.Waived = waived
	for _, r := range before.Results() {
		if !left[r.Fingerprint()] {
			out.gone = append(out.gone, r)
		}
	}
	return out, nil
}

// asItIs marks what is found without the overlay too.
const asItIs = "the cluster as it is"

func fingerprints(results []rules.Result) map[string]bool {
	out := map[string]bool{}
	for _, r := range results {
		out[r.Fingerprint()] = true
	}
	return out
}

// print writes the report, and what there is to say about it on stderr.
func (o *options) print(found *diagnosis) error {
	if o.flags.report.Output == patchFormat {
		return o.patches(found)
	}
	d := o.api(found)
	err := report.Render(o.Streams.Out, o.flags.report.Output, &d, report.Options{
		Palette: o.Colors(), Width: o.Streams.TableWidth(), All: o.flags.show == showAll, Version: o.Build.Version,
		Notes: o.flags.failOn == severityInfo, Asked: o.flags.defaults.Asked,
	})
	if err != nil {
		return err
	}
	people := o.flags.report.Output == report.Default || o.flags.report.Output == "wide"
	if people {
		o.summary(&d, found.world.Snapshot)
	}
	if n := found.Hidden; n > 0 && (people || o.lenient()) {
		fmt.Fprintf(o.Streams.ErrOut, "%s less severe than %s left out\n", cli.Plural(n, "finding"), o.flags.minSeverity)
	}
	return nil
}

// lenient reports whether --min-severity leaves out, and lets pass, what
// --fail-on would have failed for.
func (o *options) lenient() bool {
	return o.flags.failOn != failNever && severities[o.flags.minSeverity] > severities[o.flags.failOn]
}

// api is the report in the shape that is printed.
func (o *options) api(found *diagnosis) api.Diagnosis {
	d := found.API(found.world)
	d.Scope = api.DiagnosisScope{Source: o.world.Name(), Namespace: o.world.Namespace, Selector: o.flags.scope.Selector}
	if t := found.scope.Target; t != nil {
		d.Scope.Target = t.String()
	}
	d.Gone = diagnose.Findings(found.gone)
	d.Skipped = o.skipped(found.world.Snapshot)
	d.Summary.Partial = len(d.Skipped) > 0
	if n, bytes, asked := o.world.Requests(); asked {
		d.Summary.Requests, d.Summary.Bytes = &n, &bytes
	}
	return d
}

// skipped lists the kinds that could not be read and matter to a rule.
func (o *options) skipped(s *model.Snapshot) []api.Skipped {
	var out []api.Skipped
	for _, g := range s.Gaps() {
		ids := needing(o.rules, g.Kind)
		if !covers(g) || len(ids) == 0 {
			continue
		}
		one := api.Skipped{Kind: g.Kind.String(), Namespace: g.Namespace, Reason: g.Reason, Rules: ids}
		if k, known := model.KindFor(g.Kind); known {
			one.Needs = "list " + k.Resource
			if k.Group != "" {
				one.Needs += "." + k.Group
			}
			if g.Namespace != "" {
				one.Needs += " in namespace " + g.Namespace
			}
		}
		out = append(out, one)
	}
	return out
}

// untold is what could not be read, where the rule that tells it was not asked for.
func (o *options) untold(w *rules.World) []error {
	if slices.ContainsFunc(o.rules, func(r *rules.Rule) bool { return r.ID == diagnose.Unreadable }) {
		return nil
	}
	return w.Unread
}

// verdict is the exit code: the same for every format.
func (o *options) verdict(found *diagnosis) error {
	if o.flags.failOn != failNever {
		fails := func(r rules.Result) bool {
			return r.Severity >= severities[o.flags.failOn] && (o.flags.defaults.Fails == nil || o.flags.defaults.Fails(r))
		}
		if slices.ContainsFunc(found.Results(), fails) {
			return fault.Silently(fault.Negative)
		}
	}
	if untold := o.untold(found.world); len(untold) > 0 && (o.flags.strict || len(found.world.Objects()) == 0) {
		return fault.Failedf("%s could not be read", cli.Plural(len(untold), "document")).Try("mend it first: kubectl micro diagnose")
	}
	if skipped := o.skipped(found.world.Snapshot); o.flags.strict && len(skipped) > 0 {
		return fault.Failedf("%s could not be looked at", cli.Plural(len(skipped), "kind")).Try("leave --strict out to go by what could")
	}
	return nil
}
