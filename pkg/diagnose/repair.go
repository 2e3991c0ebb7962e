// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"reflect"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// maxTrials bounds how often the rules run again because fixes that were tried
// together did not all work out.
const maxTrials = 100

// Fix is a remedy for a cause. One with changes was tried: laid over what was
// read, its finding goes and no new error comes. A command cannot be tried.
type Fix struct {
	rules.Fix
	// Changes are the edits with tests on what was read.
	Changes []plan.Change
	// Verified is false for commands.
	Verified bool

	of *rules.Result // what it mends: the cause, or a finding that was merged into it
}

// candidate is a fix that has to be tried.
type candidate struct {
	cause *Cause
	found rules.Result
	fix   Fix
	// edited are the objects as the fix leaves them.
	edited []*model.Object
}

// trial tries fixes on a World.
type trial struct {
	world *rules.World
	rules []*rules.Rule
	// before counts the findings by fingerprint; errors are those among them.
	before, errors map[string]int
	left           int
}

// mend gives the causes their fixes. The fixes of all causes are tried together
// first, one option of each after the other; only where that fails is each
// tried alone.
func mend(w *rules.World, all []*rules.Rule, causes []*Cause) {
	options := proposals(w, causes)
	if len(options) == 0 {
		return
	}
	t := trial{world: w, rules: all, left: maxTrials}
	t.before, t.errors = t.run(w)
	for _, batch := range options {
		var tries []candidate
		for _, c := range batch {
			if len(c.fix.Edits)+len(c.fix.Creates) == 0 {
				c.cause.offer(c.fix)
			} else if c.prepare() {
				tries = append(tries, c)
			}
		}
		for _, c := range t.sound(tries) {
			c.fix.Verified = true
			c.cause.offer(c.fix)
		}
	}
}

// offer takes a fix in, unless another finding of the cause has brought the same.
func (c *Cause) offer(fix Fix) {
	for _, f := range c.Fixes {
		if reflect.DeepEqual(f.Edits, fix.Edits) && reflect.DeepEqual(f.Creates, fix.Creates) && f.Command == fix.Command {
			return
		}
	}
	c.Fixes = append(c.Fixes, fix)
}

// proposals lists the fixes of causes and of the findings that were merged into
// them: first the first option of every finding, then the second ones.
func proposals(w *rules.World, causes []*Cause) [][]candidate {
	var out [][]candidate
	for _, c := range causes {
		for _, r := range append([]rules.Result{c.Result}, c.Explains...) {
			if r.Rule.Repair == nil || (r.Rule != c.Rule && len(c.Fixes) > 0) {
				continue
			}
			for i, fix := range r.Rule.Repair(w, r) {
				for len(out) <= i {
					out = append(out, nil)
				}
				out[i] = append(out[i], candidate{cause: c, found: r, fix: Fix{Fix: fix, of: &r}})
			}
		}
	}
	return out
}

// prepare computes the objects after the fix; false when an operation does not
// fit, which makes the fix worthless.
func (c *candidate) prepare() bool {
	for _, e := range c.fix.Edits {
		change, err := plan.New(e.On.Ref, e.On.Raw(), guarded(e.On.Raw(), e.Ops), c.fix.Title)
		if err != nil || change.Noop() {
			return false
		}
		c.fix.Changes = append(c.fix.Changes, change)
		c.edited = append(c.edited, e.On.With(change.After))
	}
	for _, raw := range c.fix.Creates {
		c.edited = append(c.edited, model.FromRaw(raw, c.found.Object.Namespace).With(raw))
	}
	return true
}

// guarded puts a test before each operation that replaces or removes, so that a
// patch never goes over what somebody changed since.
func guarded(raw map[string]any, ops []patch.Op) []patch.Op {
	var out []patch.Op
	var current any = raw
	for _, op := range ops {
		if op.Op == patch.Replace || op.Op == patch.Remove {
			if old, err := patch.Get(current, op.Path); err == nil {
				out = append(out, patch.Op{Op: patch.Test, Path: op.Path, Value: old})
			}
		}
		out = append(out, op)
		if next, err := patch.Apply(current, []patch.Op{op}); err == nil {
			current = next
		}
	}
	return out
}

// sound returns the candidates that work.
func (t *trial) sound(tries []candidate) []candidate {
	if len(tries) == 0 {
		return nil
	}
	if disjoint(tries) && t.works(tries...) {
		return tries
	}
	var out []candidate
	for _, c := range tries {
		if t.left--; t.left < 0 {
			break
		}
		if t.works(c) {
			out = append(out, c)
		}
	}
	return out
}

// disjoint reports whether no two candidates write the same object.
func disjoint(tries []candidate) bool {
	seen := map[*model.Object]bool{}
	for _, c := range tries {
		for _, e := range c.fix.Edits {
			if seen[e.On] {
				return false
			}
			seen[e.On] = true
		}
	}
	return true
}

// works lays candidates over the World and runs the rules again: each finding
// must have gone, and no error may be new, nor a warning become one.
func (t *trial) works(tries ...candidate) bool {
	w := *t.world
	var edited []*model.Object
	for _, c := range tries {
		edited = append(edited, c.edited...)
	}
	w.Snapshot = w.With(edited...)
	after, errors := t.run(&w)
	for _, c := range tries {
		if id := c.found.Fingerprint(); after[id] >= t.before[id] {
			return false
		}
	}
	for id, n := range errors {
		if n > t.errors[id] {
			return false
		}
	}
	return true
}

func (t *trial) run(w *rules.World) (all, errors map[string]int) {
	all, errors = map[string]int{}, map[string]int{}
	for _, r := range rules.Run(w, t.rules) {
		id := r.Fingerprint()
		all[id]++
		if r.Severity == finding.Error {
			errors[id]++
		}
	}
	return all, errors
}
