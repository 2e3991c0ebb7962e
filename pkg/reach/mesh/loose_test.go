// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
)

// loose builds a world of what can be read of a text, and tells the builder of
// gaps; nil if the text is no stream of manifests.
func loose(text string, gaps ...model.Gap) *model.Snapshot {
	stream, err := manifest.Split("world.yaml", []byte(text))
	if err != nil {
		return nil
	}
	b := model.NewBuilder(model.Options{Partial: true, Namespace: modeltest.Namespace})
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		if err != nil {
			return nil
		}
		for _, o := range objects {
			b.Add(model.FromManifest(o, modeltest.Namespace))
		}
	}
	for _, g := range gaps {
		b.Unknown(g)
	}
	s, _ := b.Build() // what does not fit is part of the question
	return s
}

func gap(kind *model.Kind, namespace string) model.Gap {
	return model.Gap{Kind: kind.GroupKind, Namespace: namespace, Reason: "cannot list " + kind.Resource + " in namespace " + namespace + ": forbidden"}
}

// TestGaps holds that what could not be read is unknown, and nothing else.
func TestGaps(t *testing.T) {
	in := func(text string, gaps ...model.Gap) world {
		s := loose(text, gaps...)
		return world{mesh.New(s, mesh.Options{}), s, t}
	}
	policies := gap(model.AuthorizationPolicies.Kind, "istio-system")
	w := in(base+policy("p", "{rules: [{}]}"), policies)
	if h := w.authorize(w.request()); h.Verdict != unknown || !strings.Contains(h.Reason, "forbidden") {
		t.Errorf("a hidden policy may deny: found %s: %s", h.Verdict, h.Reason)
	}
	w = in(base+policy("p", "{action: DENY, rules: [{}]}"), policies)
	if h := w.authorize(w.request()); h.Verdict != deny {
		t.Errorf("but takes no denial away: found %s", h.Verdict)
	}
	w = in(base+policy("p", "{}"), policies)
	if h := w.authorize(w.request()); h.Verdict != unknown {
		t.Errorf("a hidden policy may allow: found %s", h.Verdict)
	}
	w = in(base + policy("p", "{rules: [{}]}") + policy("odd", "{rules: 3}"))
	if h := w.authorize(w.request()); h.Verdict != unknown || !strings.Contains(h.Reason, "prod/odd does not fit its schema") {
		t.Errorf("a policy that cannot be read: found %s: %s", h.Verdict, h.Reason)
	}
	r := w.request()
	r.To = w.peer("other/web")
	if h := w.authorize(r); h.Verdict != none {
		t.Errorf("it does not touch other namespaces: found %s: %s", h.Verdict, h.Reason)
	}
	w = in(base, gap(model.PeerAuthentications.Kind, "prod"))
	if got, h := w.TLS(w.request()); got.Server != mesh.ServerUnknown || got.Result != mesh.ResultUnknown || h.Verdict != allow {
		t.Errorf("auto-mTLS goes with any mode: found %+v, %s", got, h.Verdict)
	}
	r = w.request()
	r.Plaintext = true
	if _, h := w.TLS(r); h.Verdict != unknown {
		t.Errorf("plaintext does not: found %s", h.Verdict)
	}
	w = in(base, gap(model.RequestAuthentications.Kind, "prod"))
	r = w.request()
	r.Claims = map[string]any{"iss": "a"}
	if h := w.JWT(r); h.Verdict != unknown {
		t.Errorf("a hidden RequestAuthentication: found %s", h.Verdict)
	}
	w = in(base, gap(model.DestinationRules.Kind, "prod"))
	if got, h := w.TLS(w.request()); got.Client != mesh.ClientUnknown || h.Verdict != unknown {
		t.Errorf("a hidden DestinationRule: found %+v, %s", got, h.Verdict)
	}
	missing := gap(model.AuthorizationPolicies.Kind, "prod")
	missing.Missing = true
	w = in(base, missing)
	if h := w.authorize(w.request()); h.Verdict != none {
		t.Errorf("a cluster without Istio: found %s", h.Verdict)
	}
}

