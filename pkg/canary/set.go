// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package canary decides how to shift traffic between two versions of a
// service: which routes are meant, which leg is the canary, what weights give
// it the wanted share, whether that is safe, and how to take it back. It reads
// a model.Snapshot and returns a plan.Plan; it never writes.
package canary

import (
	"slices"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
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
	t, err := Find(s, in.Query)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Target: t}
	if d.Pair, err = Read(s, t, in.Choice); err != nil {
		return d, err
	}
	edits, err := d.divideAll(in)
	if err != nil {
		return d, err
	}
	if len(d.Shifts) == 0 {
		return d, fault.Usagef("no route of %s has a leg for the stable %s", t, Label(d.Pair.Stable)).
			Try("name the legs: kubectl micro canary %s -n %s --stable NAME --canary NAME --weight N", t.Name, t.Namespace)
	}
	fixes := d.preflight(s, in)
	d.Plan.Changes = append(d.Plan.Changes, fixes...)
	for _, e := range edits {
		change, err := e.change(d, in)
		if err != nil {
			return d, err
		}
		if !change.Noop() {
			d.Plan.Changes = append(d.Plan.Changes, change)
		}
	}
	return d, refusal(d.Checks, in.Tolerance)
}

// edit collects the changes to one object: one patch carries all of them.
type edit struct {
	object *model.Object
	routes []routeEdit
}

type routeEdit struct {
	traffic.Route
	split split
}

// divideAll works out the weights of every route of the target that has the
// stable leg, grouped by object in the order of the routes.
func (d *Decision) divideAll(in Intent) ([]*edit, error) {
	var edits []*edit
	for _, r := range d.Target.Routes {
		if why := d.skip(r); why != "" {
			d.Skips = append(d.Skips, Skip{r, why})
			continue
		}
		sp, err := divide(r, d.Pair, in.Weight, in.Rescale)
		if err != nil {
			return nil, err
		}
		d.Shifts = append(d.Shifts, d.shift(r, sp))
		i := slices.IndexFunc(edits, func(e *edit) bool { return e.object == r.Object })
		if i < 0 {
			i = len(edits)
			edits = append(edits, &edit{object: r.Object})
		}
		edits[i].routes = append(edits[i].routes, routeEdit{r, sp})
	}
	return edits, nil
}

// skip says why a route is not split; empty when it is.
func (d *Decision) skip(r traffic.Route) string {
	if r.Fixed != "" {
		return r.Fixed
	}
	_, hasStable := r.Leg(d.Pair.Stable)
	_, hasCanary := r.Leg(d.Pair.Canary)
	switch {
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
	after := sp.added
	for _, w := range sp.weights {
		after += w
	}
	out := Shift{Route: r, After: ShareOf(sp.added, after)}
	for i, l := range r.Legs {
		switch {
		case l.SameTarget(d.Pair.Canary):
			out.Before, out.After = ShareOf(l.Weight, r.Total()), ShareOf(sp.weights[i], after)
		case l.SameTarget(d.Pair.Stable):
			out.StableBefore, out.StableAfter = ShareOf(l.Weight, r.Total()), ShareOf(sp.weights[i], after)
		}
	}
	return out
}

// change is the one patch that carries an object's new weights and its session.
func (e *edit) change(d Decision, in Intent) (plan.Change, error) {
	session, running, err := sessionOf(e.object)
	if err != nil {
		return plan.Change{}, err
	}
	var ops []patch.Op
	var records []Touched
	for _, r := range e.routes {
		weights, err := r.ops(d.Pair)
		if err != nil {
			return plan.Change{}, err
		}
		ops = append(ops, weights...)
		records = append(records, r.record(d.Pair, session))
	}
	if len(ops) > 0 && (in.Remember || running) {
		text, err := session.next(d, in, records).encode()
		if err != nil {
			return plan.Change{}, err
		}
		ops = append(ops, annotate(e.object, text)...)
	}
	return plan.New(e.object.Ref, e.object.Raw(), ops, "canary "+Label(d.Pair.Canary)+" gets "+in.Weight.String()+"%")
}

// ops are the operations for one route.
func (r routeEdit) ops(pair Pair) ([]patch.Op, error) {
	ops := r.Router.SetWeights(r.Route, r.split.weights)
	if r.split.added == 0 {
		return ops, nil
	}
	like, _ := r.Leg(pair.Stable)
	add, err := r.Router.AddLeg(r.Route, like, pair.Canary, r.split.added)
	return append(ops, add...), err
}

// record is what the session remembers of a route: the legs that it wrote. What
// was before the session began stays what it was.
func (r routeEdit) record(pair Pair, before Session) Touched {
	old, _ := before.touched(r.Route)
	out := Touched{At: r.Pointer, ID: fingerprint(r.Route)}
	for i, l := range r.Legs {
		w := Wrote{Endpoint: endpoint(l.Backend), Wrote: r.split.weights[i]}
		known, ok := old.leg(l.Backend)
		switch {
		case ok:
			w.Before, w.Added = known.Before, known.Added
		case w.Wrote == l.Weight:
			continue
		case l.Explicit:
			w.Before = &l.Weight
		}
		out.Legs = append(out.Legs, w)
	}
	if r.split.added > 0 {
		out.Legs = append(out.Legs, Wrote{Endpoint: endpoint(pair.Canary), Wrote: r.split.added, Added: true})
	}
	return out
}

// next is the session after this write. Routes that this write leaves alone
// stay in it.
func (s Session) next(d Decision, in Intent, records []Touched) Session {
	out := Session{
		Version: 1, Service: d.Target.String(), Stable: endpoint(d.Pair.Stable), Canary: endpoint(d.Pair.Canary),
		Weight: in.Weight.String(), Began: s.Began, Since: in.Now.UTC().Truncate(time.Second), Seq: s.Seq + 1, By: in.By,
		Routes: records,
	}
	if out.Began.IsZero() {
		out.Began = out.Since
	}
	for _, old := range s.Routes {
		if !slices.ContainsFunc(records, func(t Touched) bool { return t.ID == old.ID }) {
			out.Routes = append(out.Routes, old)
		}
	}
	return out
}
