// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Decide says whether policies let a connection out of its source and into its
// destination. A hop is None where no policy selects its pod, and Unknown where
// the answer hangs on something that cannot be known.
func (e *Engine) Decide(c Connection) (egressHop, ingressHop verdict.Hop) {
	from, to := e.end(c.From), e.end(c.To)
	q := question{Engine: e, to: to, protocol: protocolOf(corev1.Protocol(strings.ToUpper(string(c.Protocol)))), port: c.Port}
	out, in := q, q
	out.direction, out.subject, out.other = egress, from, to
	in.direction, in.subject, in.other = ingress, to, from
	return out.hop(), in.hop()
}

// hop answers the question, with reasons.
func (q *question) hop() verdict.Hop {
	h := verdict.Hop{Number: verdict.NetworkPolicy, Name: "NetworkPolicy " + q.field()}
	if settled := q.settled(&h); settled {
		return h
	}
	a := q.answer()
	h.Notes = append(h.Notes, a.notes...)
	other := q.otherAPI(q.subject.Namespace)
	switch {
	case a.can == allow && other != "":
		h.Verdict, h.Reason = verdict.Unknown, other
	case a.can == allow:
		q.allowed(&h, a)
	case a.can == deny:
		q.denied(&h, a)
		if other != "" {
			h.Notes = append(h.Notes, other)
		}
	default:
		h.Verdict = verdict.Unknown
		if len(a.doubts) > 0 {
			h.Decider, h.Reason = a.doubts[0].decider(), a.doubts[0].why
		}
	}
	h.Notes = append(h.Notes, q.blockNotes(a)...)
	return h
}

// settled fills in what no policy has a say in.
func (q *question) settled(h *verdict.Hop) bool {
	for _, x := range []*end{q.subject, q.other} {
		switch {
		case x.kind == nobody:
			h.Verdict, h.Reason = verdict.Unknown, "nothing is known of one end: it is neither a pod nor an address nor a node"
		case x.ended():
			h.Verdict, h.Reason = verdict.Unknown, x.Pod.Ref.String()+" has ended and has no address any more"
		default:
			continue
		}
		return true
	}
	switch {
	case q.subject.same(q.other):
		h.Verdict, h.Reason = verdict.Allow, "a pod always reaches itself"
	case q.subject.kind == node || q.other.kind == node:
		h.Verdict, h.Reason = verdict.Allow, "a node and its own pods always reach each other"
	case q.subject.kind == addresses:
		h.Reason = "not a pod: no policy is about it"
	default:
		return false
	}
	return true
}

// allowed tells why a connection passes.
func (q *question) allowed(h *verdict.Hop, a *answer) {
	h.Verdict = verdict.Allow
	i := slices.IndexFunc(a.hits, func(x hit) bool { return x.action == allow && x.match == yes })
	switch {
	case len(a.asked) == 0:
		h.Verdict, h.Reason = verdict.None, "no policy selects the pod for "+q.field()
	case i < 0:
		h.Reason = "no rule for " + q.field() + " matches, and no NetworkPolicy selects the pod"
	default:
		h.Decider = a.hits[i].decider()
		without := *q
		without.without = a.hits[i].rule
		h.Only = without.answer().can == deny
		h.Notes = append(h.Notes, q.overruled(a.hits[i].policy)...)
	}
	if q.subject.kind == host && len(a.asked) > 0 {
		h.Notes = append(h.Notes, "the pod is on the host network, where the effect of NetworkPolicies is not defined; it is allowed either way")
	}
}

