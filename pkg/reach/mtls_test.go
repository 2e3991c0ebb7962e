// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// callers are web, which names cart in its environment, and a Job outside of the
// mesh that names it in its arguments.
var callers = strings.Replace(pods, "containers: [{name: app, image: x,", "containers: [{name: app, image: x, env: [{name: CART_URL, value: 'http://cart/v1'}],", 1) + `
apiVersion: batch/v1
kind: Job
metadata: {name: report, namespace: prod}
spec: {template: {metadata: {labels: {sidecar.istio.io/inject: "false"}}, spec: {containers: [{name: a, image: x, args: ["--cart=cart.prod.svc:80"]}]}}}
---
`

func edgeOf(t *testing.T, table reach.MTLSTable, from, to string) reach.Edge {
	t.Helper()
	i := slices.IndexFunc(table.Edges, func(x reach.Edge) bool { return x.From == from && x.To == to })
	if i < 0 {
		t.Fatalf("no edge from %s to %s in %+v", from, to, table.Edges)
	}
	return table.Edges[i]
}

func TestMTLS(t *testing.T) {
	table := live(t, callers).MTLS(reach.MTLSOptions{})
	x := edgeOf(t, table, "prod/deploy/web", "prod/deploy/cart")
	if x.TLS.Result != mesh.Mutual || x.TLS.Client != mesh.ClientAuto || x.TLS.Server != mesh.ServerPermissive || x.Port != 8080 || x.Service.Name != "cart" {
		t.Errorf("found %+v", x)
	}
	if len(x.Declared) != 1 || x.Declared[0].Rule != "CART_URL" || x.Declared[0].Pointer == "" {
		t.Errorf("expected the variable that declares it, found %+v", x.Declared)
	}
	if x := edgeOf(t, table, "prod/job/report", "prod/deploy/cart"); x.TLS.Result != mesh.Plain {
		t.Errorf("expected the Job to call in plain text, found %+v", x)
	}
	if x := edgeOf(t, table, "any sidecar", "prod/deploy/web"); len(x.Declared) != 0 {
		t.Errorf("expected a caller that is made up, found %+v", x)
	}
	if table.Edges[0].TLS.Result != mesh.Plain {
		t.Errorf("expected plain text before mutual TLS, found %+v", table.Edges[0])
	}
	if none := live(t, callers).MTLS(reach.MTLSOptions{Namespaces: []string{"elsewhere"}}); len(none.Edges) != 0 || len(none.Workloads) != 0 {
		t.Errorf("expected nothing of another namespace, found %+v", none)
	}
}

// A rule that turns TLS off meets STRICT: the conflict comes first.
func TestMTLSConflict(t *testing.T) {
	table := live(t, callers+policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}")+`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: prod}
spec: {host: cart, trafficPolicy: {tls: {mode: DISABLE}}}
`).MTLS(reach.MTLSOptions{})
	x := edgeOf(t, table, "prod/deploy/web", "prod/deploy/cart")
	if x.TLS.Result != mesh.Fail || x.TLS.ClientBy.Object.Kind != "DestinationRule" || x.TLS.ServerBy.Object.Kind != "PeerAuthentication" || x.Hop.Verdict != verdict.Deny {
		t.Errorf("found %+v", x)
	}
	if table.Edges[0].TLS.Result != mesh.Fail {
		t.Errorf("expected conflicts first, found %+v", table.Edges[0])
	}
}

func TestStrictness(t *testing.T) {
	of := func(world, name string) reach.Strictness {
		t.Helper()
		all := live(t, world).MTLS(reach.MTLSOptions{}).Workloads
		i := slices.IndexFunc(all, func(w reach.Strictness) bool { return w.Workload.Name == name })
		if i < 0 {
			t.Fatalf("no workload %s in %v", name, all)
		}
		return all[i]
	}
	meshOnly := callers[:strings.Index(callers, "apiVersion: batch/v1")]
	for name, c := range map[string]struct {
		world, workload string
		want            verdict.Verdict
		breaks          string
	}{
		"a caller in plain text": {callers, "cart", verdict.Deny, "prod/job/report calls port 8080"},
		"callers in the mesh":    {meshOnly, "cart", verdict.Allow, ""},
		"no caller":              {callers, "web", verdict.Unknown, "no caller is known"},
		"strict already":         {meshOnly + policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}"), "cart", verdict.None, ""},
		"no proxy":               {callers, "report", verdict.None, ""},
	} {
		if got := of(c.world, c.workload); got.Verdict != c.want || !strings.Contains(strings.Join(got.Breaks, " "), c.breaks) || c.breaks == "" && len(got.Breaks) > 0 {
			t.Errorf("%s: expected %s %q, found %+v", name, c.want, c.breaks, got)
		}
	}
}

// Who calls is also in ConfigMaps, in routes of gateways and of Ingresses, and
// in what Prometheus is told to scrape.
func TestCallsDeclared(t *testing.T) {
	table := live(t, pods+`
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: prod}
data: {app.conf: "upstream = cart.prod.svc.cluster.local\n"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: prod}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge}}
    spec: {containers: [{name: a, image: x}], volumes: [{name: c, configMap: {name: web}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: prod}
spec: {selector: {app: edge}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: front, namespace: prod}
spec: {hosts: [shop.example.com], gateways: [front], http: [{route: [{destination: {host: cart}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: prod}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
`).MTLS(reach.MTLSOptions{})
	for _, c := range []struct{ from, to, kind string }{
		{"prod/deploy/edge", "prod/deploy/cart", "ConfigMap"}, {"prod/gateway/front", "prod/deploy/cart", "VirtualService"}, {"ingress controller", "prod/deploy/web", "Ingress"},
	} {
		x := edgeOf(t, table, c.from, c.to)
		if len(x.Declared) == 0 || x.Declared[0].Object.Kind != c.kind || (x.Declared[0].Object == ref.Ref{}) {
			t.Errorf("%s: expected a %s to declare it, found %+v", c.from, c.kind, x.Declared)
		}
	}
}
