// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package traffic_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

const world = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: prod}
spec:
  hosts: [Reviews, shop.example.com]
  http:
  - name: api
    match:
    - uri: {prefix: /api}
      method: {exact: GET}
      authority: {regex: .*}
      headers: {x-b: {exact: "1"}, x-a: {}}
      withoutHeaders: {x-c: {}}
      queryParams: {q: {exact: "2"}}
      port: 8080
      gateways: [edge]
      sourceLabels: {app: web}
      sourceNamespace: web
    - {}
    fault: {abort: {httpStatus: 500}}
    mirrors: [{destination: {host: shadow}}]
    route:
    - {destination: {host: reviews, subset: v1, port: {number: 80}}, weight: 90}
    - {destination: {host: reviews.test.svc.cluster.local}}
  - redirect: {uri: /}
  - directResponse: {status: 200}
  - delegate: {name: d, namespace: other}
  - route: [{destination: {host: reviews.prod}, weight: 0}]
  - {}
  tls:
  - match: [{port: 443, sniHosts: [a.example.com, b.example.com]}]
    route: [{destination: {host: reviews}}]
  tcp:
  - match: [{port: 3306}]
    route: [{destination: {host: reviews}, weight: 7}, {destination: {host: other}, weight: 3}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: h, namespace: prod}
spec:
  parentRefs: [{name: edge}, {group: "", kind: Service, name: reviews}, {group: "", kind: Service, name: reviews, namespace: test}]
  hostnames: [Shop.example.com]
  rules:
  - name: one
    matches:
    - {path: {type: PathPrefix, value: /api}, method: GET, headers: [{name: x, value: "1"}], queryParams: [{name: q, value: "2"}]}
    - {path: {type: PathPrefix, value: /}}
    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 80}}}]
    backendRefs:
    - {name: reviews-v1, port: 80}
    - {name: reviews-v2, namespace: test, port: 80, weight: 3}
    - {group: multicluster.x-k8s.io, kind: ServiceImport, name: far, weight: 0}
  - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
  - {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: g, namespace: prod}
spec:
  rules:
  - matches: [{method: {service: s, method: m}, headers: [{name: x, value: "1"}]}, {method: {type: Exact, service: t}}]
    backendRefs: [{name: reviews-v1, port: 80}]
