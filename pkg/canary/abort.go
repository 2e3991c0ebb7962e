// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Abort plans the end of a session: every leaf that we wrote gets back what it
// had before, the session goes, and all that others changed meanwhile stays. A
// leaf that somebody else has written since is a conflict; conflicts of several
// objects are joined. A session is taken back as a whole: Query.Route is
// refused. What was before may be more traffic for the canary than it has now:
// then the canary is checked as for any other raise, and of the intent only the
// query and the tolerance count.
func Abort(s *model.Snapshot, in Intent) (Decision, error) {
	q := in.Query
	if q.Route != "" && q.Route != "all" {
		return Decision{}, fault.Usagef("--route %q: a canary is taken back on all of its routes", q.Route).Try("leave --route out")
	}
	t, err := Find(s, q)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Target: t}
	var errs []error
	for _, o := range objectsOf(t.Routes) {
		running, err := sessionsOf(o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		session, found := running.of(t.String())
		if !found {
			continue
		}
		d.Pair = Pair{Stable: session.Stable.backend(), Canary: session.Canary.backend(), Rule: bySession}
		change, shifts, err := takeBack(s, t, o, running)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		d.Shifts = append(d.Shifts, shifts...)
		d.Plan.Changes = append(d.Plan.Changes, change)
	}
	if len(d.Plan.Changes) == 0 && len(errs) == 0 {
		return d, fault.Usagef("no canary of %s is running: none of its routes carries a session", t).
			Try("to send everything to the stable leg all the same: kubectl micro canary %s -n %s --weight 0", t.Name, t.Namespace)
	}
	return d, errors.Join(append(errs, d.returning(s, in))...)
}

// returning checks a way back that raises the canary, and tells of what stays.
func (d *Decision) returning(s *model.Snapshot, in Intent) error {
	if len(d.Shifts) == 0 {
		return nil
	}
	in.Weight, in.Fix = 0, false
	for _, shift := range d.Shifts {
		in.Weight = max(in.Weight, shift.After)
	}
	d.preflight(s, in, []func(inspection){checkSubsets, checkClientRules, checkReady, checkLeftRule})
	if err := refusal(d.Checks); err != nil {
		return errors.Join(err, fault.Refusedf("what was before gives %s more traffic than it has now", Label(d.Pair.Canary)).
			Try("kubectl micro canary %s -n %s --weight 0", d.Target.Name, d.Target.Namespace))
	}
	return nil
}

// objectsOf returns the objects that hold routes, each once and in their order.
func objectsOf(routes []traffic.Route) []*model.Object {
	var out []*model.Object
	for _, r := range routes {
		if !slices.Contains(out, r.Object) {
			out = append(out, r.Object)
		}
	}
	return out
}

// takeBack plans the inverse of a target's session on one object.
func takeBack(s *model.Snapshot, t Target, o *model.Object, running sessions) (plan.Change, []Shift, error) {
	session, _ := running.of(t.String())
	routes := located(s, o)
	var ops []patch.Op
	var shifts []Shift
	for _, touched := range session.Routes {
		r, found := routes[touched.ID]
		if !found {
			return plan.Change{}, nil, conflict(t, o, touched.At,
				"the route that was at %s is gone, or its matches were changed", touched.At)
		}
		back, err := restore(r, touched, t)
		if err != nil {
			return plan.Change{}, nil, err
		}
		ops = append(ops, back...)
		shifts = append(shifts, restored(r, touched, session))
	}
	rest, err := running.without(t.String()).encode()
	if err != nil {
		return plan.Change{}, nil, err
	}
	ops = append(ops, annotate(o, rest)...)
	change, err := plan.New(o.Ref, o.Raw(), ops, "canary "+Label(session.Canary.backend())+" is taken back")
	change.Rebase = rebaseAbort(s, t, session)
	return change, shifts, err
}

