// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// TestFQDN holds the rules of Istio's ResolveShortnameToFQDN.
func TestFQDN(t *testing.T) {
	b := model.NewBuilder(model.Options{ClusterDomain: "corp.example"})
	s, _ := b.Build()
	for host, want := range map[string]string{
		"reviews": "reviews.prod.svc.corp.example", "Reviews": "reviews.prod.svc.corp.example", "reviews.test": "reviews.test",
		"reviews.test.svc": "reviews.test.svc", "reviews.test.svc.corp.example": "reviews.test.svc.corp.example",
		"*": "*", "*.example.com": "*.example.com", "": "", "10.0.0.1": "10.0.0.1", "::1": "::1",
	} {
		if got := s.FQDN(host, "prod"); got != want {
			t.Errorf("FQDN(%q) = %q, want %q", host, got, want)
		}
	}
	for fqdn, want := range map[string]string{
		"reviews.prod.svc.corp.example": "prod/reviews", "reviews.prod.svc.cluster.local": "/", "reviews.corp.example": "/",
		"a.b.prod.svc.corp.example": "/", "reviews.svc.corp.example": "/", "reviews": "/",
	} {
		if ns, name, _ := s.ServiceName(fqdn); ns+"/"+name != want {
			t.Errorf("ServiceName(%q) = %s/%s, want %s", fqdn, ns, name, want)
		}
	}
}

const hosts = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: prod}
---
apiVersion: v1
kind: Service
metadata: {name: secret, namespace: prod, annotations: {networking.istio.io/exportTo: ". , test"}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pay, namespace: prod}
spec: {hosts: [pay.example.com, "*.cdn.example.com"], exportTo: ["."]}
`

func TestResolve(t *testing.T) {
	tests := []struct {
		host, namespace string
		known           bool
		problem         string
	}{
		{"reviews", "prod", true, ""},
		{"reviews.prod.svc.cluster.local", "web", true, ""},
		{"reviews", "web", false, "no Service has this name"},
		{"reviews.prod", "prod", false, "write reviews.prod.svc.cluster.local"},
		{"reviews.prod.svc", "web", false, "write reviews.prod.svc.cluster.local"},
		{"secret", "prod", true, ""},
		{"secret.prod.svc.cluster.local", "test", true, ""},
		{"secret.prod.svc.cluster.local", "web", false, "Service prod/secret is not exported to namespace web"},
		{"pay.example.com", "prod", true, ""},
		{"a.cdn.example.com", "prod", true, ""},
		{"pay.example.com", "web", false, "no ServiceEntry declares it"},
		{"*.example.org", "prod", false, ""},
	}
	s := modeltest.Live(t, hosts)
	for _, tt := range tests {
		h := s.Resolve(tt.host, tt.namespace)
		if h.Known() != tt.known || !strings.Contains(h.Problem, tt.problem) || (tt.problem == "") != (h.Problem == "") {
			t.Errorf("Resolve(%q, %q) = %+v, want known %v, problem %q", tt.host, tt.namespace, h, tt.known, tt.problem)
		}
	}
	// Files prove no absence, but a misspelt name of a Service among them is one.
	files := modeltest.Files(t, "f.yaml", hosts)
	if h := files.Resolve("nobody", "prod"); h.Problem != "" {
		t.Errorf("offline: %q", h.Problem)
	}
	if h := files.Resolve("reviews.prod", "web"); !strings.Contains(h.Problem, "write reviews.prod.svc.cluster.local") {
		t.Errorf("offline: %q", h.Problem)
	}
}

func TestExported(t *testing.T) {
	for _, tt := range []struct {
		exportTo []string
		from, to string
		want     bool
	}{
		{nil, "a", "b", true}, {[]string{"*"}, "a", "b", true}, {[]string{"."}, "a", "b", false}, {[]string{"."}, "a", "a", true},
		{[]string{"c", "b"}, "a", "b", true}, {[]string{"~"}, "a", "a", false},
	} {
		if got := model.Exported(tt.exportTo, tt.from, tt.to); got != tt.want {
			t.Errorf("Exported(%v, %s, %s) = %v", tt.exportTo, tt.from, tt.to, got)
		}
	}
}

// rule is a DestinationRule with subsets named after the rule.
func rule(name, namespace, born, spec string) string {
	return "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: " + name + ", namespace: " + namespace +
		", creationTimestamp: \"" + born + "\"}\nspec: {" + spec + ", subsets: [{name: " + name + ", labels: {version: " + name + "}}, {name: shared, labels: {rule: " + name + "}}]}\n"
}

func TestDestination(t *testing.T) {
	const old, young = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
	const host = "host: reviews.prod.svc.cluster.local"
	tests := map[string]struct {
		rules  string
		client string
		want   []string // subset=rule, in order
	}{
		"none":                               {"", "web", nil},
		"the service's":                      {rule("a", "prod", old, "host: reviews"), "web", []string{"a=a", "shared=a"}},
		"a short name means its namespace":   {rule("a", "test", old, "host: reviews"), "test", nil},
		"the client's own comes first":       {rule("a", "prod", old, host) + rule("b", "web", young, host), "web", []string{"b=b", "shared=b"}},
		"not for other clients":              {rule("a", "prod", old, host) + rule("b", "web", young, host), "api", []string{"a=a", "shared=a"}},
		"the root namespace comes last":      {rule("a", "istio-system", old, host), "web", []string{"a=a", "shared=a"}},
		"the root is hidden by the service":  {rule("a", "istio-system", old, host) + rule("b", "prod", young, host), "web", []string{"b=b", "shared=b"}},
		"not exported":                       {rule("a", "prod", old, host+", exportTo: [\".\"]"), "web", nil},
		"not exported, but at home":          {rule("a", "prod", old, host+", exportTo: [\".\"]"), "prod", []string{"a=a", "shared=a"}},
		"merged, the older wins a name":      {rule("a", "prod", young, host) + rule("b", "prod", old, host), "web", []string{"b=b", "shared=b", "a=a"}},
		"not merged across other scopes":     {rule("a", "prod", old, host) + rule("b", "prod", young, host+", exportTo: [web, prod]"), "web", []string{"a=a", "shared=a"}},
		"merged where scopes are the same":   {rule("a", "prod", old, host+", exportTo: [prod]") + rule("b", "prod", young, host+", exportTo: [\".\"]"), "prod", []string{"a=a", "shared=a", "b=b"}},
		"a workloadSelector is not for all":  {rule("a", "prod", old, host+", workloadSelector: {matchLabels: {x: z}}"), "web", nil},
		"a wildcard":                         {rule("a", "prod", old, `host: "*.prod.svc.cluster.local"`), "web", []string{"a=a", "shared=a"}},
		"the exact host beats a wildcard":    {rule("a", "prod", old, `host: "*.prod.svc.cluster.local"`) + rule("b", "prod", young, host), "web", []string{"b=b", "shared=b"}},
		"the longest wildcard":               {rule("a", "prod", old, `host: "*.local"`) + rule("b", "prod", young, `host: "*.prod.svc.cluster.local"`), "web", []string{"b=b", "shared=b"}},
		"a wildcard at the client hides all": {rule("a", "prod", old, host) + rule("b", "web", old, `host: "*.local"`), "web", []string{"b=b", "shared=b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := modeltest.Live(t, hosts+tt.rules).Destination("reviews.prod.svc.cluster.local", tt.client)
			var got []string
			for _, sub := range d.Subsets {
				got = append(got, sub.Name+"="+sub.Rule.Ref.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("subsets (-want +got):\n%s", diff)
			}
		})
	}
	// The host of a ServiceEntry belongs to the entry's namespace.
	entry := modeltest.Live(t, strings.Replace(hosts, `exportTo: ["."]`, `exportTo: ["*"]`, 1)+rule("a", "prod", old, "host: pay.example.com"))
	if d := entry.Destination("pay.example.com", "web"); len(d.Rules) != 1 {
		t.Errorf("rules for a ServiceEntry's host: %v", d.Rules)
	}
	s := modeltest.Live(t, hosts+rule("a", "prod", old, host)+rule("b", "web", old, host)+rule("c", "api", old, `host: "*.local"`)+rule("d", "istio-system", old, host)+rule("e", "web", old, host))
	if diff := cmp.Diff([]string{"api", "web"}, s.ClientRuleNamespaces("reviews.prod.svc.cluster.local")); diff != "" {
		t.Errorf("namespaces with rules of their own (-want +got):\n%s", diff)
	}
}

// backed is a Service with endpoints of both IP families, in and out of the mesh.
const backed = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: prod}
spec: {selector: {app: reviews}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: prod, labels: {app: reviews, version: v1}}
spec: {containers: [{name: app}], initContainers: [{name: istio-proxy, restartPolicy: Always}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: prod, labels: {app: reviews, version: v2}, annotations: {ambient.istio.io/redirection: enabled}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c, namespace: prod, labels: {app: other}}
spec: {containers: [{name: app}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: reviews-4, namespace: prod, labels: {kubernetes.io/service-name: reviews}}
addressType: IPv4
endpoints:
- {addresses: [10.0.0.1], targetRef: {kind: Pod, name: a}}
- {addresses: [10.0.0.2], conditions: {ready: false}, targetRef: {kind: Pod, name: b}}
- {addresses: [192.0.2.1], conditions: {ready: true}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: reviews-6, namespace: prod, labels: {kubernetes.io/service-name: reviews}}
addressType: IPv6
endpoints:
- {addresses: ["fd00::1"], conditions: {ready: true}, targetRef: {kind: Pod, name: a}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: other, namespace: prod, labels: {kubernetes.io/service-name: other}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.3], targetRef: {kind: Pod, name: c}}]
`

