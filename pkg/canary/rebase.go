// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// rebase returns the function that plans the same edit on the object as others
// have left it between our read and our write. Routes are found again by their
// content, shares are reckoned anew (an extra destination may have changed),
// and a weight of ours that is not what the plan read is a conflict.
func (e *edit) rebase(s *model.Snapshot, d Decision, in Intent) func(map[string]any) (plan.Change, error) {
	return func(latest map[string]any) (plan.Change, error) {
		o, err := model.Decode(latest, e.object.Ref.Namespace)
		if err != nil {
			return plan.Change{}, err
		}
		now := located(s, o)
		next := &edit{object: o}
		for _, r := range e.routes {
			route, found := now[fingerprint(r.Route)]
			if !found {
				return plan.Change{}, fault.Conflictf("%s of %s was removed, or its matches were changed, while it was being written", r.ID(), o.Ref).
					At(o.Where(r.Pointer)).Try("look at it, then run the command again: %s", statusCommand(d.Target))
			}
			if err := r.unchanged(route, d); err != nil {
				return plan.Change{}, err
			}
			sp, err := divide(route, d.Pair, in.Weight, in.Rescale)
			if err != nil {
				return plan.Change{}, err
			}
			next.routes = append(next.routes, routeEdit{route, sp})
		}
		return next.change(s, d, in)
	}
}

// unchanged compares the weights that the plan is about with those in the
// latest object. They must be what the plan read, or, all of them, what it
// wants: then an earlier try of ours has got through after all.
func (r routeEdit) unchanged(now traffic.Route, d Decision) error {
	var first error
	done := true
	note := func(at, leaf, was, is string) {
		if first == nil {
			first = fault.Conflictf("expected the weight of %s in %s to be %s as it was read, found %s: another writer changed it", leaf, r.ID(), was, is).
				At(now.Object.Where(at)).Try("look at it, then run the command again: %s", statusCommand(d.Target))
		}
	}
	for i, l := range r.Legs {
		if !l.SameTarget(d.Pair.Stable) && !l.SameTarget(d.Pair.Canary) && r.split.weights[i] == l.Weight {
			continue
		}
		is, found := now.Leg(l.Backend)
		done = done && found && is.Weight == r.split.weights[i]
		if !found {
			note(now.Pointer, Label(l.Backend), written(l), "no such destination")
		} else if is.Explicit != l.Explicit || is.Written != l.Written {
			note(is.Pointer+"/weight", Label(l.Backend), written(l), written(is))
		}
	}
	if r.split.added > 0 {
		is, found := now.Leg(d.Pair.Canary)
		done = done && found && is.Weight == r.split.added
		if found {
			note(is.Pointer, Label(d.Pair.Canary), "absent", written(is))
		}
	}
	if done {
		return nil
	}
	return first
}

// written shows a weight field as it stands in the object.
func written(l traffic.Leg) string {
	if !l.Explicit {
		return "left out"
	}
	return strconv.Itoa(l.Written)
}

// rebaseAbort is rebase for the way back. A session that has moved on since it
// was read belongs to somebody who is at work on it.
func rebaseAbort(s *model.Snapshot, t Target, read Session) func(map[string]any) (plan.Change, error) {
	return func(latest map[string]any) (plan.Change, error) {
		o, err := model.Decode(latest, t.Namespace)
		if err != nil {
			return plan.Change{}, err
		}
		running, err := sessionsOf(o)
		if err != nil {
			return plan.Change{}, err
		}
		session, found := running.of(t.String())
		switch {
		case !found:
			return plan.Change{}, conflict(t, o, annotationPointer, "another writer has ended its session")
		case session.Seq != read.Seq:
			return plan.Change{}, conflict(t, o, annotationPointer,
				"expected write %d of its session, found %d: somebody else is at work on it", read.Seq, session.Seq)
		}
		change, _, err := takeBack(s, t, o, running)
		return change, err
	}
}
