// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package canary decides how to shift traffic between two versions of a
// service: which routes are meant, which leg is the canary, what weights give
// it the wanted share, whether that is safe, and how to take it back. It reads
// a model.Snapshot and returns a plan.Plan; it never writes.
package canary

import (
	"errors"
	"slices"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Intent is what the user asked for.
type Intent struct {
	Query
	Choice
	// Weight is the canary's share of each route.
	Weight Percent
	// Rescale allows to multiply a route's weights when its total is too coarse.
	Rescale bool
	// Fix adds what the canary leg lacks: a subset, a DestinationRule.
	Fix bool
	// Remember writes the session. Without it an object that has a session
	// keeps it up to date, but none is begun: a filter over files has no use for
	// times and names in git.
	Remember bool
	// Now is the time of the write; By says who writes: "user@host".
	Now time.Time
	By  string
	Tolerance
}

// Shift is one route's split before and after.
type Shift struct {
	traffic.Route
	// Before and After are the canary's share of the route.
	Before, After Percent
	// StableBefore and StableAfter are the stable leg's.
	StableBefore, StableAfter Percent
}

// Changed reports whether the route's weights change at all.
func (s Shift) Changed() bool { return s.Before != s.After || s.StableBefore != s.StableAfter }

// Skip is a route that is left alone, and why.
type Skip struct {
	traffic.Route
	Why string
}

// Decision is a plan with the reading it stands on.
type Decision struct {
	Target Target
	Pair   Pair
	Shifts []Shift
	Skips  []Skip
	Plan   plan.Plan
	// Checks are the preflight's findings; any Error refuses the plan.
	Checks []Check
}

// Set plans the split that an intent asks for. The decision is returned beside
// a refusal, so that the caller can show what would have been done.
func Set(s *model.Snapshot, in Intent) (Decision, error) {
	if in.Weight < 0 || in.Weight > hundred {
		return Decision{}, fault.Usagef("expected a weight from 0 to 100 percent, found %s", in.Weight)
	}
	all := in.Query
	all.Route = ""
	t, err := Find(s, all)
	if err != nil {
		return Decision{}, err
	}
	// The legs are read from all routes, whichever of them are to change.
	d := Decision{Target: t}
	if d.Pair, err = Read(s, t, in.Choice); err != nil {
		return d, err
	}
	if t, err = narrow(t, in.Route); err != nil {
		return d, err
	}
	d.Target = t
	edits, err := d.divideAll(in)
	if err != nil {
		return d, err
	}
	if len(d.Shifts) == 0 {
		if slices.ContainsFunc(d.Skips, func(s Skip) bool { return s.Why == pickedByHeader }) {
			return d, fault.Usagef("every route of %s with a leg for %s picks its requests by header; such routes are left alone unless named", t, Label(d.Pair.Stable)).
				Try("name one with --route, or split them all with --route all")
		}
		return d, fault.Usagef("no route of %s has a leg for the stable %s", t, Label(d.Pair.Stable)).
			Try("name the legs: kubectl micro canary %s -n %s --stable NAME --canary NAME --weight N", t.Name, t.Namespace)
	}
	fixes := d.preflight(s, in, checks)
	d.Plan.Changes = append(d.Plan.Changes, fixes...)
	var errs []error
	for _, e := range edits {
		change, err := e.change(s, d, in)
		if err != nil {
			errs = append(errs, err)
		} else if !change.Noop() {
			d.Plan.Changes = append(d.Plan.Changes, change)
		}
	}
	return d, errors.Join(append(errs, refusal(d.Checks))...)
}

// divideAll works out the weights of every route of the target that has the
// stable leg, grouped by object in the order of the routes. The error joins
// those of all routes.
func (d *Decision) divideAll(in Intent) ([]*edit, error) {
	var edits []*edit
	var errs []error
	for _, r := range d.Target.Routes {
		if why := d.skip(r, in.Route != ""); why != "" {
			d.Skips = append(d.Skips, Skip{r, why})
			continue
		}
		sp, err := divide(r, d.Pair, in.Weight, in.Rescale)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		d.Shifts = append(d.Shifts, d.shift(r, sp))
		i := slices.IndexFunc(edits, func(e *edit) bool { return e.object == r.Object })
		if i < 0 {
			i = len(edits)
			edits = append(edits, &edit{object: r.Object})
		}
		edits[i].routes = append(edits[i].routes, routeEdit{r, sp})
	}
	return edits, errors.Join(errs...)
}

const pickedByHeader = "it picks its requests by header; name it with --route to split it"

// skip says why a route is not split; empty when it is. A route for chosen
// callers is split only when it is named.
func (d *Decision) skip(r traffic.Route, named bool) string {
	if r.Fixed != "" {
		return r.Fixed
	}
	_, hasStable := r.Leg(d.Pair.Stable)
	_, hasCanary := r.Leg(d.Pair.Canary)
	switch {
	case hasStable && r.ByHeader && !named:
		return pickedByHeader
	case hasStable:
		return ""
	case hasCanary && len(r.Legs) == 1:
		return "it pins its requests to the canary"
	case hasCanary:
		return "it has no leg for " + Label(d.Pair.Stable)
	}
	return "it sends to neither leg"
}

func (d *Decision) shift(r traffic.Route, sp split) Shift {
	before, after := r.Total(), sum(sp.weights)+sp.added
	out := Shift{Route: r, After: ShareOf(sp.added, after)}
	for i, l := range r.Legs {
		switch {
		case l.SameTarget(d.Pair.Canary):
			out.Before, out.After = ShareOf(l.Weight, before), ShareOf(sp.weights[i], after)
		case l.SameTarget(d.Pair.Stable):
			out.StableBefore, out.StableAfter = ShareOf(l.Weight, before), ShareOf(sp.weights[i], after)
		}
	}
	return out
}
