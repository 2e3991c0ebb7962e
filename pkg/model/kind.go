// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Kind describes a kind the suite reads with its Go type.
type Kind struct {
	ref.GroupKind
	// Resource is the plural in URLs.
	Resource string
	// Versions are the versions whose JSON fits the Go type, the best first.
	Versions []string
	// Namespaced is false for cluster-scoped kinds.
	Namespaced bool
	// New returns an empty object of the Go type.
	New func() runtime.Object
	// NewList returns an empty list; set for built-in kinds only, which an
	// API server can send as protobuf.
	NewList func() runtime.Object
}

// BuiltIn reports whether an API server itself serves the kind (no CRD).
func (k *Kind) BuiltIn() bool { return k.NewList != nil }

// GVR returns the resource of version v.
func (k *Kind) GVR(v string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: k.Group, Version: v, Resource: k.Resource}
}

// Ref names an object of the kind, in the best version; the namespace of a
// cluster-scoped kind is left out.
func (k *Kind) Ref(namespace, name string) ref.Ref {
	if !k.Namespaced {
		namespace = ""
	}
	return ref.Ref{Group: k.Group, Version: k.Versions[0], Kind: k.Kind, Namespace: namespace, Name: name}
}

// KindFor returns the descriptor of a group and kind.
func KindFor(gk ref.GroupKind) (*Kind, bool) {
	k, ok := kinds[gk]
	return k, ok
}

// KindNamed finds a kind by what people type: kind, plural, or a short name of
// kubectl ("vs", "svc", "deploy"), in any case.
func KindNamed(name string) (*Kind, bool) {
	name = strings.ToLower(name)
	if long, ok := shortNames[name]; ok {
		name = long
	}
	for _, k := range Kinds() {
		singular := strings.ToLower(k.Kind)
		if slices.Contains([]string{singular, k.Resource, singular + "." + k.Group, k.Resource + "." + k.Group}, name) {
			return k, true
		}
	}
	return nil, false
}

// Kinds returns every known kind, sorted by group and kind.
func Kinds() []*Kind {
	out := make([]*Kind, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b *Kind) int {
		return strings.Compare(a.Group+"/"+a.Kind, b.Group+"/"+b.Kind)
	})
	return out
}

// KindOf ties a descriptor to its Go type for typed access to a Snapshot.
type KindOf[T any] struct{ *Kind }

// Item is an object together with its typed value.
type Item[T any] struct {
	*Object
	Value *T
}

// In returns the typed objects of the kind in a namespace (all if empty), in
// the order of their names. Objects that do not fit the type are left out;
// building the Snapshot has reported them.
func (k KindOf[T]) In(s *Snapshot, namespace string) []Item[T] {
	objects := s.InNamespace(k.GroupKind, namespace)
	if len(objects) == 0 {
		return nil
	}
	out := make([]Item[T], 0, len(objects))
	for _, o := range objects {
		if v, ok := any(o.typed).(*T); ok {
			out = append(out, Item[T]{o, v})
		}
	}
	return out
}

// Get returns one typed object.
func (k KindOf[T]) Get(s *Snapshot, namespace, name string) (Item[T], bool) {
	o, found := s.Object(ref.Ref{Group: k.Group, Kind: k.Kind.Kind, Namespace: namespace, Name: name})
	if !found {
		return Item[T]{}, false
	}
	v, ok := any(o.typed).(*T)
	return Item[T]{o, v}, ok
}

// Of returns the typed view of an object of this kind.
func (k KindOf[T]) Of(o *Object) (Item[T], bool) {
	v, ok := any(o.typed).(*T)
	return Item[T]{o, v}, ok
}

// Convert fills in the Go type of a known kind, once: it may be called ahead of
// Builder.Add, to do it elsewhere than where the Snapshot is built. The error
// names the field that does not fit and its place. It is not safe for concurrent
// use on one object.
func (o *Object) Convert() error {
	if !o.converted {
		o.converted, o.unfit = true, o.convert()
	}
	return o.unfit
}

func (o *Object) convert() error {
	k, known := KindFor(o.Ref.GroupKind())
	if !known || o.typed != nil || !slices.Contains(k.Versions, o.Ref.Version) {
		return nil
	}
	typed, err := fill(o.Raw(), k)
	if err != nil {
		return o.misfit(k, err)
	}
	o.typed = typed
	return nil
}

// misfit turns a conversion error into one with a place. The fast converter
// does not say which field it was at; encoding/json does.
func (o *Object) misfit(k *Kind, cause error) error {
	pointer := ""
	if data, err := json.Marshal(o.Raw()); err == nil {
		var typeErr *json.UnmarshalTypeError
		if err := json.Unmarshal(data, k.New()); errors.As(err, &typeErr) {
			pointer = "/" + strings.ReplaceAll(typeErr.Field, ".", "/")
			expected, found := wanted(typeErr)
			return fault.Failedf("%s: expected %s to be %s, found %s", o.Ref, typeErr.Field, expected, found).At(o.Where(nearest(o.Raw(), pointer)))
		}
	}
	return fault.Failedf("%s does not fit the schema of %s", o.Ref, o.Ref.APIVersion()).At(o.Where(pointer)).Because(cause)
}

// wanted is the type of a field and what was found in it, for people: of a number
// that the type does not hold, which it does.
func wanted(misfit *json.UnmarshalTypeError) (expected, found string) {
	limits := map[reflect.Kind][2]int64{reflect.Int32: {math.MinInt32, math.MaxInt32}, reflect.Uint32: {0, math.MaxUint32}}
	number, is := strings.CutPrefix(misfit.Value, "number ")
	_, err := strconv.ParseInt(number, 10, 64)
	l, limited := limits[misfit.Type.Kind()]
	if !is || !limited || err != nil {
		return "of type " + misfit.Type.String(), "a " + misfit.Value
	}
	return fmt.Sprintf("a whole number from %d to %d", l[0], l[1]), number
}

// nearest shortens a pointer to the part that exists; encoding/json leaves list
// indexes out of its paths.
func nearest(raw map[string]any, pointer string) string {
	for pointer != "" {
		if _, err := patch.Get(raw, pointer); err == nil {
			return pointer
		}
		pointer, _ = patch.Split(pointer)
	}
	return ""
}
