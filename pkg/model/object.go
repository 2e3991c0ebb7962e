// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package model is the world as the suite's decisions see it: a Snapshot of
// typed objects with their provenance, indexes over them, and effective views
// such as "which DestinationRule does this client use for that host".
//
// The same Snapshot comes out of a cluster, out of files and out of a cluster
// overlaid with files, so that a decision cannot tell which it works on. It is
// immutable once built and safe for concurrent use.
package model

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Object is one Kubernetes object with its provenance.
type Object struct {
	// Ref names the object; its namespace is filled in for namespaced kinds
	// even where a file left it open.
	Ref ref.Ref
	// Source is the object's place in a file; nil for live objects, and where the
	// file is not at hand.
	Source *manifest.Object

	typed   runtime.Object
	raw     func() map[string]any
	planned bool
	// converted is true once typed was tried; unfit is what came of it.
	converted bool
	unfit     error
}

// FromManifest returns the object of a file. The namespace is the one that
// applies where the file names none.
func FromManifest(m *manifest.Object, namespace string) *Object {
	o := FromRaw(m.Value, namespace)
	o.Source = m
	return o
}

// FromRaw returns an object from decoded JSON, which it keeps and nobody may change.
func FromRaw(raw map[string]any, namespace string) *Object {
	u := unstructured.Unstructured{Object: raw}
	ns := u.GetNamespace()
	if ns == "" {
		ns = namespace
	}
	r := ref.Of(u.GetAPIVersion(), u.GetKind(), ns, u.GetName())
	if k, known := KindFor(r.GroupKind()); known && !k.Namespaced {
		r.Namespace = ""
	}
	return &Object{Ref: r, raw: func() map[string]any { return raw }}
}

// Decode is FromRaw with the typed view filled in, for an object that is read
// again outside a Snapshot. The error names the field that does not fit.
func Decode(raw map[string]any, namespace string) (*Object, error) {
	o := FromRaw(raw, namespace)
	return o, o.Convert()
}

// FromTyped returns a live object that was decoded into its Go type. The type
// meta, which API lists leave out of their items, comes from k.
func FromTyped(k *Kind, typed runtime.Object, namespace, name string) *Object {
	o := &Object{
		Ref:   ref.Ref{Group: k.Group, Version: k.Versions[0], Kind: k.Kind, Namespace: namespace, Name: name},
		typed: typed,
	}
	apiVersion := o.Ref.APIVersion()
	o.raw = sync.OnceValue(func() map[string]any {
		raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
		if err != nil { // not possible for API types; an empty object says nothing wrong
			raw = map[string]any{}
		}
		raw["apiVersion"], raw["kind"] = apiVersion, k.Kind
		return raw
	})
	return o
}

// Raw returns the object as decoded JSON, with unknown fields. It is shared:
// read only.
func (o *Object) Raw() map[string]any { return o.raw() }

// With returns the object with other contents, at the same place: what it would
// be after a change. Contents that do not fit the Go type leave it without a
// typed view. The contents are kept and nobody may change them.
func (o *Object) With(raw map[string]any) *Object {
	out := &Object{Ref: o.Ref, Source: o.Source, planned: o.planned, raw: func() map[string]any { return raw }}
	_ = out.Convert() // a field that does not fit is a matter for who looks at it
	return out
}

// Planned marks an object without a Source as one that was in a file, and returns it.
func (o *Object) Planned() *Object {
	o.planned = true
	return o
}

// Live reports whether the object was read from a cluster.
func (o *Object) Live() bool { return o.Source == nil && !o.planned }

// Meta gives access to the object's metadata, to read.
func (o *Object) Meta() metav1.Object {
	if m, ok := o.typed.(metav1.Object); ok { // spares live objects from being turned into maps
		return m
	}
	return &unstructured.Unstructured{Object: o.Raw()}
}

// Existing returns the pointer of the first of some fields (pointers below one)
// that the object has; the one above them if it has none.
func (o *Object) Existing(at string, below ...string) string {
	for _, b := range below {
		if _, err := patch.Get(o.Raw(), at+b); err == nil {
			return at + b
		}
	}
	return at
}

// Where is the place of a field for people: "file:line:column" for objects of
// files, "Kind namespace/name: /pointer" for live ones. The pointer is relative
// to the object; empty means the object itself.
func (o *Object) Where(pointer string) string {
	if o.Source != nil {
		return o.Source.Where(pointer)
	}
	if pointer == "" {
		return o.Ref.String()
	}
	return o.Ref.String() + ": " + pointer
}
