// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// WithHome is the request that also reads the namespaces if nothing is found in the
// one that is meant, for Exists to tell nothing from a typing error.
func (r Request) WithHome(namespace string) Request {
	if namespace == "" {
		return r
	}
	k := model.Namespaces.Kind
	r.Kinds = append(slices.Clone(r.Kinds), k)
	r.Scopes, r.Late = copied(r.Scopes), copied(r.Late)
	r.Scopes[k] = source.Scope{MetadataOnly: true}
	r.Late[k] = func(s *model.Snapshot) bool { return !inUse(s, namespace) }
	return r
}

// copied is a map that may be written to.
func copied[K comparable, V any](m map[K]V) map[K]V {
	out := map[K]V{}
	maps.Copy(out, m)
	return out
}

// inUse reports whether anything is known to be in a namespace.
func inUse(s *model.Snapshot, namespace string) bool {
	return slices.ContainsFunc(s.Objects(), func(o *model.Object) bool { return o.Ref.Namespace == namespace })
}

// Exists is an error when the namespace that was named is not there: that
// nothing is found in it means nothing. Manifests over a cluster may bring it;
// one that only they are in, and nobody has named, is for the rules to judge.
func (w *World) Exists(s *model.Snapshot) error {
	if w.Namespace == "" || w.Flags.Overlay && !w.Named {
		return nil
	}
	if w.Flags.Overlay && w.files != nil {
		if _, brought := model.Namespaces.Get(w.files.Snapshot, "", w.Namespace); brought {
			return nil
		}
	}
	if g, gap := s.Gap(model.Pods.GroupKind, w.Namespace); gap && g.Unasked && w.Flags.Snapshot != "" {
		return fault.Usagef("namespace %s is not in %s", w.Namespace, w.Flags.Snapshot).Try("leave -n out to see what is in it")
	}
	if _, found := model.Namespaces.Get(s, "", w.Namespace); found {
		return nil
	}
	_, gap := s.Gap(model.Namespaces.GroupKind, "")
	if inUse(s, w.Namespace) || gap && !s.Partial {
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
	if w.Offline() {
		return near(fault.Usagef("nothing is in namespace %s", w.Namespace), w.Namespace, names, "")
	}
	if w.Flags.Overlay {
		return absent(w.Namespace, names, "create it first, or add it to the manifests")
	}
	return absent(w.Namespace, names, "")
}

// Absent is Exists for one who has read nothing yet, or nothing that is not empty.
func (w *World) Absent(ctx context.Context) error {
	if w.Offline() {
		seen, err := w.Load(ctx, Request{})
		if err != nil {
			return err
		}
		return w.Exists(seen.Snapshot)
	}
	client, err := w.Client()
	if err != nil {
		return err
	}
	return Absent(ctx, client, w.Namespace)
}

// Absent is the error of a namespace that a cluster does not have, nil where nobody
// may know.
func Absent(ctx context.Context, client *cluster.Client, namespace string) error {
	found, err := client.List(ctx, model.Namespaces.Kind, cluster.ListOptions{MetadataOnly: true})
	if namespace == "" || err != nil {
		return nil
	}
	var names []string
	for _, o := range found {
		if o.Ref.Name == namespace {
			return nil
		}
		names = append(names, o.Ref.Name)
	}
	return absent(namespace, names, "")
}

func absent(namespace string, names []string, otherwise string) error {
	return near(fault.Usagef("there is no namespace %s", namespace), namespace, names, otherwise)
}

// near adds the name that may have been meant, or else what to do otherwise.
func near(err *fault.Error, namespace string, names []string, otherwise string) error {
	if close := ref.Closest(namespace, names); len(close) > 0 {
		return err.Try("did you mean -n %s?", close[0])
	}
	switch {
	case otherwise != "":
		return err.Try("%s", otherwise)
	case len(names) > 0:
		return err.Try("what there is: %s", ref.Few(names))
	}
	return err
}
