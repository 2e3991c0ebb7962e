// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// apply carries out a server-side apply of an object that is wholly ours.
func (r *run) apply(ctx context.Context, c plan.Change) (plan.Outcome, error) {
	o := r.options()
	o.Force = r.Force
	result, err := r.Client.Patch(ctx, c.Object, types.ApplyYAMLPatchType, intent(c.After), o)
	if err != nil {
		return plan.Outcome{}, owned(c.Object, err)
	}
	return r.done(c, c.Before, result), nil
}

// intent is an object without what the server writes into it. A resourceVersion
// would turn the apply into a compare-and-swap, and managedFields are refused.
func intent(object map[string]any) map[string]any {
	return without(object, "resourceVersion", "uid", "managedFields", "creationTimestamp", "generation", "selfLink")
}

// without returns a copy of an object without its status and some of its metadata.
func without(object map[string]any, names ...string) map[string]any {
	out := maps.Clone(object)
	delete(out, "status")
	if m, ok := out["metadata"].(map[string]any); ok {
		m = maps.Clone(m)
		for _, n := range names {
			delete(m, n)
		}
		out["metadata"] = m
	}
	return out
}

// owned lists what an apply met: which manager holds which fields.
func owned(object ref.Ref, err error) error {
	s, ok := status(err)
	if !ok || !isOwned(err) {
		return err
	}
	fields := map[string][]string{}
	var who []string // in the server's order
	for _, cause := range s.Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		holder := strings.TrimPrefix(cause.Message, "conflict with ")
		if len(fields[holder]) == 0 {
			who = append(who, holder)
		}
		fields[holder] = append(fields[holder], cause.Field)
	}
	var claims []string
	for _, holder := range who {
		claims = append(claims, holder+" owns "+strings.Join(fields[holder], ", "))
	}
	return fault.Conflictf("cannot apply %s: %s", object, strings.Join(claims, "; ")).Because(errAsked).
		Try("change the fields there, or take them over with --force-conflicts")
}

var errAsked = errors.New("not taken over without being asked to")

// delete removes an object that is wholly ours, tied to what was read of it.
func (r *run) delete(ctx context.Context, c plan.Change) (plan.Outcome, error) {
	base := c.Before
	if ours, again := r.stored[c.Object]; again {
		base = ours
	}
	for try := 1; ; try++ {
		err := r.Client.Delete(ctx, c.Object, Preconditions{UID: identity(base), ResourceVersion: version(base)}, r.options())
		switch {
		case err == nil:
			r.forget(c.Object)
			return plan.Outcome{Object: c.Object, Written: !r.DryRun}, nil
		case apierrors.IsNotFound(err):
			return plan.Outcome{Object: c.Object}, nil // what was wanted
		case !isRaced(err) || try >= maxTries:
			return plan.Outcome{}, err
		}
		if base, err = r.changed(ctx, c, base); err != nil {
			return plan.Outcome{}, err
		}
		if err := r.pause(ctx, c.Object, try); err != nil {
			return plan.Outcome{}, err
		}
	}
}

// forget drops what was noted about an object that is gone.
func (r *run) forget(object ref.Ref) {
	delete(r.stored, object)
	r.wrote = slices.DeleteFunc(r.wrote, func(w written) bool { return w.object.Same(object) })
}

// changed looks at an object whose deletion was refused because it is newer
// than what was read. Controllers write the status of most objects all the
// time; only a change of anything else is somebody's wish.
func (r *run) changed(ctx context.Context, c plan.Change, base map[string]any) (map[string]any, error) {
	latest, err := r.Client.Get(ctx, c.Object)
	if apierrors.IsNotFound(err) {
		return base, nil // the next try finds it gone
	}
	if err != nil {
		return nil, err
	}
	if identity(base) != "" && identity(base) != identity(latest) {
		return nil, fault.Conflictf("%s was deleted and created anew by another writer", c.Object)
	}
	if field, differs := difference(essence(base), essence(latest), ""); differs {
		return nil, fault.Conflictf("%s was changed since it was read: %s", field, culprit(latest, field, r.Manager)).At(c.Object.String()).
			Try("look at the object, then run the command again: kubectl get %s --show-managed-fields -o yaml", address(c.Object))
	}
	return latest, nil
}

// essence is an object without what changes by itself.
func essence(object map[string]any) map[string]any {
	return without(object, "resourceVersion", "managedFields", "generation")
}
