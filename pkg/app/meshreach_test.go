// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// bazaarOthers is what others make: istiod the pods of the waypoint and of the Gateway,
// somebody else the store and the DNS.
const bazaarOthers = `
apiVersion: v1
kind: Namespace
metadata: {name: data}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pg, namespace: data}
spec:
  serviceName: pg
  selector: {matchLabels: {app: pg}}
  template:
    metadata: {labels: {app: pg}}
    spec: {containers: [{name: pg, image: postgres, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: pg, namespace: data}
spec: {selector: {app: pg}, ports: [{name: tcp, port: 5432}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: dns, image: coredns, ports: [{containerPort: 53, protocol: UDP}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata: {labels: {istio: ingressgateway, sidecar.istio.io/inject: "true", inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: istio-ingressgateway, containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: v1
kind: Secret
metadata: {name: bazaar-tls, namespace: istio-system}
type: kubernetes.io/tls
data: {tls.crt: "", tls.key: ""}
---
apiVersion: v1
kind: Secret
metadata: {name: catalog-tls, namespace: istio-system}
type: kubernetes.io/tls
data: {tls.crt: "", tls.key: ""}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-ingress}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shared, namespace: istio-ingress}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
`

// madeByIstiod are the pods of the waypoint.
const madeByIstiod = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: waypoint, namespace: bazaar}
spec:
  selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}
  template:
    metadata: {labels: {gateway.networking.k8s.io/gateway-name: waypoint, istio.io/dataplane-mode: none, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: waypoint, containers: [{name: istio-proxy, image: proxyv2}]}
`

// strangerThere is somebody in the namespace whom the file does not know.
const strangerThere = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: stranger, namespace: bazaar}
spec:
  selector: {matchLabels: {app: stranger}}
  template:
    metadata: {labels: {app: stranger}}
    spec: {serviceAccountName: stranger, containers: [{name: app, image: stranger}]}
`

// world is the engine that knows who reaches whom in a system, but for kinds that
// are left out.
func world(t *testing.T, s api.System, without ...string) *reach.Engine {
	t.Helper()
	objects := slices.DeleteFunc(generate(t, s, app.Options{}).Objects, func(o map[string]any) bool { return slices.Contains(without, o["kind"].(string)) })
	text := string(app.YAML(objects...)) + "---" + bazaarOthers + strangerThere
	if s.Platform.Mesh == "ambient" {
		text += madeByIstiod
	}
	return reach.New(modeltest.Files(t, "world.yaml", text), reach.Options{})
}

// ends are how the engine names the workloads that are no Deployments.
var ends = map[string]string{"cache": "sts", "report": "cronjob", "catalog": "deploy/catalog-v1"}

func endOf(t *testing.T, e *reach.Engine, name string) reach.End {
	t.Helper()
	text := "deploy/" + name
	if k := ends[name]; strings.Contains(k, "/") {
		text = k
	} else if k != "" {
		text = k + "/" + name
	}
	return parse(t, e, text)
}

func parse(t *testing.T, e *reach.Engine, text string) reach.End {
	t.Helper()
	out, err := e.End(text, "bazaar")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// passes asks the engine. That routes of the Gateway API are not followed inside
// the mesh is no denial.
func passes(t *testing.T, e *reach.Engine, from, to reach.End, r reach.Request) bool {
	t.Helper()
	a := e.Check(from, to, r)
	for _, h := range a.Hops {
		if h.Verdict == verdict.Deny {
			return false
		}
		if h.Verdict == verdict.Unknown && h.Number != verdict.Route {
			t.Errorf("%s -> %s %+v: unknown: %s: %s", a.From.Text, a.To.Text, r, h.Name, h.Reason)
		}
	}
	return true
}

// TestDeclared asks for every pair of services, and whoever else is there, and
// wants that exactly the declared calls pass.
func TestDeclared(t *testing.T) {
	requests := map[string]reach.Request{"http": {Method: "GET", Path: "/items"}, "grpc": {Method: "POST", Path: "/shop.Orders/Place"}, "redis": {}}
	for _, m := range entrances {
		s := bazaar(t, m.mesh, m.ingress)
		e := world(t, s)
		for from := range s.Services {
			for to, callee := range s.Services {
				for port := range callee.Ports {
					r, callable := requests[port]
					if !callable {
						continue
					}
					got := passes(t, e, endOf(t, e, from), parse(t, e, "svc/"+to+":"+port), r)
					want := declared(s, from, to, port)
					if callee.Open && !want && m.mesh == "ambient" {
						continue // the way to the waypoint is one, and the callee is for everybody
					}
					if got != want {
						t.Errorf("%s, %s: %s -> %s:%s passes: %t, want %t", m.mesh, m.ingress, from, to, port, got, want)
					}
				}
			}
		}
		for to := range s.Services {
			if len(s.Services[to].Ports) > 0 && passes(t, e, parse(t, e, "deploy/stranger"), parse(t, e, "svc/"+to), reach.Request{Method: "GET", Path: "/items"}) != s.Services[to].Open {
				t.Errorf("%s, %s: stranger -> %s", m.mesh, m.ingress, to)
			}
		}
	}
}

// declared reports whether the file says a call; a port that is not named is the
// one called http, or else the only one.
func declared(s api.System, from, to, port string) bool {
	callee := s.Services[to]
	return from == to && callee.Kind == "stateful" || slices.ContainsFunc(s.Services[from].DependsOn, func(d api.Dependency) bool {
		_, http := callee.Ports["http"]
		named := d.Port
		if named == "" && (http || port != "http") {
			named = map[bool]string{true: "http", false: port}[http]
		}
		return d.Service == to && named == port
	})
}

// TestGateway lets the gateway call what is exposed, and nothing else.
func TestGateway(t *testing.T) {
	for _, m := range entrances {
		e := world(t, bazaar(t, m.mesh, m.ingress))
		from := map[string]string{"gateway": "gateway/istio-ingress/shared", "istio": "deploy/istio-system/istio-ingressgateway"}[m.ingress]
		for to, want := range map[string]bool{"web": true, "admin": true, "deploy/catalog-v1:8080": true, "orders": false, "cache": false} {
			target := "svc/" + to
			if strings.Contains(to, "/") {
				target = to
			}
			a := e.Check(parse(t, e, from), parse(t, e, target), reach.Request{Method: "GET", Path: "/"})
			if denied := slices.ContainsFunc(a.Hops, func(h verdict.Hop) bool { return h.Verdict == verdict.Deny }); denied == want {
				t.Errorf("%s, %s: the gateway -> %s is denied: %t", m.mesh, m.ingress, to, denied)
			}
		}
	}
}

// TestAllowed asks for requests of callers that are narrowed, and of those that
// are not; and whether the waypoint can be passed by.
func TestAllowed(t *testing.T) {
	for _, m := range entrances {
		e := world(t, bazaar(t, m.mesh, m.ingress))
		for _, c := range []struct {
			from, to, method, path string
			want                   bool
		}{
			{"web", "svc/catalog:80", "GET", "/items", true},
			{"web", "svc/catalog:80", "GET", "/items/7", true},
			{"web", "svc/catalog:80", "POST", "/search", true},
			{"web", "svc/catalog:80", "DELETE", "/items/7", false},
			{"web", "svc/catalog:80", "GET", "/secrets", false},
			{"web", "svc/catalog:80", "POST", "/items", false},
			{"orders", "svc/catalog:80", "DELETE", "/secrets", true},
			{"admin", "svc/orders:8080", "GET", "/any", true},
			{"admin", "svc/orders:8080", "POST", "/any", false},
			{"web", "svc/orders:8080", "POST", "/any", true},
			{"web", "deploy/catalog-v1:8080", "DELETE", "/items/7", false},
			{"report", "deploy/catalog-v1:8080", "GET", "/items", false},
			{"web", "svc/status:8080", "GET", "/", true},
		} {
			if got := passes(t, e, endOf(t, e, c.from), parse(t, e, c.to), reach.Request{Method: c.method, Path: c.path}); got != c.want {
				t.Errorf("%s, %s: %s -> %s %s %s passes: %t, want %t", m.mesh, m.ingress, c.from, c.to, c.method, c.path, got, c.want)
			}
		}
	}
}

// TestPastWaypoint calls the Service of a version, which has no waypoint, where no
// NetworkPolicy is carried out: the policy of ztunnel lets in the waypoint alone.
func TestPastWaypoint(t *testing.T) {
	e := world(t, bazaar(t, "ambient", "gateway"), "NetworkPolicy")
	for _, from := range []string{"web", "orders", "report"} {
		if passes(t, e, endOf(t, e, from), parse(t, e, "svc/catalog-v1:80"), reach.Request{Method: "GET", Path: "/items"}) {
			t.Errorf("%s passes the waypoint by", from)
		}
	}
	if !passes(t, e, endOf(t, e, "web"), parse(t, e, "svc/catalog:80"), reach.Request{Method: "GET", Path: "/items"}) {
		t.Error("web does not reach catalog at all")
	}
}
