// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Sink carries a plan out on a cluster, change by change, and then reads back
// what it wrote. It implements plan.Sink.
//
// Without a competing writer a change costs one write, and each object written
// one read at the end. A plan of several changes is rehearsed first, which costs
// one more request for each.
type Sink struct {
	Client *Client
	// Manager is the field manager of the writes.
	Manager string
	// DryRun lets the server check and compute everything and store nothing;
	// the outcomes hold what it would have stored.
	DryRun bool
	// Force lets server-side apply take fields from other managers.
	Force bool
}

var _ plan.Sink = (*Sink)(nil)

// Do implements plan.Sink. Errors are of kind fault.Conflict when another
// writer holds or has changed what the plan is about; they name it.
//
// When a change fails, those before it stay written: their outcomes are returned
// beside the error, with the object as stored, and they are read back like those
// of a plan that went through; what was found then follows the error of the
// change. Only when ctx is over nothing is read back.
func (s *Sink) Do(ctx context.Context, p plan.Plan) ([]plan.Outcome, error) {
	if err := s.rehearse(ctx, p); err != nil {
		return nil, err
	}
	r := run{Sink: s, stored: map[ref.Ref]map[string]any{}}
	var done []plan.Outcome
	for _, c := range p.Changes {
		out, err := r.carryOut(ctx, c)
		if err != nil {
			return done, r.failed(ctx, err)
		}
		done = append(done, out)
	}
	return done, r.verify(ctx)
}

// failed adds to the error of a change what became of those before it.
func (r *run) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // no request gets through any more
	}
	if more := r.verify(ctx); more != nil {
		return errors.Join(err, more)
	}
	return err
}

// run is one execution of a plan.
type run struct {
	*Sink
	// stored holds objects of the plan as the server last returned them, so
	// that a later change of the same object does not race with our own.
	stored map[ref.Ref]map[string]any
	// wrote holds what must be found when reading back, in the order of the plan.
	wrote []written
}

// written is an object together with what a plan wants of it.
type written struct {
	object ref.Ref
	// leaves are pointers, after the whole object that has their values.
	leaves []string
	after  map[string]any
}

func (r *run) carryOut(ctx context.Context, c plan.Change) (plan.Outcome, error) {
	switch c.Verb {
	case plan.Patch:
		return r.patch(ctx, c)
	case plan.Apply:
		return r.apply(ctx, c)
	case plan.Delete:
		return r.delete(ctx, c)
	}
	return plan.Outcome{}, fault.Failedf("%s: expected patch, apply or delete as verb, found %q", c.Object, c.Verb)
}

func (s *Sink) options() WriteOptions {
	return WriteOptions{Manager: s.Manager, DryRun: s.DryRun}
}

// done records the result of a write. A write that changed nothing leaves the
// resourceVersion as it was.
func (r *run) done(c plan.Change, before, result map[string]any) plan.Outcome {
	out := plan.Outcome{Object: c.Object, Result: result}
	out.Written = !r.DryRun && (before == nil || version(before) != version(result))
	if !r.DryRun {
		r.stored[c.Object] = result
		r.expect(c)
	}
	return out
}

// expect notes what to look for when reading back; a later change of the same
// leaf replaces what an earlier one wanted.
func (r *run) expect(c plan.Change) {
	for i := range r.wrote {
		if r.wrote[i].object.Same(c.Object) {
			r.wrote[i].leaves = append(r.wrote[i].leaves, c.Leaves...)
			r.wrote[i].after = c.After
			return
		}
	}
	r.wrote = append(r.wrote, written{c.Object, c.Leaves, c.After})
}

// maxReads bounds the parallel reads of verify.
const maxReads = 8

// verify reads every written object back: an admission webhook may have altered
// it, and a controller may have undone it at once.
func (r *run) verify(ctx context.Context) error {
	faults := make([]error, len(r.wrote))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxReads)
	for i, w := range r.wrote {
		if len(w.leaves) == 0 {
			continue
		}
		g.Go(func() error {
			live, err := r.Client.Get(ctx, w.object)
			if err != nil {
				faults[i] = unread(w.object, err)
				return nil
			}
			faults[i] = differing(w, live, r.Manager)
			return nil
		})
	}
	_ = g.Wait() // the faults are in their slots, all of them
	return errors.Join(faults...)
}
