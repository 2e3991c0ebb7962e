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
// the order of the causes: of every finding the first fix that was verified. An
// operation that no longer fits after the ones before it leaves its fix out;
// another diagnosis finds it again.
func (r *Report) Repairs(max rules.Risk) []Repair {
	var out []Repair
	place := func(on *model.Object) *Repair {
		i := slices.IndexFunc(out, func(r Repair) bool { return r.On == on })
		if i < 0 {
			out, i = append(out, Repair{On: on}), len(out)
			out[i].Change = plan.Change{Object: on.Ref, Verb: plan.Patch, Before: on.Raw(), After: on.Raw()}
		}
		return &out[i]
	}
	for _, c := range r.Causes {
		done := map[*rules.Result]bool{}
		for _, f := range c.Fixes {
			if !f.Verified || f.Risk > max || done[f.of] {
				continue
			}
			mended := Mended{Result: *f.of, Title: f.Title, Risk: f.Risk}
			for i, e := range f.Edits {
				on := place(e.On)
				if next, err := join(on.Change, f.Changes[i]); err == nil {
					mended.Patch = f.Changes[i].Patch
					on.Change, on.Of = next, append(on.Of, mended)
					done[f.of] = true
				}
			}
			for _, raw := range f.Creates {
				new := model.FromRaw(raw, c.Object.Namespace)
				out = append(out, Repair{Change: plan.Change{Object: new.Ref, Verb: plan.Apply, After: raw, Reason: f.Title}, Of: []Mended{{Result: *f.of, Title: f.Title, Risk: f.Risk}}})
				done[f.of] = true
			}
		}
	}
	return slices.DeleteFunc(out, func(r Repair) bool { return r.On != nil && len(r.Of) == 0 })
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
