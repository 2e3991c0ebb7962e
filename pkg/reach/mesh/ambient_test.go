// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// ambient is the base world in ambient mode.
var ambient = strings.ReplaceAll(base, "istio-injection: enabled", "istio.io/dataplane-mode: ambient")

// waypoint makes api's Service use a waypoint.
var waypoint = strings.Replace(ambient, "metadata: {name: api, namespace: prod}\nspec: {selector", "metadata: {name: api, namespace: prod, labels: {istio.io/use-waypoint: wp}}\nspec: {selector", 1) + `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp, namespace: prod, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
`

// hops returns names and verdicts, "waypoint allow, ztunnel deny".
func hops(w world, r mesh.Request) string {
	var out []string
	for _, h := range w.Authorize(r) {
		out = append(out, strings.TrimSpace(strings.TrimPrefix(h.Name, "AuthorizationPolicy"))+" "+h.Verdict.String())
	}
	return strings.Join(out, ", ")
}

func TestAmbient(t *testing.T) {
	for name, trap := range map[string]func(*testing.T){
		"HTTP rules at ztunnel":    trapHTTPAtZtunnel,
		"identity of the waypoint": trapWaypointIdentity,
		"past the waypoint":        trapPastWaypoint,
		"port of the tunnel":       trapTunnelPort,
		"probes":                   trapAmbientProbes,
	} {
		t.Run(name, trap)
	}
}

// The policies of a server in ambient mode: of ztunnel by the client's identity or
// the waypoint's, and of the waypoint.
var (
	byClient   = policy("l4", `{selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: ["cluster.local/ns/prod/sa/web"]}}]}]}`)
	byWaypoint = policy("l4", `{selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: ["cluster.local/ns/prod/sa/wp"]}}]}]}`)
	l7         = policy("l7", `{targetRefs: [{kind: Service, name: api}], rules: [{from: [{source: {serviceAccounts: [web]}}], to: [{operation: {methods: [GET]}}]}]}`)
)

