// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"
	telemetry "istio.io/api/telemetry/v1alpha1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Deprecation is one field or value that Istio's definitions call deprecated.
type Deprecation struct {
	// Pointer is the JSON Pointer of the field in the object, Field its name.
	Pointer, Field string
	// Value is set where the field is fine but its value, one of an enumeration, is
	// deprecated.
	Value string
	// Replacement is what to write instead: another value of the enumeration, or
	// another field of the same mapping. Empty if nothing takes its place.
	Replacement string
	// Becomes is the value of the replacing field that means the same as the present
	// one, or the replacing value. Nil if there is none, or if the replacing field is
	// there already: then the deprecated one just goes.
	Becomes any
	// Ignored is true where istiod does not read the field any more, so that its
	// replacement takes effect anew.
	Ignored bool
}

// specs are the messages that the spec of each kind is, in every version of it.
// The kinds of Istio that are not here would make the program larger, and have
// nothing that is deprecated; a test looks.
var specs = map[groupKind]proto.Message{
	{"networking.istio.io", "DestinationRule"}:     (*networking.DestinationRule)(nil),
	{"networking.istio.io", "EnvoyFilter"}:         (*networking.EnvoyFilter)(nil),
	{"networking.istio.io", "Gateway"}:             (*networking.Gateway)(nil),
	{"networking.istio.io", "ServiceEntry"}:        (*networking.ServiceEntry)(nil),
	{"networking.istio.io", "Sidecar"}:             (*networking.Sidecar)(nil),
	{"networking.istio.io", "VirtualService"}:      (*networking.VirtualService)(nil),
	{"networking.istio.io", "WorkloadEntry"}:       (*networking.WorkloadEntry)(nil),
	{"networking.istio.io", "WorkloadGroup"}:       (*networking.WorkloadGroup)(nil),
	{"security.istio.io", "AuthorizationPolicy"}:   (*security.AuthorizationPolicy)(nil),
	{"security.istio.io", "PeerAuthentication"}:    (*security.PeerAuthentication)(nil),
	{"security.istio.io", "RequestAuthentication"}: (*security.RequestAuthentication)(nil),
	{"telemetry.istio.io", "Telemetry"}:            (*telemetry.Telemetry)(nil),
}

// Deprecated returns the deprecated fields and values of an Istio object, in the
// order of their pointers; nothing for other objects. What is deprecated is read
// from the definitions (the option "deprecated = true"), so that the list is that
// of the istio.io/api release in go.mod.
func Deprecated(object map[string]any) []Deprecation {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	message, known := specs[groupKind{groupOf(apiVersion), kind}]
	spec, isMap := object["spec"].(map[string]any)
	if !known || !isMap {
		return nil
	}
	var w walker
	w.message(spec, message.ProtoReflect().Descriptor(), "/spec")
	return w.found
}

type walker struct{ found []Deprecation }

func (w *walker) message(m map[string]any, d protoreflect.MessageDescriptor, at string) {
	if !suspects()[d.FullName()] {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		field := d.Fields().ByJSONName(name)
		if field == nil {
			field = d.Fields().ByTextName(name) // mirror_percent is allowed as well
		}
		if field == nil || m[name] == nil {
			continue
		}
		pointer := patch.Join(at, name)
		if isDeprecated(field) {
			found := Deprecation{Pointer: pointer, Field: name}
			found.Replacement, found.Becomes = instead(field, m[name])
			found.Ignored = found.Replacement == "" || successors[field.FullName()].ignored
			if m[found.Replacement] != nil {
				found.Becomes = nil
			}
			w.found = append(w.found, found)
			continue
		}
		w.value(m[name], field, pointer)
	}
}

func (w *walker) value(v any, field protoreflect.FieldDescriptor, at string) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if _, nested := item.([]any); !nested {
				w.value(item, field, patch.Join(at, strconv.Itoa(i)))
			}
		}
	case map[string]any:
		if field.IsMap() {
			for _, key := range slices.Sorted(maps.Keys(v)) {
				w.value(v[key], field.MapValue(), patch.Join(at, key))
			}
		} else if d := field.Message(); d != nil {
			w.message(v, d, at)
		}
	case string:
		w.enum(v, field, at)
	}
}

func (w *walker) enum(v string, field protoreflect.FieldDescriptor, at string) {
	if field.Enum() == nil {
		return
	}
	value := field.Enum().Values().ByName(protoreflect.Name(v))
	if value != nil && isDeprecated(value) {
		found := Deprecation{Pointer: at, Field: field.JSONName(), Value: v}
		if next, known := successors[value.FullName()]; known {
			found.Replacement = string(next.to)
			found.Becomes = found.Replacement
		}
		w.found = append(w.found, found)
	}
}

func isDeprecated(d protoreflect.Descriptor) bool {
	switch o := d.Options().(type) {
	case *descriptorpb.FieldOptions:
		return o.GetDeprecated()
	case *descriptorpb.EnumValueOptions:
		return o.GetDeprecated()
	}
	return false
}

// suspects are the messages in or below which anything is deprecated; the others
// need no look.
var suspects = sync.OnceValue(func() map[protoreflect.FullName]bool {
	reached := map[protoreflect.FullName]bool{}
	uses := map[protoreflect.FullName][]protoreflect.FullName{}
	var direct []protoreflect.FullName
	var visit func(d protoreflect.MessageDescriptor)
	visit = func(d protoreflect.MessageDescriptor) {
		if reached[d.FullName()] {
			return
		}
		reached[d.FullName()] = true
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if isDeprecated(f) || hasDeprecatedValue(f.Enum()) {
				direct = append(direct, d.FullName())
			}
			if below := f.Message(); below != nil {
				uses[below.FullName()] = append(uses[below.FullName()], d.FullName())
				visit(below)
			}
		}
	}
	for _, m := range specs {
		visit(m.ProtoReflect().Descriptor())
	}
	found := map[protoreflect.FullName]bool{}
	for len(direct) > 0 {
		name := direct[len(direct)-1]
		direct = direct[:len(direct)-1]
		if !found[name] {
			found[name] = true
			direct = append(direct, uses[name]...)
		}
	}
	return found
})

func hasDeprecatedValue(e protoreflect.EnumDescriptor) bool {
	if e == nil {
		return false
	}
	for i := range e.Values().Len() {
		if isDeprecated(e.Values().Get(i)) {
			return true
		}
	}
	return false
}
