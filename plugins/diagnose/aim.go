// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// aim settles what is asked about before anything is read: a Namespace as the
// target is the namespace itself, and manifests over a cluster are about the
// namespaces that they are in, unless one was named.
func (o *options) aim(ctx context.Context) error {
	if o.target != nil && o.target.kind == model.Namespaces.Kind {
		o.world.namespace, o.world.named, o.target = o.target.name, true, nil
	}
	if !o.flags.overlay || o.world.named || o.world.namespace == "" {
		return nil
	}
	files, err := o.world.loadFiles(ctx)
	if files == nil {
		return err
	}
	var namespaces []string
	for _, object := range files.Objects() {
		if ns := object.Ref.Namespace; ns != "" && !slices.Contains(namespaces, ns) {
			namespaces = append(namespaces, ns)
		}
	}
	switch len(namespaces) {
	case 0:
	case 1:
		o.world.namespace = namespaces[0]
	default:
		o.world.namespace = "" // one round over all costs less than one for each
	}
	return nil
}

// narrow reports whether only what belongs to the target has to be read.
func (t *target) narrow() bool {
	return t != nil && (t.kind == nil || slices.Contains(targetKinds, t.kind))
}

// see reads the world and finds the target in it. A target that is not among
// what is read for one object is looked for in the whole namespace.
func (o *options) see(ctx context.Context) (*rules.World, *ref.Ref, error) {
	o.world.whole = o.world.whole || o.target != nil && !o.target.narrow()
	w, err := o.world.load(ctx, o.rules, o.target.narrow())
	if err != nil {
		return nil, nil, err
	}
	if err := o.world.exists(w.Snapshot); err != nil && len(w.Unread) == 0 {
		return nil, nil, err
	}
	if o.target == nil {
		return w, nil, nil
	}
	object, err := o.target.find(w.Snapshot, o.world.namespace)
	if err != nil && o.world.offline() {
		err = errors.Join(append([]error{err}, w.Unread...)...) // it may be in what could not be read
	}
	if err == nil || !o.target.narrow() || o.target.kind != nil || o.world.offline() {
		return w, object, err
	}
	if w, err = o.world.load(ctx, o.rules, false); err != nil {
		return nil, nil, err
	}
	object, err = o.target.find(w.Snapshot, o.world.namespace)
	return w, object, err
}

// exists is an error when the namespace that was named is not there: that
// nothing is found in it means nothing.
func (w *world) exists(s *model.Snapshot) error {
	if w.namespace == "" || w.flags.overlay {
		return nil
	}
	if g, gap := s.Gap(model.Pods.GroupKind, w.namespace); gap && g.Unasked && w.flags.snapshot != "" {
		return fault.Usagef("namespace %s is not in %s", w.namespace, w.flags.snapshot).Try("leave -n out to see what is in it")
	}
	if _, found := model.Namespaces.Get(s, "", w.namespace); found {
		return nil
	}
	inUse := slices.ContainsFunc(s.Objects(), func(o *model.Object) bool { return o.Ref.Namespace == w.namespace })
	_, gap := s.Gap(model.Namespaces.GroupKind, "")
	if inUse || gap && !s.Partial {
		return nil
	}
	var names []string
	for _, o := range s.Objects() {
		if ns := o.Ref.Namespace; ns != "" && !slices.Contains(names, ns) {
			names = append(names, ns)
		}
	}
	for _, ns := range s.OfKind(model.Namespaces.GroupKind) {
		names = append(names, ns.Ref.Name)
	}
	err := fault.Usagef("there is no namespace %s", w.namespace)
	if w.offline() {
		err = fault.Usagef("nothing is in namespace %s", w.namespace)
	}
	if near := ref.Closest(w.namespace, names); len(near) > 0 {
		return err.Try("did you mean -n %s?", near[0])
	}
	return err
}
