// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// gateways are one of Istio's own and one of the Gateway API.
const gateways = `apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: istio-system}
spec: {template: {metadata: {labels: {istio: ingress, sidecar.istio.io/inject: "true"}}, spec: {serviceAccountName: ingress}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge-istio, namespace: prod}
spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: edge, sidecar.istio.io/inject: "true"}}, spec: {serviceAccountName: edge-istio}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: prod}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
`

func TestGateways(t *testing.T) {
	root := func(spec string) string {
		return strings.Replace(policy("g", spec), "namespace: prod", "namespace: istio-system", 1)
	}
	byGateway := policy("p", `{selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: ["cluster.local/ns/istio-system/sa/ingress"]}}]}]}`)
	remote := `rules: [{from: [{source: {remoteIpBlocks: ["10.0.0.0/8"]}}]}]`
	for name, c := range map[string]struct{ policies, via, want string }{
		"nobody has a say":                {"", "istio-system/ingress", "gateway none,  none"},
		"the server sees the gateway":     {byGateway, "istio-system/ingress", "gateway none,  allow"},
		"of another gateway":              {byGateway, "prod/edge-istio", "gateway none,  deny"},
		"selector":                        {root("{selector: {matchLabels: {istio: ingress}}, action: DENY, rules: [{to: [{operation: {paths: [/]}}]}]}"), "istio-system/ingress", "gateway deny,  none"},
		"root namespace is everybody's":   {root("{action: DENY, rules: [{to: [{operation: {paths: [/]}}]}]}"), "istio-system/ingress", "gateway deny,  deny"},
		"targetRefs":                      {policy("p", "{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}], "+remote+"}"), "prod/edge-istio", "gateway unknown,  none"},
		"targetRef of old":                {policy("p", "{targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: edge}}"), "prod/edge-istio", "gateway deny,  none"},
		"targetRefs of another":           {policy("p", "{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: other}]}"), "prod/edge-istio", "gateway none,  none"},
		"a selector on a Gateway":         {policy("p", "{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: edge}}}"), "prod/edge-istio", "gateway deny,  none"},
		"the gateway's port is not known": {root(`{selector: {matchLabels: {istio: ingress}}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}`), "istio-system/ingress", "gateway unknown,  none"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+gateways+c.policies)
			r := w.request()
			via := w.peer(c.via)
			r.From, r.Via = w.peer("203.0.113.0/24"), &via
			if got := hops(w, r); got != c.want {
				t.Errorf("expected %q, found %q", c.want, got)
			}
		})
	}
}

// TestNormalization holds the four modes of pathNormalization.
func TestNormalization(t *testing.T) {
	for mode, matching := range map[string][]string{
		"NONE":                     {"/a/b", "/a/b?x", "/a/b#x"},
		"BASE":                     {"/a/b", "/a/./b", "/x/../a/b", `/a\b`, "/%61/b"},
		"MERGE_SLASHES":            {"/a/b", "/a/./b", "//a///b"},
		"DECODE_AND_MERGE_SLASHES": {"/a/b", "/a%2Fb", "/a%5cb", "//a//b", "/x%2f..%2fa/b"},
	} {
		for _, path := range []string{"/a/b", "/a/b?x", "/a/b#x", "/a/./b", "/x/../a/b", `/a\b`, "/%61/b", "//a///b", "//a//b", "/a%2Fb", "/a%5cb", "/x%2f..%2fa/b", "/a%2"} {
			want := deny
			for _, m := range matching {
				more := mode != "NONE" && strings.ContainsAny(path, "?#")
				wider := (mode == "MERGE_SLASHES" || mode == "DECODE_AND_MERGE_SLASHES") && (strings.HasPrefix(path, "//a") || strings.ContainsAny(path, `.\`) && !strings.Contains(path, "%") || path == "/%61/b")
				if m == path || more || wider {
					want = allow
				}
			}
			check(t, base+meshConfig("{pathNormalization: {normalization: "+mode+"}}")+policy("p", `{rules: [{to: [{operation: {paths: [/a/b]}}]}]}`),
				one{mode + " " + path, call("GET", path), want, ""})
		}
	}
}

// TestLivePods holds what live pods show that templates do not.
func TestLivePods(t *testing.T) {
	pod := func(name, ip, labels, spec string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: prod, labels: {" + labels + "}}\nspec: {" + spec + "}\nstatus: {podIP: " + ip + ", phase: Running}\n---\n"
	}
	proxy := "serviceAccountName: web, containers: [{name: istio-proxy, env: [{name: ISTIO_META_ENABLE_HBONE, value: \"true\"}]}]"
	s := modeltest.Live(t, pod("a", "10.1.1.1", "app: a", proxy)+pod("b", "10.2.2.2", "app: b", "containers: [{name: istio-proxy}]")+pod("c", "10.3.3.3", "app: c", "")+
		policy("p", `{rules: [{from: [{source: {ipBlocks: ["10.1.0.0/16"]}}], when: [{key: destination.ip, values: ["10.2.2.2"]}]}]}`))
	w := world{mesh.New(s, mesh.Options{TrustDomain: "td"}), s, t}
	ask := func(from, to string) verdict.Verdict {
		return w.authorize(mesh.Request{From: w.peer(from), To: w.peer(to), Protocol: mesh.HTTP}).Verdict
	}
	if got := ask("prod/a", "prod/b"); got != allow {
		t.Errorf("the address of the caller and the server: expected allow, found %s", got)
	}
	if got := ask("prod/c", "prod/b"); got != deny {
		t.Errorf("another address: expected deny, found %s", got)
	}
	if got := ask("prod/b", "prod/c"); got != none {
		t.Errorf("no proxy in the pod: expected none, found %s", got)
	}
	if got := w.Identity(w.peer("prod/a")); got != "td/ns/prod/sa/web" {
		t.Errorf("expected the trust domain of the options, found %s", got)
	}
	if got := w.Identity(model.Peer{Node: true}); got != "" {
		t.Errorf("a node has no identity, found %s", got)
	}
	ambient := modeltest.Live(t, pod("a", "10.1.1.1", "app: a", proxy)+pod("b", "10.2.2.2", "app: b", "containers: [{name: istio-proxy}]")+
		"apiVersion: v1\nkind: Pod\nmetadata: {name: z, namespace: prod, annotations: {ambient.istio.io/redirection: enabled}}\n---\n")
	w = world{mesh.New(ambient, mesh.Options{}), ambient, t}
	for from, want := range map[string]mesh.Result{"prod/a": mesh.Mutual, "prod/b": mesh.Plain} {
		if got, _ := w.TLS(mesh.Request{From: w.peer(from), To: w.peer("prod/z")}); got.Result != want {
			t.Errorf("sidecar %s to ambient: expected %s, found %s", from, want, got.Result)
		}
	}
	if got, _ := w.TLS(mesh.Request{From: w.peer("prod/z"), To: w.peer("prod/b")}); got.Result != mesh.Plain {
		t.Errorf("ambient to a sidecar without a tunnel: expected plaintext, found %s", got.Result)
	}
}
