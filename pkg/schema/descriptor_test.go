// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	extensions "istio.io/api/extensions/v1alpha1"
	proxy "istio.io/api/networking/v1beta1"
)

// walkMessages calls visit with every message below some others.
func walkMessages(roots []proto.Message, visit func(protoreflect.MessageDescriptor)) {
	seen := map[protoreflect.FullName]bool{}
	var walk func(protoreflect.MessageDescriptor)
	walk = func(d protoreflect.MessageDescriptor) {
		if seen[d.FullName()] {
			return
		}
		seen[d.FullName()] = true
		visit(d)
		for i := range d.Fields().Len() {
			if m := d.Fields().Get(i).Message(); m != nil {
				walk(m)
			}
		}
	}
	for _, m := range roots {
		walk(m.ProtoReflect().Descriptor())
	}
}

// deprecatedNames are the full names of what is deprecated below messages.
func deprecatedNames(roots []proto.Message) []protoreflect.FullName {
	found := map[protoreflect.FullName]bool{}
	walkMessages(roots, func(d protoreflect.MessageDescriptor) {
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if isDeprecated(f) {
				found[f.FullName()] = true
			}
			for j := 0; f.Enum() != nil && j < f.Enum().Values().Len(); j++ {
				if v := f.Enum().Values().Get(j); isDeprecated(v) {
					found[v.FullName()] = true
				}
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// TestSuccessors holds the hand-written replacements against the definitions:
// a release of Istio that deprecates something else asks for a decision here.
func TestSuccessors(t *testing.T) {
	want := slices.Collect(maps.Keys(successors))
	want = append(want, "istio.networking.v1alpha3.Port.target_port", "istio.networking.v1alpha3.SidecarPort.target_port")
	slices.Sort(want)
	got := deprecatedNames(slices.Collect(maps.Values(specs)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deprecated in the definitions (-known +defined):\n%s", diff)
	}
	walkMessages(slices.Collect(maps.Values(specs)), func(d protoreflect.MessageDescriptor) {
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if next, known := successors[f.FullName()]; known {
				checkField(t, f, next)
			}
			for j := 0; f.Enum() != nil && j < f.Enum().Values().Len(); j++ {
				next, known := successors[f.Enum().Values().Get(j).FullName()]
				if !known {
					continue
				}
				if to := f.Enum().Values().ByName(next.to); to == nil || isDeprecated(to) {
					t.Errorf("%s: expected %s to be another value", f.Enum().Values().Get(j).FullName(), next.to)
				}
			}
		}
	})
}

func checkField(t *testing.T, f protoreflect.FieldDescriptor, next successor) {
	to := f.ContainingMessage().Fields().ByName(next.to)
	switch {
	case to == nil || isDeprecated(to):
		t.Errorf("%s: expected %s to be another field", f.FullName(), next.to)
	case next.inside != "" && to.Message().Fields().ByJSONName(next.inside) == nil:
		t.Errorf("%s: %s has no field %s", f.FullName(), next.to, next.inside)
	case next.each != f.IsList() || f.IsList() != to.IsList():
		t.Errorf("%s and %s: expected both to be lists or none", f.FullName(), next.to)
	}
}

// TestKindsLeftOut makes sure that the kinds that specs leaves out need no look.
func TestKindsLeftOut(t *testing.T) {
	out := []proto.Message{(*extensions.WasmPlugin)(nil), (*extensions.TrafficExtension)(nil), (*proxy.ProxyConfig)(nil)}
	if names := deprecatedNames(out); len(names) > 0 {
		t.Errorf("deprecated in kinds that nobody looks at: %v", names)
	}
	covered := len(out)
	for of := range loaded().versions {
		switch of.group {
		case "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io":
			covered--
			if _, known := specs[of]; known {
				covered++
			}
		}
	}
	if covered != 0 {
		t.Errorf("%d kinds of Istio are neither in specs nor left out on purpose", -covered)
	}
}

// BenchmarkLoad is what the first question costs.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if len(unpack().kinds) == 0 {
			b.Fatal("no kinds")
		}
	}
}
