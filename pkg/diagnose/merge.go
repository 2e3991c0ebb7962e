// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Repair is all that is to be done to one object.
type Repair struct {
	// On is the object as it was read; nil for one that is new.
	On *model.Object
	// Change is what is to be written.
	Change plan.Change
	// Of are the findings that are mended, with the titles of their fixes.
	Of []Mended
}

// Mended is one finding and what mends it.
type Mended struct {
	rules.Result
	Title string
	Risk  rules.Risk
	// Patch is what it takes on this object alone; nil where the object is new.
	Patch []patch.Op
}

// Repairs joins the fixes of at most a risk into one change for each object, in
// the order of the causes: of every finding the first fix that was verified. A
// fix is taken whole or not at all: one of which an operation no longer fits
// after the fixes before it is left out, and another diagnosis finds it again.
func (r *Report) Repairs(max rules.Risk) []Repair {
	var out repairs
	for _, c := range r.Causes {
		done := map[*rules.Result]bool{}
		for _, f := range c.Fixes {
			if f.Verified && f.Risk <= max && !done[f.of] {
				done[f.of] = out.take(f)
			}
		}
	}
	return out
}

type repairs []Repair

// take adds a fix; false, and nothing is changed, when one of its edits does not
// fit any more.
func (all *repairs) take(f Fix) bool {
	mended := Mended{Result: *f.of, Title: f.Title, Risk: f.Risk}
	next := slices.Clone(*all)
	for i, e := range f.Edits {
		at := slices.IndexFunc(next, func(r Repair) bool { return r.On == e.On })
		if at < 0 {
			at = len(next)
			next = append(next, Repair{On: e.On, Change: plan.Change{Object: e.On.Ref, Verb: plan.Patch, Before: e.On.Raw(), After: e.On.Raw()}})
		}
		change, err := join(next[at].Change, f.Changes[i])
		if err != nil {
			return false
		}
		mended.Patch = f.Changes[i].Patch
		next[at].Change, next[at].Of = change, append(slices.Clone(next[at].Of), mended)
	}
	mended.Patch = nil
	for _, raw := range f.Creates {
		new := model.FromRaw(raw, f.of.Object.Namespace)
		next = append(next, Repair{Change: plan.Change{Object: new.Ref, Verb: plan.Apply, After: raw, Reason: f.Title}, Of: []Mended{mended}})
	}
	*all = next
	return true
}

// join is a change followed by another one that was computed from the same
// object; the error says that the second does not fit any more.
func join(first, second plan.Change) (plan.Change, error) {
	if _, err := patch.Apply(first.After, second.Patch); err != nil {
		return first, err
	}
	reason := second.Reason
	if first.Reason != "" {
		reason = first.Reason + "; " + second.Reason
	}
	return plan.New(first.Object, first.Before, slices.Concat(first.Patch, second.Patch), reason)
}
