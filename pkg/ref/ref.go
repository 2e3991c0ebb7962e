// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package ref names Kubernetes objects without reading them.
package ref

import (
	"cmp"
	"strings"
)

// GroupKind is an API group and kind; the group of core kinds is empty.
// Versions are left out on purpose: an object is the same object in v1 and v1beta1.
type GroupKind struct{ Group, Kind string }

// String returns "Kind.group", or "Kind" for core kinds.
func (g GroupKind) String() string {
	if g.Group == "" {
		return g.Kind
	}
	return g.Kind + "." + g.Group
}

// Ref identifies one object. Namespace is empty for cluster-scoped objects and
// for objects of files that leave it open.
type Ref struct {
	Group, Version, Kind string
	Namespace, Name      string
}

// Of builds a Ref from the apiVersion and kind fields of a manifest.
func Of(apiVersion, kind, namespace, name string) Ref {
	group, version, ok := strings.Cut(apiVersion, "/")
	if !ok {
		group, version = "", apiVersion
	}
	return Ref{Group: group, Version: version, Kind: kind, Namespace: namespace, Name: name}
}

// GroupKind returns the versionless type of the object.
func (r Ref) GroupKind() GroupKind { return GroupKind{r.Group, r.Kind} }

// APIVersion returns "group/version", or "version" for core kinds.
func (r Ref) APIVersion() string {
	if r.Group == "" {
		return r.Version
	}
	return r.Group + "/" + r.Version
}

// Same reports whether two refs name the same object, whatever the version.
func (r Ref) Same(o Ref) bool {
	return r.GroupKind() == o.GroupKind() && r.Namespace == o.Namespace && r.Name == o.Name
}

// String returns "Kind namespace/name", the form used in messages.
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// Short returns "kind/name" in lower case, the form kubectl accepts and the
// suite prints in tables.
func (r Ref) Short() string { return strings.ToLower(r.Kind) + "/" + r.Name }

// Compare orders refs by namespace, kind, name and group.
func Compare(a, b Ref) int {
	return cmp.Or(
		cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Group, b.Group),
	)
}
