// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// miss, beside the actions, is what a policy does to a connection that none of
// its rules matches: nothing.
const miss action = pass << 1

// question is one direction of one connection.
type question struct {
	*Engine
	direction
	// subject is the end whose policies are asked, other the one their peers name.
	subject, other *end
	// to is the destination, whose ports have the names.
	to       *end
	protocol corev1.Protocol
	port     int32
	// without is a rule to leave out, to see what hangs on it.
	without *rule
}

// hit is a rule that matches, or may.
type hit struct {
	*rule
	match match
	// why is the reason of a maybe.
	why string
	// peer is what it matched by: the words of the peer, empty for everybody.
	peer string
}

// answer is what tiers may come to. More than one action means that it is not known.
type answer struct {
	can action
	// asked are the policies that select the subject, surely or perhaps.
	asked []*policy
	hits  []hit
	// doubts are why there is more than one possibility.
	doubts []hit
	notes  []string
}

func (a *answer) doubt(h hit) { a.doubts = append(a.doubts, h) }

// answer asks the tiers one after the other: administrators first, then the
// NetworkPolicies, which have the last word about the pods they select, then the
// baseline. What nobody decides is allowed.
func (q *question) answer() *answer {
	out := &answer{}
	left := q.ordered(admin, out)
	out.can |= left & (allow | deny)
	for _, next := range []func() action{
		func() action { return q.namespaced(out) },
		func() action { return q.ordered(baseline, out) },
	} {
		if left&(pass|miss) == 0 {
			return out
		}
		left = next()
		out.can |= left & (allow | deny)
	}
	if left&(pass|miss) != 0 {
		out.can |= allow
	}
	return out
}

// matches says whether a rule matches the connection.
func (q *question) matches(r *rule) hit {
	h := hit{rule: r, match: yes}
	if r == q.without {
		h.match = no
		return h
	}
	if r.broken != "" {
		h.match, h.why = maybe, r.broken
	}
	if m, why := r.peer(q.Engine, q.other); m < h.match {
		h.match, h.why = m, why
	}
	if m, why := r.port(q.to.Spec, q.protocol, q.port); m < h.match {
		h.match, h.why = m, why
	}
	for i := range r.peers {
		if m, _ := r.peers[i].matches(q.Engine, r.policy.Ref.Namespace, q.other); m == h.match && m != no {
			h.peer = r.peers[i].words
			break
		}
	}
	return h
}

// ordered asks a tier in which the first rule that matches decides. Of policies
// of one priority any may go first.
func (q *question) ordered(t tier, out *answer) action {
	can := action(0)
	if why := q.unread(t, q.subject.Namespace); why != "" {
		can |= allow | deny
		out.doubt(hit{why: why})
	}
	policies := q.of(t, "")
	for len(policies) > 0 {
		n := 1
		for n < len(policies) && policies[n].priority == policies[0].priority {
			n++
		}
		group, missed := q.group(policies[:n], out)
		can |= group
		if !missed {
			return can
		}
		policies = policies[n:]
	}
	return can | miss
}

// group asks policies of one priority. Missed is true when none of them may match.
func (q *question) group(policies []*policy, out *answer) (can action, missed bool) {
	missed = true
	var decided *policy
	for _, p := range policies {
		one := q.first(p, out)
		if one&miss == 0 {
			missed = false
		}
		if one &= allow | deny | pass; one == 0 {
			continue
		}
		if decided != nil {
			both := fmt.Sprintf("%s and %s have the same priority and both match", decided.Ref, p.Ref)
			if can|one != can || can|one != one {
				out.doubt(hit{rule: &rule{policy: p}, why: both + ": which of them decides is not defined"})
			}
			out.notes = append(out.notes, both)
		}
		can, decided = can|one, p
	}
	return can, missed
}

// first asks one policy whose rules have an order.
func (q *question) first(p *policy, out *answer) action {
	selects, why := p.selects(q.subject)
	if selects == no || len(p.rules[q.direction]) == 0 {
		return miss
	}
	out.asked = append(out.asked, p)
	can := action(0)
	if selects == maybe {
		can = miss
	}
	for _, r := range p.rules[q.direction] {
		h := q.matches(r)
		if h.match == no {
			continue
		}
		if selects == maybe {
			h.match, h.why = maybe, why
		}
		out.hits = append(out.hits, h)
		can |= r.action
		if r.broken != "" || h.match == maybe {
			out.doubt(h)
		}
		if h.match == yes || selects == maybe && q.sure(r) {
			return can
		}
	}
	return can | miss
}

// sure reports whether a rule matches for certain, whomever its policy is about.
func (q *question) sure(r *rule) bool { return q.matches(r).match == yes }

// namespaced asks the NetworkPolicies: one rule of any of them is enough, and
// without one a pod that any of them selects is cut off.
func (q *question) namespaced(out *answer) action {
	best, selected := no, no
	for _, p := range q.of(namespaced, q.subject.Namespace) {
		selects, why := p.selects(q.subject)
		if selects == no || !p.isolates[q.direction] {
			continue
		}
		out.asked = append(out.asked, p)
		selected = max(selected, selects)
		if selects == maybe {
			out.doubt(hit{rule: &rule{policy: p, at: "/spec/podSelector"}, why: why})
		}
		for _, r := range p.rules[q.direction] {
			h := q.matches(r)
			if h.match == no {
				continue
			}
			if h.match == maybe {
				out.doubt(h)
			}
			h.match = min(h.match, selects)
			out.hits = append(out.hits, h)
			best = max(best, h.match)
		}
	}
	return q.verdictOf(best, selected, out)
}

// verdictOf is what NetworkPolicies may come to, given how surely one selects the
// pod and how surely one of their rules matches.
func (q *question) verdictOf(best, selected match, out *answer) action {
	can := action(0)
	if best > no {
		can |= allow
	}
	if selected > no && best < yes {
		can |= deny
	}
	if selected < yes {
		can |= miss
	}
	if selected > no && q.subject.kind == host {
		// Plugins commonly ignore policies about pods of the host network.
		can |= miss
		out.doubt(hit{rule: &rule{policy: out.asked[len(out.asked)-1]}, why: "the pod is on the host network, where the effect of NetworkPolicies is not defined"})
	}
	if why := q.unread(namespaced, q.subject.Namespace); why != "" && best < yes {
		can |= allow | deny
		out.doubt(hit{why: why})
	}
	return can
}
