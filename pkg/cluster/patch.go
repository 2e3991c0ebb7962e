// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// maxTries is how often a write is tried when others write the same object.
const maxTries = 6

const versionPointer = "/metadata/resourceVersion"

// patch carries out a change of leaves. The patch is tied to the version of the
// object that it was computed from; on a lost race it is moved to the newest
// version if the other writer did not touch the leaves.
func (r *run) patch(ctx context.Context, c plan.Change) (plan.Outcome, error) {
	base := c.Before
	if ours, again := r.stored[c.Object]; again {
		base = ours
	}
	for try := 1; ; try++ {
		if c.Noop() {
			return plan.Outcome{Object: c.Object, Result: base}, nil
		}
		result, err := r.Client.Patch(ctx, c.Object, types.JSONPatchType, operations(c.Patch, version(base)), r.options())
		if err == nil {
			return r.done(c, base, result), nil
		}
		if !isRaced(err) {
			return plan.Outcome{}, err
		}
		if c, base, err = r.raced(ctx, c, base, err, try); err != nil {
			return plan.Outcome{}, err
		}
	}
}

// operations are those of a change, tied to one version of the object. An
// object that came from a file has none, and its patch stands on its own tests.
func operations(ops []patch.Op, version string) []patch.Op {
	var out []patch.Op
	if version != "" {
		out = append(out, patch.Op{Op: patch.Test, Path: versionPointer, Value: version})
	}
	for _, op := range ops {
		if op.Path != versionPointer { // of an older version, or the one above
			out = append(out, op)
		}
	}
	return out
}

// raced decides what to do about a rejected write: it returns the change to try
// next and the object it starts from, or why it must not be tried again.
func (r *run) raced(ctx context.Context, c plan.Change, base map[string]any, rejected error, try int) (plan.Change, map[string]any, error) {
	latest, err := r.Client.Get(ctx, c.Object)
	switch {
	case apierrors.IsNotFound(err):
		return c, nil, fault.Conflictf("%s was deleted by another writer", c.Object).Because(err)
	case err != nil:
		return c, nil, err
	case identity(base) != "" && identity(base) != identity(latest):
		return c, nil, fault.Conflictf("%s was deleted and created anew by another writer", c.Object)
	case version(base) == version(latest) && !apierrors.IsConflict(rejected):
		return c, nil, rejected // nobody was faster: the patch itself does not apply
	case try >= maxTries:
		return c, nil, fault.Conflictf("%s was changed by others on each of %d tries", c.Object, try).Because(rejected).
			Try("kubectl get %s --show-managed-fields -o yaml", address(c.Object))
	}
	next, err := rebase(c, latest, r.Manager)
	if err != nil {
		return c, nil, err
	}
	return next, latest, r.pause(ctx, c.Object, try)
}

// rebase moves a change to the object as it is now.
func rebase(c plan.Change, latest map[string]any, self string) (plan.Change, error) {
	if c.Rebase != nil {
		again := c.Rebase
		next, err := again(latest)
		if next.Rebase == nil {
			next.Rebase = again
		}
		return next, err
	}
	if err := touched(c, latest, self); err != nil {
		return c, err
	}
	next, err := plan.New(c.Object, latest, operations(c.Patch, ""), c.Reason)
	next.Leaves = c.Leaves
	if errors.Is(err, patch.ErrTest) {
		return c, fault.Conflictf("%s was changed by another writer", c.Object).Because(err)
	}
	return next, err
}

// touched returns a conflict if a leaf of the change, or a value that its patch
// tests, is not what it was when the change was computed.
func touched(c plan.Change, latest map[string]any, self string) error {
	pointers := c.Leaves
	for _, op := range c.Patch {
		if op.Op == patch.Test && op.Path != versionPointer {
			pointers = append(pointers[:len(pointers):len(pointers)], op.Path)
		}
	}
	for _, p := range pointers {
		was, wasErr := patch.Get(c.Before, p)
		is, isErr := patch.Get(latest, p)
		if (wasErr == nil) == (isErr == nil) && patch.Equal(was, is) {
			continue
		}
		return fault.Conflictf("%s was %s when it was read and is %s now: %s",
			p, show(was, wasErr), show(is, isErr), culprit(latest, p, self)).At(c.Object.String()).
			Try("look at the object, then run the command again: kubectl get %s --show-managed-fields -o yaml", address(c.Object))
	}
	return nil
}

// pause waits before the next try: longer each time, and never as long as the
// other writer does.
func (r *run) pause(ctx context.Context, object ref.Ref, try int) error {
	longest := 20 * time.Millisecond << try
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return r.Client.explain(ctx, ctx.Err(), "write", object)
	case <-timer.C:
		return nil
	}
}
