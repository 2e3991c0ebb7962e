// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// envoyFilter is an EnvoyFilter of a namespace.
func envoyFilter(namespace, spec string) string {
	return "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: ef, namespace: " + namespace + "}\nspec: " + spec + "\n---\n"
}

// TestFilters holds what becomes unknown where something changes a proxy.
func TestFilters(t *testing.T) {
	wasm := "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: wp, namespace: prod}\nspec: {selector: {matchLabels: {app: api}}, url: x}\n---\n"
	http := "configPatches: [{applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND}}]"
	for name, c := range map[string]struct {
		yaml string
		want [3]verdict.Verdict // TLS, JWT, authorization
	}{
		"none":                       {"", [3]verdict.Verdict{allow, none, none}},
		"of requests":                {envoyFilter("prod", "{workloadSelector: {labels: {app: api}}, "+http+"}"), [3]verdict.Verdict{allow, unknown, unknown}},
		"of the whole mesh":          {envoyFilter("istio-system", "{"+http+"}"), [3]verdict.Verdict{allow, unknown, unknown}},
		"of another workload":        {envoyFilter("prod", "{workloadSelector: {labels: {app: else}}, "+http+"}"), [3]verdict.Verdict{allow, none, none}},
		"of another namespace":       {envoyFilter("other", "{"+http+"}"), [3]verdict.Verdict{allow, none, none}},
		"of connections":             {envoyFilter("prod", "{workloadSelector: {labels: {app: api}}, configPatches: [{applyTo: FILTER_CHAIN, match: {context: SIDECAR_INBOUND}}]}"), [3]verdict.Verdict{unknown, unknown, unknown}},
		"of the caller":              {envoyFilter("prod", "{workloadSelector: {labels: {app: web}}, configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND}}]}"), [3]verdict.Verdict{unknown, none, none}},
		"of the caller's other side": {envoyFilter("prod", "{workloadSelector: {labels: {app: web}}, "+http+"}"), [3]verdict.Verdict{allow, none, none}},
		"of the installer":           {strings.Replace(envoyFilter("prod", "{"+http+"}"), "name: ef,", "name: ef, labels: {operator.istio.io/component: Pilot},", 1), [3]verdict.Verdict{allow, none, none}},
		"WebAssembly":                {wasm, [3]verdict.Verdict{allow, unknown, unknown}},
		"a denial stays":             {wasm + policy("p", "{}"), [3]verdict.Verdict{allow, unknown, deny}},
		"an allowance does not":      {wasm + policy("p", "{rules: [{}]}"), [3]verdict.Verdict{allow, unknown, unknown}},
		"of no shape":                {envoyFilter("prod", "{workloadSelector: [], configPatches: [3, {}], targetRefs: {}}"), [3]verdict.Verdict{unknown, unknown, unknown}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+c.yaml)
			r := w.request()
			_, tls := w.TLS(r)
			got := [3]verdict.Verdict{tls.Verdict, w.JWT(r).Verdict, w.authorize(r).Verdict}
			if got != c.want {
				t.Errorf("expected %v, found %v", c.want, got)
			}
			want := mesh.Yes
			if got != [3]verdict.Verdict{allow, none, none} {
				want = mesh.Unsure
			}
			if c.want[2] == deny {
				want = mesh.No
			}
			if sum := w.Admits(r.From, r.To, r.Port); sum.Answer != want {
				t.Errorf("all requests: expected %s, found %+v", want, sum)
			}
		})
	}
}

// TestTogether holds what is known of pods of a namespace that no file has: they
// are in the mesh both or neither.
func TestTogether(t *testing.T) {
	lone := base[strings.Index(base, "apiVersion: apps"):]
	byWeb := policy("p", "{selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: [cluster.local/ns/prod/sa/web, cluster.local/ns/other/sa/web]}}]}]}")
	strict := peerAuthn("pa", "prod", "1", "{mtls: {mode: STRICT}}")
	check(t, lone+byWeb, one{"of one namespace", nil, allow, "rule 1"}, one{"of another", from("other/web"), unknown, "whether deploy/web has a proxy is not known"})
	refuses := strings.Replace(lone, "metadata: {labels: {app: web}}", "metadata: {labels: {app: web, sidecar.istio.io/inject: \"false\"}}", 1)
	check(t, refuses+byWeb, one{"that wishes for something else", nil, unknown, "whether deploy/web has a proxy is not known"})
	w := newWorld(t, lone+strict)
	r := w.request()
	if _, hop := w.TLS(r); hop.Verdict != allow {
		t.Errorf("STRICT within a namespace: expected allow, found %+v", hop)
	}
	if r.From = w.peer("other/web"); w.Admits(r.From, r.To, 8080).Answer != mesh.Unsure {
		t.Errorf("STRICT from another namespace: found %+v", w.Admits(r.From, r.To, 8080))
	}
	r = w.request()
	if r.Plaintext = true; w.authorize(r).Verdict == deny {
		t.Error("expected no policy to deny")
	}
	if _, hop := w.TLS(r); hop.Verdict != unknown {
		t.Errorf("plain text on purpose: expected unknown, found %+v", hop)
	}
}

