// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// worlds is how many random worlds the engine is compared on.
const worlds = 2500

var probes = []network.PortRange{
	{Protocol: "TCP", First: 80}, {Protocol: "TCP", First: 81}, {Protocol: "TCP", First: 8080}, {Protocol: "UDP", First: 81}, {Protocol: "SCTP", First: 85},
}

// TestNaive compares Decide and Matrix with the evaluator that follows the text
// of the APIs, for every pair of every world.
func TestNaive(t *testing.T) {
	seen := map[verdict.Verdict]int{}
	for seed := range uint64(worlds) {
		d := dice{rand.New(rand.NewPCG(seed, 7))}
		s, peers := d.world(t)
		o := network.Options{BlocksMatchPods: d.chance(30)}
		e := network.New(s, o)
		m := e.Matrix(peers)
		for i, from := range peers {
			for j, to := range peers {
				if i == j || !from.IsPod() && !to.IsPod() {
					continue
				}
				probe := probes[d.IntN(len(probes))]
				name := fmt.Sprintf("seed %d, options %+v: %s -> %s at %s %d", seed, o, nameOf(from), nameOf(to), probe.Protocol, probe.First)
				n := naive{world: s, blocksMatchPods: o.BlocksMatchPods, to: to, protocol: probe.Protocol, port: probe.First}
				out, in := n, n
				out.egress, out.subject, out.other = true, from, to
				in.subject, in.other = to, from
				wantOut, wantIn := out.outcomes(), in.outcomes()

				egress, ingress := e.Decide(network.Connection{From: from, To: to, Protocol: probe.Protocol, Port: probe.First})
				compare(t, name+": egress", egress, wantOut)
				compare(t, name+": ingress", ingress, wantIn)
				seen[verdict.Of([]verdict.Hop{egress, ingress})]++

				allowed := !wantOut.deny && !wantIn.deny
				unknown := !allowed && wantOut.allow && wantIn.allow
				src, dst := m.ClassOf(i), m.ClassOf(j)
				if got := m.Allowed(src, dst); got.Contains(probe.Protocol, probe.First) != allowed {
					t.Errorf("%s: the matrix allows %s, want %v", name, got, allowed)
				}
				if got := m.Unknown(src, dst); got.Contains(probe.Protocol, probe.First) != unknown {
					t.Errorf("%s: unknown to the matrix is %s, want %v", name, got, unknown)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		}
	}
	for _, v := range []verdict.Verdict{verdict.Allow, verdict.Deny, verdict.Unknown} {
		if seen[v] < 1000 {
			t.Errorf("only %d connections were %s: the worlds do not test that", seen[v], v)
		}
	}
}

func compare(t *testing.T, name string, hop verdict.Hop, want outcomes) {
	t.Helper()
	verdicts := map[outcomes]verdict.Verdict{{allow: true}: verdict.Allow, {deny: true}: verdict.Deny, {true, true}: verdict.Unknown}
	got := hop.Verdict
	if got == verdict.None {
		got = verdict.Allow
	}
	if got != verdicts[want] {
		t.Errorf("%s is %s, want %s\n%+v", name, hop.Verdict, verdicts[want], hop)
	}
	if hop.Reason == "" {
		t.Errorf("%s: no reason: %+v", name, hop)
	}
	if hop.Verdict == verdict.Deny && hop.Object.Name == "" {
		t.Errorf("%s: nobody denies: %+v", name, hop)
	}
}

func nameOf(p model.Peer) string {
	if p.IsPod() {
		return p.Pod.Ref.String()
	}
	return p.Block.String()
}

// TestGroups checks that the rectangles of a matrix hold each pair once, with the
// sets that the matrix has for it.
func TestGroups(t *testing.T) {
	for seed := range uint64(300) {
		d := dice{rand.New(rand.NewPCG(seed, 11))}
		s, peers := d.world(t)
		m := network.New(s, network.Options{}).Matrix(peers)
		type pair struct{ from, to int }
		seen := map[pair]bool{}
		for g := range m.Groups() {
			if g.Allowed.Empty() && g.Unknown.Empty() {
				t.Errorf("seed %d: a group without ports: %+v", seed, g)
			}
			for _, from := range g.From {
				for _, to := range g.To {
					if seen[pair{from, to}] {
						t.Errorf("seed %d: %d -> %d is in two groups", seed, from, to)
					}
					seen[pair{from, to}] = true
					if !g.Allowed.Equal(m.Allowed(from, to)) || !g.Unknown.Equal(m.Unknown(from, to)) {
						t.Errorf("seed %d: %d -> %d: group %s and %s, matrix %s and %s", seed, from, to, g.Allowed, g.Unknown, m.Allowed(from, to), m.Unknown(from, to))
					}
				}
			}
		}
		for from := range m.Classes() {
			for to := range m.Classes() {
				if none := m.Allowed(from, to).Empty() && m.Unknown(from, to).Empty(); none == seen[pair{from, to}] {
					t.Errorf("seed %d: %d -> %d: in a group: %v", seed, from, to, !none)
				}
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}

// TestClasses checks that members of a class get one answer, and that the classes
// of addresses cover both families once.
func TestClasses(t *testing.T) {
	for seed := range uint64(300) {
		d := dice{rand.New(rand.NewPCG(seed, 13))}
		s, peers := d.world(t)
		e := network.New(s, network.Options{})
		m := e.Matrix(peers)
		counted := 0
		for c, class := range m.Classes() {
			for _, i := range class.Members {
				counted++
				if m.ClassOf(i) != c {
					t.Fatalf("seed %d: peer %d is a member of %d and of %d", seed, i, c, m.ClassOf(i))
				}
				for _, other := range peers {
					for _, ends := range [][2]model.Peer{{peers[i], other}, {other, peers[i]}} {
						if nameOf(ends[0]) == nameOf(ends[1]) || nameOf(class.Peer) == nameOf(other) {
							continue
						}
						stand := ends
						for k := range stand {
							if nameOf(ends[k]) == nameOf(peers[i]) {
								stand[k] = class.Peer
							}
						}
						a := total(e, ends, "TCP", 80)
						if b := total(e, stand, "TCP", 80); a != b {
							t.Fatalf("seed %d: %s -> %s is %s, but %s by the peer of the class", seed, nameOf(ends[0]), nameOf(ends[1]), a, b)
						}
					}
				}
			}
		}
		if counted != len(peers) {
			t.Errorf("seed %d: %d of %d peers are in a class", seed, counted, len(peers))
		}
	}
}

func total(e *network.Engine, ends [2]model.Peer, protocol corev1.Protocol, port int32) verdict.Verdict {
	egress, ingress := e.Decide(network.Connection{From: ends[0], To: ends[1], Protocol: protocol, Port: port})
	return verdict.Of([]verdict.Hop{egress, ingress})
}
