// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"context"
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// aim settles what is asked about before anything is read: a Namespace as the
// target is the namespace itself, and manifests over a cluster are about the
// namespaces that they are in, unless one was named.
func (o *options) aim(ctx context.Context) error {
	if o.target != nil && o.target.kind == model.Namespaces.Kind {
		o.world.Namespace, o.world.Named, o.target = o.target.name, true, nil
	}
	if !o.flags.World.Overlay {
		return nil
	}
	written, err := o.world.Files(ctx)
	if err != nil {
		return err
	}
	if o.world.Named || o.world.Namespace == "" {
		return nil
	}
	var namespaces []string
	for _, object := range written.Objects() {
		if ns := object.Ref.Namespace; ns != "" && !slices.Contains(namespaces, ns) {
			namespaces = append(namespaces, ns)
		}
	}
	switch len(namespaces) {
	case 0:
	case 1:
		o.world.Namespace = namespaces[0]
	default:
		o.world.Namespace = "" // one round over all costs less than one for each
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
	if err := o.world.Exists(w.Snapshot); err != nil && len(w.Unread) == 0 {
		return nil, nil, err
	}
	if o.target == nil {
		return w, nil, nil
	}
	object, err := o.target.find(w.Snapshot, o.world.Namespace)
	if err != nil && o.world.Offline() {
		err = errors.Join(append([]error{err}, w.Unread...)...) // it may be in what could not be read
	}
	if err == nil || !o.target.narrow() || o.target.kind != nil || o.world.Offline() {
		return w, object, err
	}
	if w, err = o.world.load(ctx, o.rules, false); err != nil {
		return nil, nil, err
	}
	object, err = o.target.find(w.Snapshot, o.world.Namespace)
	return w, object, err
}
