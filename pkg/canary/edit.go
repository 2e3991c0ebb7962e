// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

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

// edit collects the changes to one object: one patch carries all of them.
type edit struct {
	object *model.Object
	routes []routeEdit
}

type routeEdit struct {
	traffic.Route
	split split
}

// change is the one patch that carries an object's new weights and its session.
func (e *edit) change(s *model.Snapshot, d Decision, in Intent) (plan.Change, error) {
	running, err := sessionsOf(e.object)
	if err != nil {
		return plan.Change{}, err
	}
	if err := e.claimed(running, d.Target); err != nil {
		return plan.Change{}, err
	}
	session, ours := running.of(d.Target.String())
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
	if len(ops) > 0 && (in.Remember || ours) {
		text, err := running.with(session.next(d, in, records)).encode()
		if err != nil {
			return plan.Change{}, err
		}
		ops = append(ops, annotate(e.object, text)...)
	}
	change, err := plan.New(e.object.Ref, e.object.Raw(), ops, "canary "+Label(d.Pair.Canary)+" gets "+in.Weight.String()+"%")
	change.Rebase = e.rebase(s, d, in)
	return change, err
}

// claimed refuses routes that the running canary of another service has
// written: two ways back for one weight would both be wrong.
func (e *edit) claimed(running sessions, t Target) error {
	for _, other := range running.without(t.String()) {
		for _, r := range e.routes {
			if _, touched := other.touched(fingerprint(r.Route)); touched {
				return fault.Conflictf("%s of %s belongs to the running canary of %s", r.ID(), e.object.Ref, other.Service).
					At(e.object.Where(r.Pointer)).Try("end it first: %s", abortCommand(other.Service))
			}
		}
	}
	return nil
}

// ops are the operations for one route.
func (r routeEdit) ops(pair Pair) ([]patch.Op, error) {
	ops := r.Router.SetWeights(r.Route, r.split.weights)
	if r.split.added == 0 {
		return ops, nil
	}
	like, _ := r.Leg(pair.Stable)
	if len(ops) == 0 {
		ops = r.Guard(like)
	}
	add, err := r.Router.AddLeg(r.Route, like, pair.Canary, r.split.added)
	return append(ops, add...), err
}

// record is what the session remembers of a route: the legs that it wrote. What
// was before the session began stays what it was.
func (r routeEdit) record(pair Pair, before Session) Touched {
	id := fingerprint(r.Route)
	old, _ := before.touched(id)
	out := Touched{At: r.Pointer, ID: id}
	for i, l := range r.Legs {
		w := Wrote{Endpoint: endpoint(l.Backend), Wrote: r.split.weights[i]}
		known, ok := old.leg(l.Backend)
		switch {
		case ok:
			w.Before, w.Added = known.Before, known.Added
		case w.Wrote == l.Weight:
			continue
		case l.Explicit:
			w.Before = &l.Written
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
	}
	if out.Began.IsZero() {
		out.Began = out.Since
	}
	for _, t := range records {
		if len(t.Legs) > 0 {
			out.Routes = append(out.Routes, t)
		}
	}
	for _, old := range s.Routes {
		if !slices.ContainsFunc(records, func(t Touched) bool { return t.ID == old.ID }) {
			out.Routes = append(out.Routes, old)
		}
	}
	return out
}
