// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Abort plans the end of a session: every leaf that we wrote gets back what it
// had before, the session goes, and all that others changed meanwhile stays. A
// leaf that somebody else has written since is a conflict.
func Abort(s *model.Snapshot, q Query) (Decision, error) {
	t, err := Find(s, q)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Target: t}
	var objects []*model.Object
	for _, r := range t.Routes {
		if !slices.Contains(objects, r.Object) {
			objects = append(objects, r.Object)
		}
	}
	for _, o := range objects {
		session, running, err := sessionOf(o)
		if err != nil {
			return d, err
		}
		if !running || session.Service != t.String() {
			continue
		}
		d.Pair = Pair{Stable: session.Stable.backend(), Canary: session.Canary.backend(), Rule: "the running session says so"}
		change, err := d.takeBack(o, session)
		if err != nil {
			return d, err
		}
		d.Plan.Changes = append(d.Plan.Changes, change)
	}
	if len(d.Plan.Changes) == 0 {
		return d, fault.Usagef("no canary of %s is running: none of its routes carries a session", t).
			Try("to send everything to the stable leg all the same: kubectl micro canary %s -n %s --weight 0", t.Name, t.Namespace)
	}
	return d, nil
}

// takeBack plans the inverse of a session on one object.
func (d *Decision) takeBack(o *model.Object, session Session) (plan.Change, error) {
	var ops []patch.Op
	routes := slices.DeleteFunc(slices.Clone(d.Target.Routes), func(r traffic.Route) bool { return r.Object != o })
	for _, touched := range session.Routes {
		i := slices.IndexFunc(routes, func(r traffic.Route) bool { return r.Pointer == touched.At && fingerprint(r) == touched.ID })
		if i < 0 {
			i = slices.IndexFunc(routes, func(r traffic.Route) bool { return fingerprint(r) == touched.ID })
		}
		if i < 0 {
			return plan.Change{}, conflict(d.Target, o.Where(touched.At),
				"the route that was at %s is gone, or its matches were changed", touched.At)
		}
		back, err := restore(routes[i], touched, d.Target)
		if err != nil {
			return plan.Change{}, err
		}
		ops = append(ops, back...)
		d.Shifts = append(d.Shifts, d.restored(routes[i], touched))
	}
	ops = append(ops, annotate(o, "")...)
	return plan.New(o.Ref, o.Raw(), ops, "canary "+Label(d.Pair.Canary)+" is taken back")
}

// restore returns the operations that give one route's legs what they had.
// Legs of ours are removed last, from the end, so that no index moves before
// it is used.
func restore(r traffic.Route, touched Touched, t Target) (ops []patch.Op, err error) {
	var removals []patch.Op
	for _, l := range slices.Backward(r.Legs) {
		w, ours := touched.leg(l.Backend)
		if !ours {
			continue
		}
		if l.Weight != w.Wrote && !(w.Before != nil && l.Weight == *w.Before) {
			return nil, conflict(t, r.Object.Where(l.Pointer+"/weight"),
				"expected the weight of %s to be %d as we wrote it, found %d: somebody else changed it", Label(l.Backend), w.Wrote, l.Weight)
		}
		if w.Added {
			removals = append(removals, r.Router.RemoveLeg(r, l)...)
			continue
		}
		ops = append(ops, restoreWeight(r, l, w)...)
	}
	return append(ops, removals...), nil
}

func restoreWeight(r traffic.Route, l traffic.Leg, w Wrote) []patch.Op {
	at := l.Pointer + "/weight"
	now, err := patch.Get(r.Object.Raw(), at)
	if err != nil || (w.Before != nil && patch.Equal(now, int64(*w.Before))) {
		return nil
	}
	ops := []patch.Op{{Op: patch.Test, Path: at, Value: now}}
	if w.Before == nil {
		return append(ops, patch.Op{Op: patch.Remove, Path: at})
	}
	return append(ops, patch.Op{Op: patch.Replace, Path: at, Value: int64(*w.Before)})
}

// restored describes the way back for people.
func (d *Decision) restored(r traffic.Route, touched Touched) Shift {
	out := Shift{Route: r}
	total := 0
	before := func(w Wrote) int {
		switch {
		case w.Added:
			return 0
		case w.Before != nil:
			return *w.Before
		case alone(r, touched):
			return 100
		}
		return r.Router.DefaultWeight()
	}
	for _, l := range r.Legs {
		if w, ours := touched.leg(l.Backend); ours {
			total += before(w)
		} else {
			total += l.Weight
		}
	}
	for _, w := range touched.Legs {
		l, _ := r.Leg(w.backend())
		switch {
		case w.backend().SameTarget(d.Pair.Canary):
			out.Before, out.After = ShareOf(l.Weight, r.Total()), ShareOf(before(w), total)
		case w.backend().SameTarget(d.Pair.Stable):
			out.StableBefore, out.StableAfter = ShareOf(l.Weight, r.Total()), ShareOf(before(w), total)
		}
	}
	return out
}

// alone reports whether one leg of a route was there before us: it had everything.
func alone(r traffic.Route, t Touched) bool {
	kept := slices.DeleteFunc(slices.Clone(r.Legs), func(l traffic.Leg) bool {
		w, ours := t.leg(l.Backend)
		return ours && w.Added
	})
	return len(kept) == 1
}

func conflict(t Target, where, format string, args ...any) error {
	return fault.Conflictf("cannot take the canary of %s back: %s", t, fmt.Sprintf(format, args...)).At(where).
		Try("look at it: kubectl micro canary status %s -n %s\nto send everything to the stable leg: kubectl micro canary %s -n %s --weight 0",
			t.Name, t.Namespace, t.Name, t.Namespace)
}
