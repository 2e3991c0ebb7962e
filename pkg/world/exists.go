// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

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
	inUse := slices.ContainsFunc(s.Objects(), func(o *model.Object) bool { return o.Ref.Namespace == w.Namespace })
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
	err := fault.Usagef("there is no namespace %s", w.Namespace)
	if w.Offline() {
		err = fault.Usagef("nothing is in namespace %s", w.Namespace)
	}
	if near := ref.Closest(w.Namespace, names); len(near) > 0 {
		return err.Try("did you mean -n %s?", near[0])
	}
	if w.Flags.Overlay {
		return err.Try("create it first, or add it to the manifests")
	}
	return err
}