// overruled notes the NetworkPolicies that an administrator's rule leaves without a say.
func (q *question) overruled(by *policy) []string {
	if by.tier != admin {
		return nil
	}
	var names []string
	for _, p := range q.of(namespaced, q.subject.Namespace) {
		if m, _ := p.selects(q.subject); m == yes && p.isolates[q.direction] {
			names = append(names, p.Ref.String())
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{by.Ref.String() + " decides before " + strings.Join(names, ", ")}
}

// denied tells why a connection is cut off, and what comes nearest to allowing it.
func (q *question) denied(h *verdict.Hop, a *answer) {
	h.Verdict = verdict.Deny
	if i := slices.IndexFunc(a.hits, func(x hit) bool { return x.action == deny && x.match == yes }); i >= 0 {
		x := a.hits[i]
		h.Decider, h.ID = x.decider(), q.causeOfRule(x)
		h.Nearest = q.nearest(q.before(x.rule))
		h.Fix = fmt.Sprintf("allow it by a rule before %s of %s", x.words(), x.policy.Ref)
		return
	}
	var own []*policy
	for _, p := range a.asked {
		if p.tier == namespaced {
			own = append(own, p)
		}
	}
	if len(own) == 0 {
		return
	}
	first := own[0]
	h.Decider = verdict.Decider{Object: first.Ref, Pointer: "/spec/podSelector", Rule: "no rule"}
	h.Where = first.Where(first.Existing("", "/spec/podSelector", "/spec"))
	h.Reason = "it selects the pod for " + q.field() + ", and no rule matches"
	if len(own) > 1 {
		var names []string
		for _, p := range own[1:] {
			names = append(names, p.Ref.String())
		}
		h.Reason = "with " + strings.Join(names, ", ") + " it selects the pod for " + q.field() + ", and no rule matches"
	}
	var rules []*rule
	for _, p := range own {
		rules = append(rules, p.rules[q.direction]...)
	}
	h.Nearest = q.nearest(rules)
	h.Fix = fmt.Sprintf("add a rule for %s to %s", q.field(), first.Ref)
	if len(h.Nearest) > 0 {
		near := h.Nearest[0]
		h.Fix = fmt.Sprintf("%s of %s wants %s and finds %s: change one of them",
			near.Rule, near.Object, strings.Join(near.Wants, " and "), strings.Join(near.Has, " and "))
	}
	services := q.servicePorts(rules)
	h.Notes = append(h.Notes, services...)
	h.ID = q.causeOfDefault(rules, len(services) > 0)
}

// before are the rules that may have allowed what a later one denies.
func (q *question) before(denying *rule) []*rule {
	var out []*rule
	for _, p := range q.of(denying.policy.tier, q.subject.Namespace) {
		if m, _ := p.selects(q.subject); m == no {
			continue
		}
		for _, r := range p.rules[q.direction] {
			if r == denying {
				return out
			}
			if r.action != deny {
				out = append(out, r)
			}
		}
	}
	return out
}

// decider names the rule and what it matched by.
func (h hit) decider() verdict.Decider {
	if h.rule == nil {
		return verdict.Decider{Reason: h.why}
	}
	d := h.rule.decider()
	switch {
	case h.match != yes:
		d.Reason = h.why
	case h.closed != "":
		d.Reason = h.closed
	case h.peer != "":
		d.Reason = h.peer
	default:
		d.Reason = "all peers"
	}
	if h.match == yes && !h.allPorts {
		d.Reason += " at " + h.portWords()
	}
	return d
}

func (r *rule) decider() verdict.Decider {
	d := verdict.Decider{Object: r.policy.Ref, Pointer: r.at, Where: r.policy.Where(r.at)}
	if r.number > 0 {
		d.Rule = r.words()
	}
	return d
}

// portWords are the ports of a rule for people: "TCP 80, metrics".
func (r *rule) portWords() string {
	var ranges []PortRange
	var out []string
	for _, p := range r.ports {
		if p.name == "" {
			ranges = append(ranges, PortRange{p.protocol, p.first, p.last})
			continue
		}
		out = append(out, strings.TrimSpace(string(p.protocol)+" "+p.name))
	}
	if len(ranges) > 0 {
		out = append([]string{NewPortSet(ranges...).String()}, out...)
	}
	return strings.Join(out, ", ")
}