func TestBacking(t *testing.T) {
	s := modeltest.Live(t, backed)
	svc, _ := model.Services.Get(s, "prod", "reviews")
	for _, tt := range []struct {
		labels map[string]string
		want   model.Ready
	}{
		{nil, model.Ready{Ready: 2, Total: 3}}, {map[string]string{"version": "v1"}, model.Ready{Ready: 1, Total: 1}},
		{map[string]string{"version": "v2"}, model.Ready{Total: 1}}, {map[string]string{"version": "v3"}, model.Ready{}},
	} {
		if got := s.Backing(svc, tt.labels); got != tt.want {
			t.Errorf("Backing(%v) = %+v, want %+v", tt.labels, got, tt.want)
		}
	}
	pods := s.Selected(svc)
	if len(pods) != 2 || !model.InMesh(pods[0].Value) || !model.InMesh(pods[1].Value) || model.Ambient(pods[0].Value) || !model.Ambient(pods[1].Value) {
		t.Errorf("selected pods: %v", pods)
	}
	if c, _ := model.Pods.Get(s, "prod", "c"); model.InMesh(c.Value) {
		t.Error("pod c has no proxy")
	}
	if n := len(s.Selected(model.Item[corev1.Service]{Object: svc.Object, Value: &corev1.Service{}})); n != 0 {
		t.Errorf("a Service without a selector selects %d pods", n)
	}
	b := model.NewBuilder(model.Options{})
	b.Unknown(model.Gap{Kind: model.Pods.GroupKind, Reason: "cannot list pods"})
	dark, _ := b.Build()
	if got := dark.Backing(svc, nil); !got.Unknown() || got.Reason != "cannot list pods" {
		t.Errorf("without rights: %+v", got)
	}
}
