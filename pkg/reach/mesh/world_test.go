// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// base is a mesh of three workloads with sidecars, and one pod without.
const base = `
apiVersion: v1
kind: Namespace
metadata: {name: prod, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web, containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: other}
spec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web, containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: naked, namespace: plain}
spec: {template: {metadata: {labels: {app: naked}}, spec: {containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: prod}
spec: {template: {metadata: {labels: {app: api, tier: back}}, spec: {serviceAccountName: api, containers: [{name: a, ports: [{name: http, containerPort: 8080}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: prod}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: http}]}
---
`

// world is an engine and the Snapshot it stands on.
type world struct {
	*mesh.Engine
	s *model.Snapshot
	t testing.TB
}

func newWorld(t testing.TB, text string) world {
	t.Helper()
	s := modeltest.Files(t, "world.yaml", text)
	return world{mesh.New(s, mesh.Options{}), s, t}
}

// peer finds "namespace/kind/name", or reads a block of addresses.
func (w world) peer(name string) model.Peer {
	w.t.Helper()
	if name == "kubelet" {
		return model.Peer{Node: true}
	}
	if p, err := netip.ParsePrefix(name); err == nil {
		return model.Peer{Block: p}
	}
	parts := strings.Split(name, "/")
	for _, of := range w.s.Workloads(parts[0]) {
		if of.Ref.Name == parts[len(parts)-1] && (len(parts) == 2 || strings.EqualFold(of.Ref.Kind, parts[1])) {
			return of.Peers()[0]
		}
	}
	w.t.Fatalf("expected workload %s in the world, found none", name)
	return model.Peer{}
}

// request is from prod/web to prod/api, GET /, port 8080.
func (w world) request() mesh.Request {
	return mesh.Request{From: w.peer("prod/web"), To: w.peer("prod/api"), Port: 8080, Protocol: mesh.HTTP, Method: "GET", Path: "/"}
}

// authorize returns the hop of the server.
func (w world) authorize(r mesh.Request) verdict.Hop {
	hops := w.Authorize(r)
	return hops[len(hops)-1]
}

// policy is an AuthorizationPolicy for api; more are lines of its spec.
func policy(name, spec string) string {
	return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: prod}\nspec: " + spec + "\n---\n"
}

// one is one question and its answer.
type one struct {
	name string
	// ask changes the request.
	ask  func(w world, r *mesh.Request)
	want verdict.Verdict
	// says is what the reason, misses and notes hold.
	says string
}

// text is all that a hop says.
func text(h verdict.Hop) string {
	parts := append([]string{h.Object.Namespace + "/" + h.Object.Name, h.Rule, h.Reason, h.ID, h.Fix, h.Where}, h.Notes...)
	for _, n := range h.Nearest {
		parts = append(parts, n.Rule+" wants "+strings.Join(n.Wants, " + "), strings.Join(n.Has, " + "))
	}
	return strings.Join(parts, "\n")
}

// check asks questions of one world.
func check(t *testing.T, yaml string, questions ...one) {
	t.Helper()
	w := newWorld(t, yaml)
	for _, q := range questions {
		r := w.request()
		if q.ask != nil {
			q.ask(w, &r)
		}
		got := w.authorize(r)
		if got.Verdict != q.want || !strings.Contains(text(got), q.says) {
			t.Errorf("%s: expected %s with %q, found %s:\n%s", q.name, q.want, q.says, got.Verdict, text(got))
		}
	}
}

// from changes who asks.
func from(name string) func(world, *mesh.Request) {
	return func(w world, r *mesh.Request) { r.From = w.peer(name) }
}

// call changes method and path.
func call(method, path string) func(world, *mesh.Request) {
	return func(_ world, r *mesh.Request) { r.Method, r.Path = method, path }
}