func trapHTTPAtZtunnel(t *testing.T) {
	check(t, ambient+policy("p", `{rules: [{to: [{operation: {methods: [GET]}}]}]}`), one{"ALLOW with HTTP is left out", nil, deny, "it looks at more than ztunnel sees"})
	check(t, ambient+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}`), one{"DENY with HTTP only does nothing", nil, allow, ""})
	check(t, ambient+policy("p", `{action: DENY, rules: [{from: [{source: {namespaces: [prod]}}], to: [{operation: {methods: [PUT]}}]}]}`), one{"nor beside a source", nil, allow, ""})
	check(t, ambient+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [PUT], ports: ["8080"]}}]}]}`), one{"mixed in one element widens", nil, deny, "denies more"})
	check(t, ambient+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [PUT]}}, {operation: {ports: ["8080"]}}]}]}`), one{"another element stays", nil, deny, ""})
	check(t, ambient+policy("p", `{action: DENY, rules: [{}]}`), one{"an empty rule denies", nil, deny, ""})
	check(t, ambient+policy("p", `{action: AUDIT, rules: [{}]}`), one{"AUDIT", nil, allow, "ztunnel does not support action AUDIT of prod/p"})
	check(t, ambient+policy("p", `{action: CUSTOM, provider: {name: x}, rules: [{}]}`), one{"CUSTOM", nil, allow, "does not support action CUSTOM"})
	check(t, ambient+policy("p", `{rules: [{from: [{source: {principals: ["cluster.local/ns/prod/sa/web"]}}], to: [{operation: {ports: ["8080"]}}]}]}`),
		one{"L4 works", nil, allow, "rule 1"}, one{"of another", from("other/web"), deny, "caller is cluster.local/ns/other/sa/web"})
	check(t, ambient+policy("p", `{rules: [{when: [{key: source.serviceAccount, values: [web]}]}]}`), one{"a key it does not know", nil, deny, ""})
}

func trapWaypointIdentity(t *testing.T) {
	w := newWorld(t, waypoint+byClient)
	if got := hops(w, w.request()); got != "waypoint none, ztunnel deny" || w.Waypoint(w.request()) != "prod/wp" {
		t.Errorf("a policy by the client's principal: found %s", got)
	}
	if got := text(w.authorize(w.request())); !strings.Contains(got, "caller is cluster.local/ns/prod/sa/wp") || !strings.Contains(got, "ztunnel sees the waypoint's identity") {
		t.Errorf("expected the waypoint's identity, found %s", got)
	}
	w = newWorld(t, waypoint+byWaypoint+l7)
	r := w.request()
	if got := hops(w, r); got != "waypoint allow, ztunnel allow" {
		t.Errorf("a pair of policies: found %s", got)
	}
	r.Method = "PUT"
	if got := hops(w, r); got != "waypoint deny, ztunnel allow" {
		t.Errorf("a method the waypoint does not admit: found %s", got)
	}
	if tls, hop := w.TLS(r); tls.Result != mesh.Mutual || hop.Verdict != allow {
		t.Errorf("expected mutual TLS, found %+v", tls)
	}
}

func trapPastWaypoint(t *testing.T) {
	w := newWorld(t, waypoint+l7)
	r := w.request()
	r.Plaintext, r.Method = true, "PUT"
	if got := hops(w, r); got != "ztunnel none" || !strings.Contains(text(w.authorize(r)), "passes by waypoint prod/wp") {
		t.Errorf("past the waypoint: found %s\n%s", got, text(w.authorize(r)))
	}
	w = newWorld(t, waypoint+l7+byWaypoint)
	if got := hops(w, r); got != "ztunnel deny" {
		t.Errorf("closed by a policy of ztunnel: found %s", got)
	}
	gone := strings.Replace(waypoint, "metadata: {name: wp,", "metadata: {name: else,", 1)
	if got := hops(newWorld(t, gone+l7), r); got != "ztunnel none" {
		t.Errorf("the waypoint is gone: found %s", got)
	}
}

func trapTunnelPort(t *testing.T) {
	// What NetworkPolicy sees is package network's; policies still see the port of the workload.
	check(t, ambient+policy("p", `{rules: [{to: [{operation: {ports: ["8080"]}}]}]}`), one{"the workload's port", nil, allow, ""})
	check(t, ambient+policy("p", `{rules: [{to: [{operation: {ports: ["15008"]}}]}]}`), one{"HBONE's port", nil, deny, ""})
}

func trapAmbientProbes(t *testing.T) {
	strict := peerAuthn("pa", "prod", "1", "{mtls: {mode: STRICT}}")
	check(t, ambient+policy("p", "{}"), one{"a probe", from("kubelet"), none, "169.254.7.127"})
	w := newWorld(t, ambient+strict)
	r := w.request()
	r.From = w.peer("kubelet")
	if _, hop := w.TLS(r); hop.Verdict != allow {
		t.Errorf("expected a probe to pass STRICT, found %+v", hop)
	}
}

// TestWaypointChoice holds who passes a waypoint.
func TestWaypointChoice(t *testing.T) {
	sidecar := strings.Replace(waypoint, "metadata: {name: other, labels: {istio.io/dataplane-mode: ambient}}", "metadata: {name: other, labels: {istio-injection: enabled}}", 1)
	optOut := strings.Replace(waypoint, "istio.io/use-waypoint: wp", "istio.io/use-waypoint: none", 1)
	namespace := strings.Replace(ambient, "metadata: {name: prod, labels: {", "metadata: {name: prod, labels: {istio.io/use-waypoint: wp, ", 1) + waypoint[len(ambient)+len(", labels: {istio.io/use-waypoint: wp}"):]
	workloads := strings.Replace(waypoint, "istio.io/waypoint-for: service", "istio.io/waypoint-for: workload", 1)
	ingress := strings.Replace(waypoint, "istio.io/use-waypoint: wp", `istio.io/use-waypoint: wp, istio.io/ingress-use-waypoint: "true"`, 1)
	via := func(w world, r *mesh.Request) { p := w.peer("other/web"); r.Via = &p }
	for name, c := range map[string]struct {
		yaml   string
		change func(world, *mesh.Request)
		want   string
	}{
		"ambient client": {waypoint, nil, "prod/wp"}, "client with a sidecar": {sidecar, from("other/web"), ""}, "client without a proxy": {waypoint, from("plain/naked"), ""},
		"none": {optOut, nil, ""}, "of the namespace": {namespace, nil, "prod/wp"}, "for workloads only": {workloads, nil, ""},
		"gateway": {waypoint, via, ""}, "gateway that is told to": {ingress, via, "prod/wp"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.yaml)
			r := w.request()
			if c.change != nil {
				c.change(w, &r)
			}
			if got := w.Waypoint(r); got != c.want {
				t.Errorf("expected %q, found %q", c.want, got)
			}
		})
	}
}

// TestMixedDataplanes holds TLS between sidecars and ztunnel.
func TestMixedDataplanes(t *testing.T) {
	mixed := strings.Replace(base, "metadata: {name: other, labels: {istio-injection: enabled}}", "metadata: {name: other, labels: {istio.io/dataplane-mode: ambient}}", 1)
	strict := peerAuthn("pa", "prod", "1", "{mtls: {mode: STRICT}}") + peerAuthn("pa", "other", "1", "{mtls: {mode: STRICT}}")
	for name, c := range map[string]struct {
		yaml, from, to string
		result         mesh.Result
		verdict        verdict.Verdict
	}{
		"ambient to ambient":           {ambient + strict, "other/web", "prod/api", mesh.Mutual, allow},
		"ambient to a sidecar":         {mixed, "other/web", "prod/api", mesh.ResultUnknown, allow},
		"ambient to a strict sidecar":  {mixed + strict, "other/web", "prod/api", mesh.ResultUnknown, unknown},
		"sidecar to strict ambient":    {mixed + strict, "prod/web", "other/web", mesh.ResultUnknown, unknown},
		"no proxy to strict ambient":   {ambient + strict, "plain/naked", "prod/api", mesh.Fail, deny},
		"ambient to no proxy":          {ambient, "prod/web", "plain/naked", mesh.Plain, allow},
		"DISABLE is taken for default": {ambient + peerAuthn("pa", "prod", "1", "{mtls: {mode: DISABLE}}"), "plain/naked", "prod/api", mesh.Plain, allow},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.yaml)
			got, hop := w.TLS(mesh.Request{From: w.peer(c.from), To: w.peer(c.to), Port: 8080})
			if got.Result != c.result || hop.Verdict != c.verdict {
				t.Errorf("expected %s and %s, found %+v, %s", c.result, c.verdict, got, hop.Verdict)
			}
		})
	}
}
