// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// cluster is what a system finds in its cluster, with a stranger in its namespace
// and one in another.
const cluster = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shared, namespace: istio-ingress}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, targetPort: 53, protocol: UDP}, {port: 53, targetPort: 53, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: data}
spec: {selector: {app: ledger}, ports: [{port: 5432, targetPort: 6432}]}
---
apiVersion: v1
kind: Service
metadata: {name: queue, namespace: data}
spec: {selector: {app: queue}, ports: [{port: 5672}]}
`

// others are the workloads around, by namespace and name, with their labels.
var others = map[string]string{
	"kube-system/coredns": "k8s-app: kube-dns", "istio-system/istiod": "app: istiod", "monitoring/prometheus": "app.kubernetes.io/name: prometheus",
	"istio-ingress/shared-istio": "gateway.networking.k8s.io/gateway-name: shared", "data/ledger": "app: ledger", "data/queue": "app: queue", "data/spare": "app: spare",
	"sys/stranger": "app: stranger", "far/stranger": "app: stranger",
}

// surroundings are the objects around.
func surroundings(mesh string) string {
	inMesh := map[string]string{"none": "a: b", "sidecar": "istio-injection: enabled", "ambient": "istio.io/dataplane-mode: ambient"}[mesh]
	out := cluster
	for _, ns := range []string{"kube-system", "istio-system", "monitoring", "istio-ingress", "data", "far"} {
		label := "a: b"
		if ns == "istio-ingress" && mesh != "none" {
			label = "istio-injection: enabled"
		}
		if ns == "far" {
			label = inMesh
		}
		out += fmt.Sprintf("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {%s}}\n", ns, label)
	}
	for id, labels := range others {
		ns, name, _ := strings.Cut(id, "/")
		out += fmt.Sprintf("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s, namespace: %s}\n"+
			"spec: {selector: {matchLabels: {%s}}, template: {metadata: {labels: {%s}}, spec: {serviceAccountName: %s, containers: [{name: %s, image: i}]}}}\n", name, ns, labels, labels, name, map[bool]string{true: "istio-proxy", false: "c"}[ns == "istio-ingress"])
	}
	return out
}

// placed is a system in its cluster.
func placed(t *testing.T, s api.System, without ...string) *model.Snapshot {
	t.Helper()
	set := generate(t, s, app.Options{})
	return placedText(t, s, string(app.YAML(slices.DeleteFunc(set.Objects, func(o map[string]any) bool { return slices.Contains(without, o["kind"].(string)) })...)))
}

func placedText(t *testing.T, s api.System, text string) *model.Snapshot {
	t.Helper()
	return modeltest.Live(t, surroundings(s.Platform.Mesh)+text)
}

// pods are the workloads of a service, as its versions run them.
func pods(s api.System, name string) []string {
	one := s.Services[name]
	kind := map[string]string{"stateful": "StatefulSet", "cronjob": "CronJob"}[one.Kind]
	if kind == "" {
		kind = "Deployment"
	}
	out := []string{"sys/" + kind + "/" + name}
	if len(one.Versions) > 0 {
		out = []string{"sys/Deployment/" + name + "-v1", "sys/Deployment/" + name + "-v2"}
	}
	return out
}

// request is what one workload asks of another.
type request struct {
	from, to     string
	port         int32
	method, path string
}

// meant are the requests that a system is meant to let through, read from the file
// alone.
func meant(s api.System) map[request]bool {
	out := map[request]bool{}
	for name, one := range s.Services {
		for _, to := range pods(s, name) {
			for _, p := range one.Ports {
				for _, from := range pods(s, name) {
					out[request{from: from, to: to, port: max(p.Port, p.Target)}] = one.Kind == "stateful"
				}
			}
			if m, has := one.Ports["http-metrics"]; has {
				out[request{from: "monitoring/Deployment/prometheus", to: to, port: m.Port}] = true
			}
			if one.Expose != nil {
				out[request{from: "istio-ingress/Deployment/shared-istio", to: to, port: one.Ports["http"].Target}] = true
			}
		}
		for _, d := range one.DependsOn {
			callee, isService := s.Services[d.Service]
			if !isService {
				continue
			}
			p := callee.Ports[d.Port]
			if d.Port == "" {
				p = callee.Ports["http"]
				if callee.Kind == "stateful" {
					p = callee.Ports["tcp-db"]
				}
			}
			for _, from := range pods(s, name) {
				for _, to := range pods(s, d.Service) {
					out[request{from: from, to: to, port: max(p.Port, p.Target)}] = true
				}
			}
		}
		for _, from := range pods(s, name) {
			calls := func(to string) bool {
				return slices.ContainsFunc(one.DependsOn, func(d api.Dependency) bool { return d.Service == to })
			}
			out[request{from: from, to: "data/Deployment/ledger", port: 6432}] = calls("ledger")
			for _, to := range []string{"ledger", "queue", "spare"} { // nothing is said of the pods of the queue but their namespace
				out[request{from: from, to: "data/Deployment/" + to, port: 5672}] = calls("queue")
			}
			out[request{from: from, to: "data/Deployment/spare", port: 6432}] = false
			out[request{from: from, to: "198.51.100.9/32", port: 8443}] = calls("payments")
			out[request{from: from, to: "203.0.113.7/32", port: 8099}] = calls("fax")
			out[request{from: from, to: "198.51.100.9/32", port: 8099}] = false
			out[request{from: from, to: "10.1.2.3/32", port: 8443}] = false
		}
	}
	return out
}

// requests are all that could be asked.
func requests(s api.System) []request {
	want := meant(s)
	var out []request
	var froms []string
	for id := range others {
		froms = append(froms, strings.Replace(id, "/", "/Deployment/", 1))
	}
	for name := range s.Services {
		froms = append(froms, pods(s, name)...)
	}
	for r := range want {
		if !strings.HasPrefix(r.to, "sys/") {
			out = append(out, r)
		}
	}
	for name, one := range s.Services {
		for _, to := range pods(s, name) {
			for _, from := range froms {
				if from == to && one.Kind != "stateful" {
					continue
				}
				for _, p := range one.Ports {
					out = append(out, request{from: from, to: to, port: max(p.Port, p.Target)})
				}
				out = append(out, request{from: from, to: to, port: 7777})
			}
		}
	}
	return out
}

func peerOf(t *testing.T, s *model.Snapshot, id string) model.Peer {
	t.Helper()
	if prefix, err := netip.ParsePrefix(id); err == nil {
		return model.Peer{Block: prefix}
	}
	parts := strings.Split(id, "/")
	kind, _ := model.KindNamed(parts[1])
	w, found := s.Workload(kind.Ref(parts[0], parts[2]))
	if !found {
		t.Fatalf("no %s", id)
	}
	return w.Peers()[0]
}

func ask(t *testing.T, s *model.Snapshot, put policy.Ask, r request) verdict.Hop {
	t.Helper()
	return put(s, policy.Question{
		From: peerOf(t, s, r.from), To: peerOf(t, s, r.to), Protocol: corev1.ProtocolTCP, Port: r.port, Method: r.method, Path: r.path,
		Direct: strings.HasPrefix(r.from, "monitoring/"),
	})
}

// serviceOf is the service of a workload.
func serviceOf(id string) string {
	return strings.TrimSuffix(strings.TrimSuffix(id[strings.LastIndexByte(id, '/')+1:], "-v1"), "-v2")
}

// calls reports whether the sender of a request depends on who gets it, whatever the
// port.
func calls(s api.System, r request) bool {
	return slices.ContainsFunc(s.Services[serviceOf(r.from)].DependsOn, func(d api.Dependency) bool { return d.Service == serviceOf(r.to) })
}

// TestExactly puts random systems before the connectivity engine: what the file
// says gets through, and nothing else does. What routes make of a request comes on
// top, and is left out.
func TestExactly(t *testing.T) {
	for seed := range uint64(30) {
		s := random(rand.New(rand.NewPCG(seed, 7)), dataplanes[seed%3])
		for name, one := range s.Services {
			one.Traffic = api.Traffic{}
			s.Services[name] = one
		}
		world, put, want := placed(t, s, routes...), engine.Ask(reach.Options{}), meant(s)
		for _, r := range requests(s) {
			h := ask(t, world, put, r)
			if h.Verdict == verdict.Unknown && s.Platform.Mesh == "ambient" && strings.HasPrefix(r.from, "istio-ingress/") {
				continue // whether a gateway opens tunnels is a matter of its settings
			}
			if !want[r] && s.Platform.Mesh == "ambient" && calls(s, r) && (r.port == 9090 || len(s.Services[serviceOf(r.to)].Versions) > 0) {
				// Who calls another port has the tunnel open. What is in it ztunnel judges,
				// which lets anybody read metrics, and the waypoint, of whose policies the
				// engine does not tell ports apart.
				continue
			}
			if h.Verdict == verdict.Unknown || (h.Verdict == verdict.Allow) != want[r] {
				t.Errorf("seed %d, %s: %+v: meant %t, found %s: %s %s %s", seed, s.Platform.Mesh, r, want[r], h.Verdict, h.Name, h.Decider.Object, h.Reason)
			}
		}
		if t.Failed() {
			return
		}
	}
}
