// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestKindNamed(t *testing.T) {
	for name, want := range map[string]string{
		"vs": "VirtualService.networking.istio.io", "svc": "Service", "Deployment": "Deployment.apps", "deployments": "Deployment.apps",
		"httproutes.gateway.networking.k8s.io": "HTTPRoute.gateway.networking.k8s.io", "HTTPROUTE": "HTTPRoute.gateway.networking.k8s.io", "smon": "ServiceMonitor.monitoring.coreos.com",
	} {
		if k, ok := model.KindNamed(name); !ok || k.String() != want {
			t.Errorf("KindNamed(%q) = %v, %v; want %s", name, k, ok, want)
		}
	}
	if k, ok := model.KindNamed("widget"); ok {
		t.Errorf("KindNamed(widget) = %v", k)
	}
}

// TestKinds checks the table itself: every type takes an empty object of its
// kind, every short name leads somewhere.
func TestKinds(t *testing.T) {
	for _, k := range model.Kinds() {
		if len(k.Versions) == 0 || k.Resource == "" {
			t.Errorf("%s: no version or resource", k)
			continue
		}
		raw := map[string]any{
			"apiVersion": k.GVR(k.Versions[0]).GroupVersion().String(), "kind": k.Kind,
			"metadata": map[string]any{"name": "x"},
		}
		o, err := model.Decode(raw, "ns")
		if err != nil {
			t.Errorf("%s: %v", k, err)
		}
		if got := o.Ref.Namespace == "ns"; got != k.Namespaced {
			t.Errorf("%s: namespaced is %v", k, k.Namespaced)
		}
		if k.BuiltIn() != (k.NewList != nil) || (k.BuiltIn() && k.NewList() == nil) || k.New() == nil {
			t.Errorf("%s: constructors", k)
		}
	}
}

func TestSnapshot(t *testing.T) {
	live := `
apiVersion: v1
kind: Service
metadata: {name: a, namespace: prod, labels: {from: cluster}}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: prod}
---
apiVersion: v1
kind: Namespace
metadata: {name: prod, namespace: wrong}
`
	file := modeltest.Objects(t, "a.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels: {from: file}\n")
	b := model.NewBuilder(model.Options{})
	for _, o := range modeltest.Objects(t, "live.yaml", live) {
		b.Add(model.FromRaw(o.Raw(), ""))
	}
	b.Add(file[0])
	b.Add(model.FromRaw(map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "a", "namespace": "prod"}}, ""))
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range s.Objects() {
		got = append(got, fmt.Sprintf("%s live=%v", o.Ref, o.Live()))
	}
	want := []string{"Namespace prod live=true", "Service prod/a live=false", "Service prod/b live=true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	a, found := model.Services.Get(s, "prod", "a")
	if !found || a.Value.Labels["from"] != "file" || a.Where("/metadata/labels") != "a.yaml:5:3" {
		t.Errorf("service a: %v, %+v", found, a)
	}
	if bSvc, _ := model.Services.Get(s, "prod", "b"); bSvc.Where("/spec") != "Service prod/b: /spec" || bSvc.Where("") != "Service prod/b" {
		t.Errorf("places of a live object: %s", bSvc.Where("/spec"))
	}
	if n := len(model.Services.In(s, "other")); n != 0 {
		t.Errorf("%d services in another namespace", n)
	}
	if o, found := s.Object(ref.Ref{Version: "v9", Kind: "Service", Namespace: "prod", Name: "a"}); !found || o != a.Object {
		t.Error("the version of a ref counts")
	}
	if s.ClusterDomain != "cluster.local" || s.RootNamespace != "istio-system" {
		t.Errorf("defaults: %+v", s.Options)
	}
}

func TestBuildErrors(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	for _, o := range modeltest.Objects(t, "x.yaml", `
apiVersion: v1
kind: Service
metadata: {name: twice}
---
apiVersion: v1
kind: Service
metadata: {name: twice}
---
apiVersion: v1
kind: Service
metadata: {name: bad}
spec:
  ports:
  - port: many
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bad}
spec: {http: 5}
`) {
		b.Add(o)
	}
	s, err := b.Build()
	var got []string
	for _, e := range fault.All(err) {
		got = append(got, e.Error())
	}
	if len(got) != 3 ||
		got[0] != "x.yaml:6:1: Service prod/twice is defined twice; the first is at x.yaml:2:1" ||
		!strings.HasPrefix(got[1], "x.yaml:14:3: Service prod/bad: expected spec.ports.port to be of type int32, found a string") ||
		!strings.HasPrefix(got[2], "x.yaml:") {
		t.Errorf("errors:\n%s", strings.Join(got, "\n"))
	}
	if len(s.Objects()) != 3 {
		t.Errorf("%d objects are left, want 3", len(s.Objects()))
	}
	if bad, found := model.Services.Get(s, "prod", "bad"); found {
		t.Errorf("the object that does not fit has a typed view: %v", bad.Value)
	}
}

// TestUnknownVersion: a version with another schema has no typed view, and
// asking for one is no panic.
func TestUnknownVersion(t *testing.T) {
	s := modeltest.Live(t, "apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: HTTPRoute\nmetadata: {name: a, namespace: prod}\n")
	if n := len(model.HTTPRoutes.In(s, "")); n != 0 || len(s.OfKind(model.HTTPRoutes.GroupKind)) != 1 {
		t.Errorf("%d typed", n)
	}
	if _, ok := model.HTTPRoutes.Of(s.Objects()[0]); ok {
		t.Error("it has a typed view")
	}
}

func TestFromTyped(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "prod", Labels: map[string]string{"a": "b"}}}
	o := model.FromTyped(model.Pods.Kind, pod, "prod", "p")
	raw := o.Raw()
	if raw["apiVersion"] != "v1" || raw["kind"] != "Pod" || o.Meta().GetLabels()["a"] != "b" || o.Ref.String() != "Pod prod/p" {
		t.Errorf("raw %v of %s", raw, o.Ref)
	}
	if item, ok := model.Pods.Of(o); !ok || item.Value != pod {
		t.Error("the typed view is another object")
	}
}

func TestGap(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	b.Unknown(model.Gap{Kind: model.Pods.GroupKind, Namespace: "prod", Reason: "forbidden"})
	b.Unknown(model.Gap{Kind: model.Services.GroupKind, Reason: "forbidden everywhere"})
	b.Unknown(model.Gap{Kind: model.HTTPRoutes.GroupKind, Missing: true})
	s, _ := b.Build()
	for _, tt := range []struct {
		kind      ref.GroupKind
		namespace string
		want      bool
	}{
		{model.Pods.GroupKind, "prod", true}, {model.Pods.GroupKind, "test", false}, {model.Pods.GroupKind, "", true},
		{model.Services.GroupKind, "test", true}, {model.HTTPRoutes.GroupKind, "prod", false},
	} {
		if _, got := s.Gap(tt.kind, tt.namespace); got != tt.want {
			t.Errorf("Gap(%s, %q) = %v", tt.kind, tt.namespace, got)
		}
	}
	if len(s.Gaps()) != 3 {
		t.Errorf("%d gaps", len(s.Gaps()))
	}
}