// TestAdmits holds the summaries of pairs.
func TestAdmits(t *testing.T) {
	w := newWorld(t, base+policy("p", `{selector: {matchLabels: {app: api}}, rules: [{to: [{operation: {methods: [GET], paths: ["/public/*"]}}]},
  {from: [{source: {principals: ["cluster.local/ns/prod/sa/web"]}}], to: [{operation: {ports: ["8080"]}}]}]}`)+
		peerAuthn("pa", "other", "1", "{mtls: {mode: STRICT}}"))
	for _, c := range []struct {
		from, to string
		port     int32
		want     mesh.Answer
		words    string
	}{
		{"prod/web", "prod/api", 8080, mesh.Yes, ""},
		{"prod/web", "prod/api", 9090, mesh.Conditions, "GET /public/* is allowed (rule 1)"},
		{"other/web", "prod/api", 8080, mesh.Conditions, "GET /public/* is allowed (rule 1)"},
		{"prod/web", "prod/api", 0, mesh.Conditions, "port 8080 is allowed (rule 2)"},
		{"plain/naked", "other/web", 80, mesh.No, "STRICT"},
		{"prod/api", "prod/web", 80, mesh.Yes, ""},
	} {
		for range 2 { // the second answer is a remembered one
			got := w.Admits(w.peer(c.from), w.peer(c.to), c.port)
			if got.Answer != c.want || !strings.Contains(got.Words, c.words) {
				t.Errorf("%s -> %s:%d: expected %s with %q, found %s: %s", c.from, c.to, c.port, c.want, c.words, got.Answer, got.Words)
			}
		}
	}
}

// many is a world of n workloads in n/40 namespaces, each with a policy that
// names a caller of its namespace.
func many(n int) []map[string]any {
	var out []map[string]any
	object := func(version, kind, namespace, name string, spec map[string]any) {
		out = append(out, map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name, "namespace": namespace}, "spec": spec})
	}
	for i := range n {
		ns, app := fmt.Sprintf("ns-%d", i/40), fmt.Sprintf("app-%d", i%40)
		object("apps/v1", "Deployment", ns, app, map[string]any{"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"app": app, "sidecar.istio.io/inject": "true"}},
			"spec":     map[string]any{"serviceAccountName": app},
		}})
		object("security.istio.io/v1", "AuthorizationPolicy", ns, app, map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"app": app}},
			"rules": []any{map[string]any{"from": []any{map[string]any{"source": map[string]any{"principals": []any{
				fmt.Sprintf("cluster.local/ns/%s/sa/app-%d", ns, (i+1)%40),
			}}}}}},
		})
	}
	return out
}

// TestClasses holds that peers which nothing tells apart are of one class, and
// that every pair of their classes has one answer.
func TestClasses(t *testing.T) {
	s := modeltest.Raw(t, many(40)...)
	e := mesh.New(s, mesh.Options{})
	answers := map[[2]int]mesh.Summary{}
	yes := 0
	for _, from := range s.Peers("") {
		for _, to := range s.Peers("") {
			source, _ := e.Classes(from)
			_, target := e.Classes(to)
			got := mesh.New(s, mesh.Options{}).Admits(from, to, 80) // of an engine that remembers nothing
			if before, ok := answers[[2]int{source, target}]; ok && !reflect.DeepEqual(before, got) {
				t.Fatalf("classes %d and %d: expected %+v, found %+v", source, target, before, got)
			}
			answers[[2]int{source, target}] = got
			if got.Answer == mesh.Yes {
				yes++
			}
		}
	}
	if yes != 40 {
		t.Errorf("expected each workload to admit one other, found %d pairs", yes)
	}
}

// BenchmarkAllPairs asks about all pairs of 2,000 workloads.
func BenchmarkAllPairs(b *testing.B) {
	s := modeltest.Raw(b, many(2000)...)
	peers := s.Peers("")
	for b.Loop() {
		e := mesh.New(s, mesh.Options{})
		for _, from := range peers {
			for _, to := range peers {
				e.Admits(from, to, 80)
			}
		}
	}
}