// restore returns the operations that give one route's legs what they had. A
// leg of ours is removed last, so that no index moves before it is used.
func restore(r traffic.Route, touched Touched, t Target) (ops []patch.Op, err error) {
	var removals []patch.Op
	for _, w := range touched.Legs {
		l, found := r.Leg(w.backend())
		switch {
		case !found && w.Added:
			continue // somebody has done that part already
		case !found:
			return nil, conflict(t, r.Object, r.Pointer, "the destination %s is gone from %s", Label(w.backend()), r.ID())
		case !w.holds(r, l):
			return nil, conflict(t, r.Object, l.Pointer+"/weight",
				"expected the weight of %s to be %d as we wrote it, found %s: somebody else changed it", Label(l.Backend), w.Wrote, written(l))
		case w.Added:
			removals = append(removals, r.Router.RemoveLeg(r, l)...)
		default:
			ops = append(ops, w.putBack(r, l)...)
		}
	}
	return append(ops, removals...), nil
}

// holds reports whether a leg's weight is what we wrote, or is back at what it
// was before. A weight of 0 may have been dropped on the way: Istio's Go types
// leave zeros out.
func (w Wrote) holds(r traffic.Route, l traffic.Leg) bool {
	if !l.Explicit {
		return w.Before == nil || w.Wrote == r.Router.DefaultWeight()
	}
	return l.Written == w.Wrote || (w.Before != nil && l.Written == *w.Before)
}

func (w Wrote) putBack(r traffic.Route, l traffic.Leg) []patch.Op {
	op := patch.Op{Path: l.Pointer + "/weight"}
	switch {
	case w.Before == nil && !l.Explicit, w.Before != nil && l.Explicit && l.Written == *w.Before:
		return nil
	case w.Before == nil:
		op.Op = patch.Remove
	case l.Explicit:
		op.Op, op.Value = patch.Replace, int64(*w.Before)
	default:
		op.Op, op.Value = patch.Add, int64(*w.Before)
	}
	return append(r.Guard(l), op)
}

// restored describes the way back for people.
func restored(r traffic.Route, touched Touched, session Session) Shift {
	after := r
	after.Legs = nil
	for _, l := range r.Legs {
		w, ours := touched.leg(l.Backend)
		switch {
		case ours && w.Added:
			continue
		case ours && w.Before != nil:
			l.Weight = *w.Before
		case ours:
			l.Weight = r.Router.DefaultWeight()
		}
		after.Legs = append(after.Legs, l)
	}
	if len(after.Legs) == 1 && after.Legs[0].Weight == 0 { // alone, it gets everything
		after.Legs[0].Weight = 1
	}
	share := func(r traffic.Route, e Endpoint) Percent {
		l, _ := r.Leg(e.backend())
		return ShareOf(l.Weight, r.Total())
	}
	return Shift{
		Route: r, Before: share(r, session.Canary), After: share(after, session.Canary),
		StableBefore: share(r, session.Stable), StableAfter: share(after, session.Stable),
	}
}

// conflict is a leaf of ours that is not ours any more. The session stays until
// somebody decides.
func conflict(t Target, o *model.Object, at, format string, args ...any) error {
	return fault.Conflictf("cannot take the canary of %s back: %s", t, fmt.Sprintf(format, args...)).At(o.Where(at)).
		Try("look at it: %s\nto send everything to the stable leg: kubectl micro canary %s -n %s --weight 0\n"+
			"to keep it as it is and forget the session: %s", statusCommand(t), t.Name, t.Namespace, forgetCommand(o))
}

// forgetCommand removes the sessions of an object without a change of weights.
func forgetCommand(o *model.Object) string {
	return fmt.Sprintf("kubectl annotate -n %s %s %s-", o.Ref.Namespace, o.Ref.Short(), Annotation)
}

func statusCommand(t Target) string {
	return "kubectl micro canary status " + t.Name + " -n " + t.Namespace
}

// abortCommand is the command that ends the session of "namespace/name".
func abortCommand(service string) string {
	namespace, name, _ := strings.Cut(service, "/")
	return "kubectl micro canary abort " + name + " -n " + namespace
}