// TestConditions holds what a connection hangs on, as data.
func TestConditions(t *testing.T) {
	rules := "{selector: {matchLabels: {app: api}}, rules: [{to: [{operation: {methods: [GET, HEAD], paths: [/a, /b/*]}}, {operation: {ports: [\"1\"]}}]}, {when: [{key: \"request.headers[X]\", values: [v]}], to: [{operation: {methods: [PUT]}}]}]}"
	w := newWorld(t, base+policy("p", rules)+policy("d", "{action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}"))
	got := w.Admits(w.peer("prod/web"), w.peer("prod/api"), 8080)
	var words []string
	for _, c := range got.When {
		words = append(words, c.String()+" by "+c.Rule)
	}
	const want = "GET or HEAD /a or /b/* by rule 1 of prod/p; PUT, header X v by rule 2 of prod/p; not /admin by rule 1 of prod/d"
	if found := strings.Join(words, "; "); got.Answer != mesh.Conditions || found != want {
		t.Errorf("expected %s, found %s: %s", want, got.Answer, found)
	}
}

// TestNearestOrder holds that a rule about this port and this caller is nearer.
func TestNearestOrder(t *testing.T) {
	for name, c := range map[string]struct{ rules, want string }{
		"a principal before a port":   {"[{to: [{operation: {ports: [\"1\"]}}]}, {from: [{source: {principals: [x]}}]}]", "rule 2"},
		"a method before a principal": {"[{from: [{source: {principals: [x]}}]}, {to: [{operation: {methods: [PUT]}}]}]", "rule 2"},
		"one field before two":        {"[{to: [{operation: {methods: [PUT], paths: [/x]}}]}, {from: [{source: {principals: [x]}}]}]", "rule 2"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+policy("p", "{rules: "+c.rules+"}"))
			if hop := w.authorize(w.request()); hop.Verdict != deny || len(hop.Nearest) != 1 || hop.Nearest[0].Rule != c.want {
				t.Errorf("expected %s, found %+v", c.want, hop)
			}
		})
	}
}

// TestNameless holds that who gets by for want of an identity is told.
func TestNameless(t *testing.T) {
	check(t, base+policy("p", "{action: DENY, rules: [{from: [{source: {namespaces: [plain]}}]}]}"),
		one{"DENY by namespace", from("plain/naked"), allow, "rule 1 of prod/p denies by identity"})
	check(t, base+policy("p", "{rules: [{from: [{source: {notNamespaces: [other]}}]}]}"),
		one{"ALLOW but for a namespace", from("plain/naked"), allow, "rule 1 of prod/p also admits callers that show no identity"})
	w := newWorld(t, base+policy("p", "{action: DENY, rules: [{from: [{source: {namespaces: [plain]}}], to: [{operation: {methods: [PUT]}}]}]}"))
	r := w.request()
	if r.From = w.peer("plain/naked"); strings.Contains(text(w.authorize(r)), "by identity") {
		t.Error("expected no note where the method differs as well")
	}
}

// TestOutbound holds which calls pass by the caller's sidecar: the port that
// counts is the one that is dialled.
func TestOutbound(t *testing.T) {
	strict := peerAuthn("pa", "prod", "1", "{mtls: {mode: STRICT}}")
	for annotation, want := range map[string]verdict.Verdict{
		`excludeOutboundPorts: "80"`: deny, `excludeOutboundPorts: "8080"`: allow, `excludeOutboundPorts: "81, 80"`: deny,
		"excludeOutboundIPRanges: 10.0.0.0/8": unknown, "includeOutboundIPRanges: 10.0.0.0/8": unknown, "includeOutboundIPRanges: '*'": allow,
	} {
		w := newWorld(t, strings.Replace(base, "labels: {app: web}", "labels: {app: web}, annotations: {traffic.sidecar.istio.io/"+annotation+"}", 1)+strict)
		if _, hop := w.TLS(w.request()); hop.Verdict != want {
			t.Errorf("%s: expected %s, found %+v", annotation, want, hop)
		}
	}
	headless := strings.Replace(base, "spec: {selector: {app: api}", "spec: {clusterIP: None, selector: {app: api}", 1)
	w := newWorld(t, strings.Replace(headless, "labels: {app: web}", `labels: {app: web}, annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: "8080"}`, 1)+strict)
	if _, hop := w.TLS(w.request()); hop.Verdict != deny {
		t.Errorf("headless: expected deny, found %+v", hop)
	}
}
