// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// causeOfRule is the rule of the registry that explains a denial by a rule.
func (q *question) causeOfRule(h hit) string {
	if h.closed != "" {
		return "KM7023"
	}
	if h.policy.tier != admin {
		return ""
	}
	for _, r := range q.rulesOfOwn() {
		if q.matches(r).match == yes {
			return "KM7020" // a NetworkPolicy allows it, and is not asked
		}
	}
	return ""
}

// rulesOfOwn are the rules of the NetworkPolicies that surely select the subject.
func (q *question) rulesOfOwn() []*rule {
	var out []*rule
	for _, p := range q.of(namespaced, q.subject.Namespace) {
		if m, _ := p.selects(q.subject); m == yes {
			out = append(out, p.rules[q.direction]...)
		}
	}
	return out
}

// causeOfDefault is the rule of the registry that explains why none of some
// rules of NetworkPolicies matches; empty where they just mean somebody else.
func (q *question) causeOfDefault(rules []*rule, servicePort bool) string {
	switch {
	case servicePort:
		return "KM7017"
	case q.leftOut():
		return "KM7011"
	case len(rules) == 0:
		return "KM7012"
	}
	for _, r := range rules {
		peer, _ := r.peer(q.Engine, q.other)
		switch {
		case peer == yes && r.otherProtocol(q.protocol):
			return "KM7016"
		case peer == yes && r.namesPort(q.protocol):
			return "KM7018"
		}
		if m, _ := r.port(q.to.Spec, q.protocol, q.port); m == yes && peer == no {
			if id := q.missedPod(r); id != "" {
				return id
			}
		}
	}
	return ""
}

// leftOut reports whether a policy of the subject has a rule that would match if
// its policyTypes named the direction.
func (q *question) leftOut() bool {
	return slices.ContainsFunc(q.of(namespaced, q.subject.Namespace), func(p *policy) bool {
		if m, _ := p.selects(q.subject); m != yes || p.isolates[q.direction] {
			return false
		}
		return slices.ContainsFunc(p.unused[q.direction], func(r *rule) bool { return q.matches(r).match == yes })
	})
}

// missedPod is the cause where a rule means an address or the labels of a pod
// that policies do not see as such.
func (q *question) missedPod(r *rule) string {
	for i := range r.peers {
		switch x := &r.peers[i]; {
		case x.blocks != nil && q.other.kind == ordinary:
			asPods := blocks{text: x.blocks.text, list: x.blocks.list, pods: true}
			if m, _ := asPods.match(q.Engine, q.other); m == yes {
				return "KM7015"
			}
		case x.pods != nil && q.other.kind == host:
			seen := *q.other
			seen.kind = ordinary
			if m, _ := x.matches(q.Engine, r.policy.Ref.Namespace, &seen); m == yes {
				return "KM7019"
			}
		}
	}
	return ""
}

// otherProtocol reports whether a rule names a protocol without a port, and only
// such protocols, of which the connection is none.
func (r *rule) otherProtocol(protocol corev1.Protocol) bool {
	return len(r.ports) > 0 && !slices.ContainsFunc(r.ports, func(p port) bool {
		return p.name != "" || p.first > 0 || p.protocol == protocol
	})
}

// namesPort reports whether a rule goes by the name of a port.
func (r *rule) namesPort(protocol corev1.Protocol) bool {
	return slices.ContainsFunc(r.ports, func(p port) bool { return p.name != "" && (p.protocol == "" || p.protocol == protocol) })
}
