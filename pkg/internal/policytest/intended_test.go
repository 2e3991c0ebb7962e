// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/policytest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// question is what one workload asks of a port of another.
type question struct {
	from, to     string
	port         int32
	method, path string
}

// unserved is a port that no workload listens on.
const unserved = 7777

// TestIntended makes policies of random intents and asks the engine about all
// pairs of workloads: what is meant gets through, and nothing else. What pods
// cannot do without gets through as well.
func TestIntended(t *testing.T) {
	worlds := []string{"none", "sidecar", "ambient", ""}
	for seed := range uint64(120) {
		r := newRandom(seed, worlds[seed%4])
		s := modeltest.Live(t, r.text.String())
		intents := r.intents()
		layers := []policy.Layers{0, policy.Network | policy.Authorization | policy.MTLS}[r.IntN(2)]
		set, err := policy.Generate(s, intents, policy.Options{Layers: layers})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		after, ask := policytest.Apply(t, s, set), engine.Ask(reach.Options{})
		var wrong []string
		for _, q := range r.questions() {
			want := verdict.Deny
			if r.meant(q) {
				want = verdict.Allow
			}
			from, to := peer(t, after, q.from), peer(t, after, q.to)
			h := ask(after, policy.Question{From: from, To: to, Protocol: corev1.ProtocolTCP, Port: q.port, Method: q.method, Path: q.path})
			if h.Verdict == verdict.Unknown && want == verdict.Allow && r.mixed(q) {
				continue // whether sidecars and ztunnels open tunnels to each other is a matter of settings
			}
			if h.Verdict != want {
				wrong = append(wrong, fmt.Sprintf("%+v: expected %s, found %s: %d %s %s %s", q, want, h.Verdict, h.Number, h.Name, h.Object, h.Reason))
			}
		}
		wrong = append(wrong, r.lifelines(t, after, ask)...)
		if layers == 0 { // ports of PeerAuthentications are a matter of Check
			wrong = append(wrong, r.mapped(after)...)
		}
		for _, v := range policy.Invariants(s, after, ask) {
			if v.ID != "INV-CNI" && v.ID != "INV-SELF" {
				wrong = append(wrong, v.ID+": "+v.Reason)
			}
		}
		if len(wrong) > 0 {
			text, _ := yaml.Marshal(intents)
			t.Fatalf("seed %d, layers %d:\n%s\n%s\n%s", seed, layers, strings.Join(wrong, "\n"), planesOf(r), text)
		}
	}
}

func planesOf(r *random) string {
	out := ""
	for _, n := range r.nodes {
		out += fmt.Sprintf("%s %s %d %d\n", n.id(), n.plane, n.web, n.raw)
	}
	return out
}

func peer(t *testing.T, s *model.Snapshot, id string) model.Peer {
	t.Helper()
	parts := strings.Split(id, "/")
	w, found := s.Workload(model.Deployments.Ref(parts[0], parts[2]))
	if !found {
		t.Fatalf("no %s", id)
	}
	return w.Peers()[0]
}

// questions are those between all workloads, and of the gateway and Prometheus.
func (r *random) questions() []question {
	var out []question
	for _, to := range r.nodes {
		froms := []string{"edge/deploy/proxy", "watch/deploy/prometheus"}
		for _, from := range r.nodes {
			froms = append(froms, from.id())
		}
		for _, from := range froms {
			if from == to.id() {
				continue
			}
			out = append(out, question{from, to.id(), to.raw, "", ""}, question{from, to.id(), unserved, "", ""})
			for _, path := range []string{"/a/x", "/a/x/y", "/c"} {
				out = append(out, question{from, to.id(), to.web, "GET", path})
			}
			out = append(out, question{from, to.id(), to.web, "POST", "/b"})
		}
	}
	return out
}

// mapped compares the engine's matrix with what is meant.
func (r *random) mapped(s *model.Snapshot) []string {
	open := map[question]verdict.Verdict{}
	for _, row := range reach.New(s, reach.Options{}).Map(reach.MapOptions{}).Rows {
		for _, from := range row.From.Workloads {
			for _, to := range row.To.Workloads {
				for _, q := range r.questions() {
					if q.from != from.Namespace+"/deploy/"+from.Name || q.to != to.Namespace+"/deploy/"+to.Name {
						continue
					}
					for _, c := range row.Connections {
						if (c.Protocol == "" || c.Protocol == corev1.ProtocolTCP) && (c.Last == 0 || c.First <= q.port && q.port <= c.Last) {
							open[question{from: q.from, to: q.to, port: q.port}] = c.Verdict
						}
					}
				}
			}
		}
	}
	meant := map[question]bool{}
	for _, q := range r.questions() {
		meant[question{from: q.from, to: q.to, port: q.port}] = meant[question{from: q.from, to: q.to, port: q.port}] || r.meant(q)
	}
	var out []string
	for q, want := range meant {
		if from := r.node(q.from); q.port == unserved || from != nil && tunnelled(from, r.node(q.to)) {
			continue // the matrix is of ports that somebody listens on, without tunnels
		}
		if got := open[q]; (got == verdict.Allow) != want && !(got == verdict.Unknown && want && r.mixed(q)) {
			out = append(out, fmt.Sprintf("map: %+v: meant %t, found %s", q, want, got))
		}
	}
	return out
}

// lifelines are what pods cannot do without.
func (r *random) lifelines(t *testing.T, s *model.Snapshot, ask policy.Ask) []string {
	var out []string
	say := func(n *node, what string, q policy.Question) {
		if h := ask(s, q); h.Verdict == verdict.Deny {
			if what == "probe" && n.plane == "ambient" && h.Number > verdict.NetworkPolicy {
				return // ztunnel lets it by
			}
			out = append(out, fmt.Sprintf("%s: %s denied: %s %s %s", n.id(), what, h.Name, h.Object, h.Reason))
		}
	}
	for _, n := range r.nodes {
		me := peer(t, s, n.id())
		if r.closed[n.namespace] && (n.intent == nil || n.intent.Spec.Calls == nil || n.intent.Spec.Callers == nil) {
			continue // others have cut it off
		}
		for _, protocol := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP} {
			say(n, "DNS", policy.Question{From: me, To: peer(t, s, "kube-system/deploy/coredns"), Protocol: protocol, Port: 5353})
		}
		switch n.plane {
		case "sidecar":
			say(n, "istiod", policy.Question{From: me, To: peer(t, s, "istio-system/deploy/istiod"), Protocol: corev1.ProtocolTCP, Port: 15012, Plaintext: true})
			say(n, "probe", policy.Question{From: model.Peer{Node: true}, To: me, Protocol: corev1.ProtocolTCP, Port: 15020, Plaintext: true})
		case "ambient":
			say(n, "probe", policy.Question{From: model.Peer{Block: netip.MustParsePrefix("169.254.7.127/32")}, To: me, Protocol: corev1.ProtocolTCP, Port: n.raw, Plaintext: true})
		default:
			say(n, "probe", policy.Question{From: model.Peer{Node: true}, To: me, Protocol: corev1.ProtocolTCP, Port: n.raw, Method: "GET", Path: "/ready"})
		}
	}
	return out
}
