// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

const fronted = running + `---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}}
---
apiVersion: v1
kind: Service
metadata: {name: cart-v1, namespace: shop}
spec: {selector: {app: cart, version: v1}}
---
apiVersion: v1
kind: Service
metadata: {name: external, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: other}
spec: {selector: {app: cart}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: other, labels: {app: cart}}
`

func TestBehindAndInFront(t *testing.T) {
	s := modeltest.Live(t, fronted)
	for name, want := range map[string][]string{"cart": {"cart-1-a", "cart-2-a"}, "cart-v1": {"cart-1-a"}, "external": nil} {
		svc, _ := model.Services.Get(s, "shop", name)
		var got []string
		for _, p := range s.Behind(svc).Pods {
			got = append(got, p.Ref.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pods behind %s: -want +got\n%s", name, diff)
		}
	}
	// The template is of v2: Service cart-v1 is in front of what goes.
	var got []string
	for _, svc := range s.InFront(workload(t, s, model.Deployments.Kind, "cart")) {
		got = append(got, svc.Ref.String())
	}
	if diff := cmp.Diff([]string{"Service shop/cart"}, got); diff != "" {
		t.Errorf("in front: -want +got\n%s", diff)
	}
	anywhere := model.Refs(s.SelectAnywhere(labels.SelectorFromSet(labels.Set{"app": "cart"})))
	if diff := cmp.Diff([]ref.Ref{model.Pods.Ref("other", "cart"), model.Deployments.Ref("shop", "cart")}, anywhere); diff != "" {
		t.Errorf("anywhere: -want +got\n%s", diff)
	}
}

func TestServiceNamed(t *testing.T) {
	s := modeltest.Live(t, fronted)
	for host, want := range map[string]string{
		"cart": "shop", "cart.": "shop", "cart.other": "other", "cart.other.svc": "other", "cart.other.svc.cluster.local": "other",
		"cart.other.svc.cluster.local.": "other", "cart.svc": "", "cart.other.cluster.local": "", "www.cart.other": "", "": "", "cart-v2": "",
	} {
		if svc, _ := s.ServiceNamed(host, "shop"); (svc.Object == nil) != (want == "") || want != "" && svc.Ref.Namespace != want {
			t.Errorf("%q: found %v, expected one of namespace %q", host, svc.Object, want)
		}
	}
}

func TestGatewayRef(t *testing.T) {
	for name, want := range map[string]string{
		"gw": "shop/gw", "./gw": "shop/gw", "istio-system/gw": "istio-system/gw", "gw.edge": "edge/gw", "gw.edge.svc.cluster.local": "edge/gw",
	} {
		if got := model.GatewayRef(name, "shop"); got.Namespace+"/"+got.Name != want || got.GroupKind() != model.IstioGateways.GroupKind {
			t.Errorf("%s is %v, expected %s", name, got, want)
		}
	}
	named := gatewayv1.Namespace("edge")
	empty := gatewayv1.Namespace("")
	for _, c := range []struct {
		named *gatewayv1.Namespace
		want  string
	}{{&named, "edge"}, {&empty, "shop"}, {nil, "shop"}} {
		if got := model.NamespaceOf(c.named, "shop"); got != c.want {
			t.Errorf("found %s, expected %s", got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	s := modeltest.Live(t, fronted+"---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n")
	if diff := cmp.Diff([]string{"cart", "cart-v1", "external"}, s.Names(model.Services.Kind, "shop")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"n1"}, s.Names(model.Nodes.Kind, "shop")); diff != "" {
		t.Errorf("a kind without namespaces: -want +got\n%s", diff)
	}
	if got, want := model.Nodes.Ref("shop", "n1"), ref.Of("v1", "Node", "", "n1"); got != want {
		t.Errorf("found %v, expected %v", got, want)
	}
}

func TestPodAbsence(t *testing.T) {
	live, files := modeltest.Live(t, fronted), modeltest.Files(t, "f.yaml", fronted)
	for _, c := range []struct {
		name      string
		s         *model.Snapshot
		namespace string
		want      model.Absence
	}{
		{"a cluster knows", live, "none", model.Proven}, {"files hold workloads", files, "shop", model.NotInSet},
		{"files hold none there", files, "none", model.Outside}, {"files hold some anywhere", files, "", model.NotInSet},
		{"one kind is not read", live.Without(model.Gap{Kind: model.CronJobs.GroupKind}), "shop", model.Unknown},
	} {
		if got := c.s.PodAbsence(c.namespace); got != c.want {
			t.Errorf("%s: found %v, expected %v", c.name, got, c.want)
		}
	}
}
