// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// reporter tells a decision to people: what was understood and noticed on
// stderr, what changes on stdout.
type reporter struct {
	*cli.Factory
	decision canary.Decision
	named    bool
	again    again
}

// reading says which service and which legs were understood, so that a wrong
// guess is seen at once.
func (r reporter) reading() {
	d := r.decision
	if d.Target.Name == "" {
		return
	}
	if !r.named {
		fmt.Fprintf(r.Streams.ErrOut, "using service %s\n", d.Target)
	}
	if d.Pair.Rule != "" {
		fmt.Fprintf(r.Streams.ErrOut, "canary = %s, stable = %s (%s)\n", canary.Label(d.Pair.Canary), canary.Label(d.Pair.Stable), d.Pair.Rule)
	}
}

// checks prints warnings and notes; errors come back as the refusal.
func (r reporter) checks() {
	paint := r.ErrColors()
	for _, c := range r.decision.Checks {
		switch c.Severity {
		case finding.Warning:
			fmt.Fprintf(r.Streams.ErrOut, "%s %s: %s (%s)\n", paint.Yellow("warning:"), c.Where, render.Sanitise(c.Message), c.ID)
		case finding.Info:
			fmt.Fprintf(r.Streams.ErrOut, "note: %s: %s\n", c.Where, render.Sanitise(c.Message))
		}
	}
}

// shifts prints one row for each route.
func (r reporter) shifts(verb string) error {
	d := r.decision
	table := r.Table("ROUTE", "STABLE", "CANARY", "RESULT")
	stable, next := canary.Label(d.Pair.Stable), canary.Label(d.Pair.Canary)
	for _, s := range d.Shifts {
		result := verb
		if !s.Changed() {
			result = "unchanged"
		}
		table.Rows = append(table.Rows, []string{s.Object.Ref.Short() + " " + s.ID(), arrow(stable, s.StableBefore, s.StableAfter), arrow(next, s.Before, s.After), result})
	}
	for _, s := range d.Skips {
		table.Rows = append(table.Rows, []string{s.Object.Ref.Short() + " " + s.ID(), "", "", "left alone: " + s.Why})
	}
	for _, c := range d.Plan.Changes {
		if c.Verb == plan.Apply {
			table.Rows = append(table.Rows, []string{c.Object.Short(), "", "", c.Reason})
		}
	}
	return table.Write(r.Streams.Out)
}

func arrow(label string, before, after canary.Percent) string {
	if before == after {
		return fmt.Sprintf("%s %s%%", label, after)
	}
	return fmt.Sprintf("%s %s%% -> %s%%", label, before, after)
}

// patch prints the exact patch below the table.
func (r reporter) patch() error {
	if r.decision.Plan.Empty() {
		return nil
	}
	fmt.Fprintln(r.Streams.Out)
	for _, c := range r.decision.Plan.Changes {
		if c.Verb == plan.Patch {
			fmt.Fprintf(r.Streams.Out, "%s, %s:\n", c.Object, c.Reason)
			if err := render.Patches(r.Streams.Out, plan.Plan{Changes: []plan.Change{c}}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(r.Streams.Out, "%s, %s:\n", c.Object, c.Reason)
		if err := (render.Objects{Format: "yaml"}).Print(r.Streams.Out, c.After); err != nil {
			return err
		}
	}
	return nil
}

// next says how to go back, while there is something to go back from: a canary
// that has no traffic any more is back already, and the way back might raise it.
func (r reporter) next(abort bool) {
	t := r.decision.Target
	takes := slices.ContainsFunc(r.decision.Shifts, func(s canary.Shift) bool { return s.After > 0 })
	if !abort && takes && !r.decision.Plan.Empty() {
		fmt.Fprintln(r.Streams.ErrOut, r.again.line(fmt.Sprintf("take it back: kubectl micro canary abort %s -n %s", t.Name, t.Namespace)))
	}
}

// partly says what had been written when a plan failed midway.
func (r reporter) partly(outcomes []plan.Outcome) {
	written := false
	for _, out := range outcomes {
		if out.Written {
			written = true
			fmt.Fprintf(r.Streams.ErrOut, "written before that failed: %s\n", out.Object)
		}
	}
	if written {
		r.next(false)
	}
}

// skips notes the routes that a filter passes through, where no table says so.
func (r reporter) skips() {
	for _, s := range r.decision.Skips {
		fmt.Fprintf(r.Streams.ErrOut, "note: %s %s is left alone: %s\n", s.Object.Ref.Short(), s.ID(), render.Sanitise(s.Why))
	}
}
