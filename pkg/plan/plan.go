// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package plan describes writes before they happen: what object, what exactly
// changes, how to undo it and why. Decisions return plans; sinks carry them out.
package plan

import (
	"context"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Verb says how a change reaches its object.
type Verb string

const (
	// Patch changes leaves of an object that others own too: JSON Patch with
	// tests on what was read.
	Patch Verb = "patch"
	// Apply is a server-side apply of an object wholly ours.
	Apply Verb = "apply"
	// Delete removes an object wholly ours.
	Delete Verb = "delete"
)

// Change is one write to one object.
type Change struct {
	// Object is what is written; its version is the one that was read.
	Object ref.Ref
	// Verb is how it is written.
	Verb Verb
	// Before is the object as it was read, nil when it is new.
	Before map[string]any
	// After is the object as it will be, nil when it is deleted.
	After map[string]any
	// Patch holds the operations that lead from Before to After, with test
	// operations on the values read. Only for Verb Patch.
	Patch []patch.Op
	// Inverse undoes Patch on After. Only for Verb Patch.
	Inverse []patch.Op
	// Reason says in one line why, for people.
	Reason string
	// Leaves are the pointers this change is about: another writer who touched
	// them is a conflict, one who touched anything else is not.
	Leaves []string
	// Rebase computes the change anew on the object as another writer has left
	// it. A sink calls it after a lost race. It is pure; it returns an error of
	// kind fault.Conflict when the other writer touched the leaves. Nil means
	// that the same operations are tried again, provided that the leaves and
	// all tested values are still what they were in Before.
	Rebase func(latest map[string]any) (Change, error)
}

// New builds a Patch change from the object as read and the operations, which
// may include tests. It derives After and Inverse.
func New(object ref.Ref, before map[string]any, ops []patch.Op, reason string) (Change, error) {
	after, err := patch.Apply(before, ops)
	if err != nil {
		return Change{}, err
	}
	inverse, err := patch.Inverse(before, ops)
	if err != nil {
		return Change{}, err
	}
	c := Change{
		Object: object, Verb: Patch, Before: before, After: after.(map[string]any),
		Patch: ops, Inverse: inverse, Reason: reason,
	}
	for _, op := range ops {
		if op.Op != patch.Test {
			c.Leaves = append(c.Leaves, op.Path)
		}
	}
	return c, nil
}

// Noop reports whether carrying the change out would write nothing.
func (c Change) Noop() bool {
	return c.Verb == Patch && patch.Equal(c.Before, c.After)
}

// Plan is an ordered list of changes: later ones rely on earlier ones.
type Plan struct {
	Changes []Change
}

// Empty reports whether nothing would be written.
func (p Plan) Empty() bool {
	for _, c := range p.Changes {
		if !c.Noop() {
			return false
		}
	}
	return true
}

// Outcome is what became of one change.
type Outcome struct {
	Object ref.Ref
	// Result is the object after the write (as the server or the file has it).
	Result map[string]any
	// Written is false when nothing had to be written or the run was dry.
	Written bool
}

// Sink carries out a plan: it prints, diffs, edits files or writes to a cluster.
// It stops at the first change that fails and returns the outcomes so far.
type Sink interface {
	Do(ctx context.Context, p Plan) ([]Outcome, error)
}