`

func TestRoutes(t *testing.T) {
	var got []string
	for _, r := range traffic.Routes(modeltest.Live(t, world)) {
		line := fmt.Sprintf("%s %s %s", r.Object.Ref.Name, r.ID(), r.Pointer)
		for _, l := range r.Legs {
			line += fmt.Sprintf(" %s=%d/%v", l.Backend, l.Weight, l.Explicit)
		}
		got = append(got, strings.Join([]string{line, r.Match, r.Fixed, strings.Join(r.Notes, ", ")}, "|"))
	}
	const connections = "the weight of a TCP or TLS route is a share of connections, not of requests"
	want := []string{
		"a http[0] api /spec/http/0 reviews.prod.svc.cluster.local/v1:80=90/true reviews.test.svc.cluster.local=0/false" +
			"|uri /api* and method GET and authority ~.* and header x-a and header x-b 1 and no header x-c and query q 2 and port 8080 and gateway edge and caller app=web and from namespace web" +
			"||its fault injection hits the canary too, it mirrors requests; the mirror stays as it is",
		"a http[1] /spec/http/1||it redirects|",
		"a http[2] /spec/http/2||it answers directly|",
		"a http[3] /spec/http/3||it delegates to VirtualService other/d|",
		"a http[4] /spec/http/4 reviews.prod=100/true|||",
		"a http[5] /spec/http/5||it has no destination|",
		"a tls[0] /spec/tls/0 reviews.prod.svc.cluster.local=100/false|sni a.example.com,b.example.com and port 443||" + connections,
		"a tcp[0] /spec/tcp/0 reviews.prod.svc.cluster.local=7/true other.prod.svc.cluster.local=3/true|port 3306||" + connections,
		"h http[0] one /spec/rules/0 reviews-v1.prod.svc.cluster.local:80=1/false reviews-v2.test.svc.cluster.local:80=3/true serviceimport/far=0/true" +
			"|path /api and method GET and header x 1 and query q 2||it mirrors requests; the mirror stays as it is",
		"h http[1] /spec/rules/1||it redirects|",
		"h http[2] /spec/rules/2||it has no backendRefs|",
		"g grpc[0] /spec/rules/0 reviews-v1.prod.svc.cluster.local:80=1/false|service s and method m and header x 1 or service t||",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestHosts(t *testing.T) {
	routes := traffic.Routes(modeltest.Live(t, world))
	for id, want := range map[string][]string{
		"a http[0] api": {"reviews.prod.svc.cluster.local", "shop.example.com"},
		"h http[0] one": {"reviews.prod.svc.cluster.local", "reviews.test.svc.cluster.local", "shop.example.com"},
		"g grpc[0]":     nil,
	} {
		if diff := cmp.Diff(want, find(t, routes, id).Hosts); diff != "" {
			t.Errorf("hosts of %s (-want +got):\n%s", id, diff)
		}
	}
}

func find(t *testing.T, routes []traffic.Route, id string) traffic.Route {
	t.Helper()
	for _, r := range routes {
		if r.Object.Ref.Name+" "+r.ID() == id {
			return r
		}
	}
	t.Fatalf("no route %s", id)
	return traffic.Route{}
}

var edits = map[string]struct {
	route string
	ops   func(traffic.Route) ([]patch.Op, error)
	want  []string
}{
	"weights": {
		"a http[0] api", func(r traffic.Route) ([]patch.Op, error) { return r.Router.SetWeights(r, []int{80, 20}), nil },
		[]string{
			`test /spec/http/0/route/0/destination {"host":"reviews","port":{"number":80},"subset":"v1"}`, "test /spec/http/0/route/0/weight 90",
			"replace /spec/http/0/route/0/weight 80",
			`test /spec/http/0/route/1/destination {"host":"reviews.test.svc.cluster.local"}`, "add /spec/http/0/route/1/weight 20",
		},
	},
	"weights as they are": {
		"a http[0] api", func(r traffic.Route) ([]patch.Op, error) { return r.Router.SetWeights(r, []int{90, 0}), nil }, nil,
	},
	"a lone destination's zero means all": {
		"a http[4]", func(r traffic.Route) ([]patch.Op, error) { return r.Router.SetWeights(r, []int{100}), nil }, nil,
	},
	"a subset of the model's host": {
		"a http[0] api", func(r traffic.Route) ([]patch.Op, error) {
			return r.Router.AddLeg(r, r.Legs[0], traffic.Backend{Host: r.Legs[0].Host, Subset: "v2"}, 5)
		},
		[]string{`add /spec/http/0/route/- {"destination":{"host":"reviews","port":{"number":80},"subset":"v2"},"weight":5}`},
	},
	"another host, as short as the model's": {
		"a tcp[0]", func(r traffic.Route) ([]patch.Op, error) {
			return r.Router.AddLeg(r, r.Legs[0], traffic.Backend{Host: "reviews-v2.prod.svc.cluster.local"}, 5)
		},
		[]string{`add /spec/tcp/0/route/- {"destination":{"host":"reviews-v2"},"weight":5}`},
	},
	"another host, as long as the model's": {
		"a http[0] api", func(r traffic.Route) ([]patch.Op, error) {
			return r.Router.AddLeg(r, r.Legs[1], traffic.Backend{Host: "reviews-v2.test.svc.cluster.local"}, 5)
		},
		[]string{`add /spec/http/0/route/- {"destination":{"host":"reviews-v2.test.svc.cluster.local"},"weight":5}`},
	},
	"a leg out": {
		"a tcp[0]", func(r traffic.Route) ([]patch.Op, error) { return r.Router.RemoveLeg(r, r.Legs[1]), nil },
		[]string{`test /spec/tcp/0/route/1/destination {"host":"other"}`, "test /spec/tcp/0/route/1/weight 3", "remove /spec/tcp/0/route/1"},
	},
	"backendRefs": {
		"h http[0] one", func(r traffic.Route) ([]patch.Op, error) { return r.Router.SetWeights(r, []int{1, 4, 2}), nil },
		[]string{
			`test /spec/rules/0/backendRefs/1/namespace "test"`, `test /spec/rules/0/backendRefs/1/name "reviews-v2"`, "test /spec/rules/0/backendRefs/1/port 80",
			"test /spec/rules/0/backendRefs/1/weight 3", "replace /spec/rules/0/backendRefs/1/weight 4",
			`test /spec/rules/0/backendRefs/2/group "multicluster.x-k8s.io"`, `test /spec/rules/0/backendRefs/2/kind "ServiceImport"`, `test /spec/rules/0/backendRefs/2/name "far"`,
			"test /spec/rules/0/backendRefs/2/weight 0", "replace /spec/rules/0/backendRefs/2/weight 2",
		},
	},
	"a backendRef in": {
		"g grpc[0]", func(r traffic.Route) ([]patch.Op, error) {
			return r.Router.AddLeg(r, r.Legs[0], traffic.Backend{Host: "reviews-v2.prod.svc.cluster.local"}, 5)
		},
		[]string{`add /spec/rules/0/backendRefs/- {"name":"reviews-v2","port":80,"weight":5}`},
	},
	"a backendRef out": {
		"g grpc[0]", func(r traffic.Route) ([]patch.Op, error) { return r.Router.RemoveLeg(r, r.Legs[0]), nil },
		[]string{`test /spec/rules/0/backendRefs/0/name "reviews-v1"`, "test /spec/rules/0/backendRefs/0/port 80", "remove /spec/rules/0/backendRefs/0"},
	},
}

// TestEdits: each kind of edit, its patch, and that it says what it will find.
func TestEdits(t *testing.T) {
	routes := traffic.Routes(modeltest.Live(t, world))
	for name, tt := range edits {
		t.Run(name, func(t *testing.T) {
			r := find(t, routes, tt.route)
			ops, err := tt.ops(r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, op := range ops {
				value, _ := json.Marshal(op.Value)
				if op.Op == patch.Remove {
					value = nil
				}
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", op.Op, op.Path, value)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			if _, err := patch.Apply(r.Object.Raw(), ops); err != nil {
				t.Errorf("they do not apply: %v", err)
			}
		})
	}
}

func TestRouters(t *testing.T) {
	for _, r := range traffic.Routers() {
		for _, k := range r.Kinds() {
			if got, ok := traffic.RouterOf(k.GroupKind); !ok || got != r {
				t.Errorf("RouterOf(%s) = %v", k, got)
			}
		}
		if r.Name() == "" || r.MaxWeight() < 1_000_000 || r.DefaultWeight() > 1 {
			t.Errorf("%T: %q %d %d", r, r.Name(), r.MaxWeight(), r.DefaultWeight())
		}
		if routes := r.Routes(modeltest.Live(t, ""), model.FromRaw(map[string]any{"kind": "Other"}, "")); routes != nil {
			t.Errorf("%s finds routes in an object of another kind: %v", r.Name(), routes)
		}
	}
	if r, ok := traffic.RouterOf(ref.GroupKind{Kind: "Service"}); ok {
		t.Errorf("a Service has the router %s", r.Name())
	}
}
