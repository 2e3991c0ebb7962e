// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// The examples of all rules are decoded as Istio's own types would decode them.
func TestIstioDecodesAsItsTypesDo(t *testing.T) {
	files, err := filepath.Glob("../rules/*/testdata/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := manifest.Split(file, data)
		if err != nil {
			continue // an example of what is no manifest
		}
		for _, doc := range stream.Docs {
			objects, _ := doc.Tolerant() // what is broken has no objects
			for _, m := range objects {
				o, gotErr := model.Decode(m.Value, "shop")
				k, known := model.KindFor(o.Ref.GroupKind())
				if !known || !strings.HasSuffix(o.Ref.Group, ".istio.io") {
					continue
				}
				want := k.New()
				wantErr := runtime.DefaultUnstructuredConverter.FromUnstructured(m.Value, want)
				if (gotErr == nil) != (wantErr == nil) {
					t.Errorf("%s: %s: got %v, want %v", file, o.Ref, gotErr, wantErr)
				}
				if wantErr != nil {
					continue
				}
				compared++
				if d := cmp.Diff(want, typed(o), protocmp.Transform()); d != "" {
					t.Errorf("%s: %s\n%s", file, o.Ref, d)
				}
			}
		}
	}
	if compared < 100 {
		t.Errorf("compared %d objects, expected hundreds", compared)
	}
}

// typed is the Go value of an object of Istio.
func typed(o *model.Object) any {
	switch o.Ref.GroupKind() {
	case model.VirtualServices.GroupKind:
		return value(model.VirtualServices, o)
	case model.DestinationRules.GroupKind:
		return value(model.DestinationRules, o)
	case model.IstioGateways.GroupKind:
		return value(model.IstioGateways, o)
	case model.ServiceEntries.GroupKind:
		return value(model.ServiceEntries, o)
	case model.WorkloadEntries.GroupKind:
		return value(model.WorkloadEntries, o)
	case model.Sidecars.GroupKind:
		return value(model.Sidecars, o)
	case model.AuthorizationPolicies.GroupKind:
		return value(model.AuthorizationPolicies, o)
	case model.PeerAuthentications.GroupKind:
		return value(model.PeerAuthentications, o)
	case model.RequestAuthentications.GroupKind:
		return value(model.RequestAuthentications, o)
	case model.Telemetries.GroupKind:
		return value(model.Telemetries, o)
	}
	return nil
}

func value[T any](k model.KindOf[T], o *model.Object) *T {
	item, _ := k.Of(o)
	return item.Value
}

func TestIstioDecodesWhatIsNotQuiteItsMessage(t *testing.T) {
	route := func(spec map[string]any) map[string]any {
		return map[string]any{
			"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
			"metadata": map[string]any{"name": "web", "namespace": "shop"}, "spec": spec,
		}
	}
	for name, c := range map[string]struct {
		spec map[string]any
		err  string
	}{
		"a field it does not have": {map[string]any{"hosts": []any{"web"}, "hots": []any{"web"}}, ""},
		"a field that is null":     {map[string]any{"hosts": []any{"web"}, "gateways": nil}, ""},
		"a value of another type":  {map[string]any{"hosts": "web"}, "shop/web"},
		"no such value of an enum": {map[string]any{"hosts": []any{"web"}, "http": []any{map[string]any{
			"redirect": map[string]any{"redirectPort": int64(1), "derivePort": "FROM_NOWHERE"}}}}, "shop/web"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := model.Decode(route(c.spec), "")
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			vs, ok := model.VirtualServices.Of(o)
			if !ok || vs.Value.Name != "web" || !cmp.Equal(vs.Value.Spec.Hosts, []string{"web"}) {
				t.Errorf("got %v", vs.Value)
			}
		})
	}
}

func TestConvertRemembersWhatDoesNotFit(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	o := model.FromRaw(map[string]any{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "web", "namespace": "shop"}, "spec": map[string]any{"ports": "http"},
	}, "")
	first, second := o.Convert(), o.Convert()
	b.Add(o)
	s, err := b.Build()
	if first == nil || first != second || err == nil || !strings.Contains(err.Error(), first.Error()) {
		t.Errorf("got %v, then %v, then %v", first, second, err)
	}
	if _, found := s.Object(ref.Ref{Kind: "Service", Namespace: "shop", Name: "web"}); !found {
		t.Error("the object is lost")
	}
}

func BenchmarkConvertIstio(b *testing.B) {
	raw := map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": map[string]any{"name": "web", "namespace": "shop"},
		"spec": map[string]any{"hosts": []any{"web"}, "http": []any{map[string]any{"timeout": "5s", "route": []any{
			map[string]any{"destination": map[string]any{"host": "web", "subset": "v1"}, "weight": int64(100)}}}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		o, err := model.Decode(raw, "")
		if _, ok := model.VirtualServices.Of(o); err != nil || !ok {
			b.Fatal(err)
		}
	}
}

// A number that the type of its field does not hold is an error, and no other number.
func TestNumbersAreHeldWhole(t *testing.T) {
	for name, c := range map[string]struct{ object, want string }{
		"port": {`{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 4294967376}]}}`,
			"Service prod/a: expected spec.ports.port to be a whole number from -2147483648 to 2147483647, found 4294967376"},
		"replicas": {`{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: -4294967295}}`,
			"Deployment prod/a: expected spec.replicas to be a whole number from -2147483648 to 2147483647, found -4294967295"},
		"written with a point": {`{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 4294967297.0}}`,
			"Deployment prod/a: expected spec.replicas to be a whole number from -2147483648 to 2147483647, found 4294967297"},
		"beyond all": {`{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {securityContext: {runAsUser: 99999999999999999999}}}`,
			"Pod prod/a: expected spec.securityContext.runAsUser to be of type int64, found a number 100000000000000000000"},
		"a message": {`{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a}, spec: {portLevelMtls: {"8080": {mode: 4294967297}}}}`, "PeerAuthentication prod/a"},
		"held": {`{apiVersion: v1, kind: Pod, metadata: {name: a, generation: 4294967376}, spec: {securityContext: {runAsUser: 4294967376},
			containers: [{name: a, ports: [{containerPort: 80.0}], resources: {limits: {memory: 4294967296}}}]}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := modeltest.Objects(t, "a.yaml", c.object)[0]
			err := o.Convert()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
