// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// mostNear is how many rules that miss by as little are told.
const mostNear = 3

// gap is what a rule asks for and what the connection brings, line by line.
type gap struct {
	wants, has []string
	// other is true where the two are of different kinds: a pod and an ipBlock.
	other bool
}

func (g *gap) add(wants, has string) {
	g.wants, g.has = append(g.wants, wants), append(g.has, has)
}

func (g *gap) join(o gap) {
	g.wants, g.has = append(g.wants, o.wants...), append(g.has, o.has...)
}

// near is a rule that misses, with how far it is off.
type near struct {
	verdict.Miss
	off int
}

// nearest are the rules that a small change would make match. A rule about other
// peers and other ports is about something else, and never among them. A rule
// about this peer at another port comes first; then those for this port, by how
// many labels differ; last those for addresses of which the peer has none.
func (q *question) nearest(rules []*rule) []verdict.Miss {
	var all []near
	for _, r := range rules {
		if r.closed != "" || r.broken != "" {
			continue
		}
		peer, port := q.peerGap(r), q.portGap(r)
		if (len(peer.wants) == 0) == (len(port.wants) == 0) {
			continue
		}
		off := len(port.wants) + 2*len(peer.wants)
		if peer.other {
			off += mostNear * mostNear
		}
		peer.join(port)
		all = append(all, near{verdict.Miss{Decider: r.decider(), Wants: peer.wants, Has: peer.has}, off})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.off, b.off) })
	var out []verdict.Miss
	for _, x := range all {
		if x.off == all[0].off && len(out) < mostNear {
			out = append(out, x.Miss)
		}
	}
	return out
}

// peerGap is what keeps the other end from the peer that comes nearest to it.
func (q *question) peerGap(r *rule) gap {
	if m, _ := r.peer(q.Engine, q.other); m == yes {
		return gap{}
	}
	var best gap
	for i := range r.peers {
		g := q.gapOf(&r.peers[i], r.policy.Ref.Namespace)
		if len(best.wants) == 0 || best.other && !g.other || best.other == g.other && len(g.wants) < len(best.wants) {
			best = g
		}
	}
	return best
}

func (q *question) gapOf(p *peer, own string) gap {
	var g gap
	switch {
	case p.pods == nil || p.broken != "" || q.other.kind != ordinary:
		g.add(cmp.Or(p.words, "a peer that is valid"), q.other.words())
		g.other = p.blocks == nil || q.other.kind != addresses
		return g
	case p.namespaces == nil && own != q.other.Namespace:
		g.add("namespace "+own, "namespace "+q.other.Namespace)
	case p.namespaces != nil:
		g.join(labelGap("namespace label", p.namespaces, q.other.namespace.labels))
	}
	g.join(labelGap("pod label", p.pods, q.other.Labels))
	return g
}

// labelGap are the conditions of a selector that labels do not meet.
func labelGap(of string, s *selector, set labels.Set) gap {
	var g gap
	for _, r := range s.requirements {
		if r.holds(set) {
			continue
		}
		has := fmt.Sprintf("no %s %s", of, r.key)
		if value, found := set[r.key]; found {
			has = fmt.Sprintf("%s %s=%s", of, r.key, value)
		}
		g.add(of+" "+r.words(), has)
	}
	return g
}

func (r requirement) words() string {
	switch {
	case len(r.values) == 0 && r.present:
		return r.key
	case len(r.values) == 0:
		return "other than " + r.key
	case r.negative:
		return r.key + " other than " + strings.Join(r.values, ", ")
	}
	return r.key + "=" + strings.Join(r.values, " or ")
}

// words name an end as policies see it.
func (e *end) words() string {
	switch {
	case e.kind == addresses:
		return "address " + e.Block.String()
	case e.kind == host:
		return "a pod on the host network, which no selector selects"
	case len(e.addresses) > 0:
		return "a pod with address " + e.addresses[0].String()
	}
	return "a pod"
}

// portGap is what keeps the port from those of a rule.
func (q *question) portGap(r *rule) gap {
	var g gap
	if m, _ := r.port(q.to.Spec, q.protocol, q.port); m == yes {
		return g
	}
	sure, _ := r.portsOn(q.to.Spec)
	wants := "port " + r.portWords()
	if slices.ContainsFunc(sure.Ranges(), func(x PortRange) bool { return x.First <= q.port && q.port <= x.Last }) {
		g.add("protocol "+r.portWords(), "protocol "+string(q.protocol))
		return g
	}
	g.add(wants, fmt.Sprintf("port %s %d", q.protocol, q.port))
	return g
}

// servicePorts notes rules that name the port of a Service where the pods
// listen at another: policies see a connection after its translation.
func (q *question) servicePorts(rules []*rule) []string {
	if !q.to.pod() {
		return nil
	}
	var out []string
	for _, svc := range model.Services.In(q.world, q.to.Namespace) {
		selector := svc.Value.Spec.Selector
		if len(selector) == 0 || !labels.SelectorFromSet(selector).Matches(q.to.Labels) {
			continue
		}
		for _, p := range svc.Value.Spec.Ports {
			if protocolOf(p.Protocol) != q.protocol || !q.leadsHere(p.TargetPort.IntVal, p.TargetPort.StrVal) {
				continue
			}
			for _, r := range rules {
				if m, _ := r.peer(q.Engine, q.other); m == yes && r.names(PortRange{q.protocol, p.Port, p.Port}) {
					out = append(out, fmt.Sprintf("%s of %s names %d, the port of %s: policies see the port of the pod, %d",
						r.words(), r.policy.Ref, p.Port, svc.Ref, q.port))
				}
			}
		}
	}
	return out
}

// leadsHere reports whether the target port of a Service is the port in question.
func (q *question) leadsHere(number int32, name string) bool {
	if name == "" {
		return number == q.port
	}
	return slices.Contains(named(q.to.Spec, name), PortRange{q.protocol, q.port, q.port})
}

// names reports whether a rule has a port element for exactly a range.
func (r *rule) names(x PortRange) bool {
	return slices.ContainsFunc(r.ports, func(p port) bool {
		return p.name == "" && p.protocol == x.Protocol && p.first == x.First && p.last == x.Last
	})
}

// blockNotes says where the answer rests on how the network plugin treats an
// ipBlock and the address of a pod.
func (q *question) blockNotes(a *answer) []string {
	if !q.other.pod() && q.other.kind != addresses {
		return nil
	}
	var out []string
	for _, p := range a.asked {
		for _, r := range p.rules[q.direction] {
			for _, x := range r.peers {
				if x.blocks == nil || p.tier != namespaced {
					continue
				}
				if note := q.blockNote(x.blocks); note != "" && !slices.Contains(out, note) {
					out = append(out, note)
				}
			}
		}
	}
	return out
}

func (q *question) blockNote(b *blocks) string {
	asPods := blocks{text: b.text, list: b.list, pods: true}
	m, _ := asPods.match(q.Engine, q.other)
	switch {
	case m == no:
		return ""
	case q.other.kind == addresses && q.direction == ingress:
		return b.text + " is compared with the address that arrives, which may be that of a node or load balancer"
	case q.other.kind != ordinary:
		return ""
	case b.pods:
		return b.text + " is taken to match the addresses of pods, which depends on the network plugin"
	}
	return b.text + " is taken not to match the addresses of pods, which depends on the network plugin"
}
