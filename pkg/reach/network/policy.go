// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// direction is that of a connection, seen from the pods a policy selects.
type direction int

const (
	egress direction = iota
	ingress
)

func (d direction) policyType() networkingv1.PolicyType {
	if d == egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// field is the name of a direction's rules in all kinds of policies.
func (d direction) field() string { return strings.ToLower(string(d.policyType())) }

// tier is when policies are asked; each can leave the decision to the next.
type tier int

const (
	admin tier = iota
	namespaced
	baseline
)

// action is a set of what a rule may do to a connection that it matches.
type action uint8

const (
	allow action = 1 << iota
	deny
	// pass leaves the decision to the next tier.
	pass
)

// policy is a policy of any kind.
type policy struct {
	*model.Object
	tier     tier
	priority int32
	// namespaces and pods select the subjects; nil namespaces mean the policy's own.
	namespaces, pods *selector
	// broken says why it is not known which pods are meant.
	broken string
	// isolates tells for which directions a NetworkPolicy denies what no rule allows.
	isolates [2]bool
	rules    [2][]*rule
	// unused are the rules of directions that policyTypes leaves out.
	unused [2][]*rule
}

// rule is one rule of a policy.
type rule struct {
	policy *policy
	number int
	// at is its JSON Pointer.
	at     string
	action action
	// everybody is true for a rule without peers, which all peers match.
	everybody bool
	peers     []peer
	// allPorts is true for a rule without ports, which all ports match.
	allPorts bool
	ports    []port
	// broken says why nobody can tell what the rule matches, besides the peers
	// and ports that say so themselves.
	broken string
	// closed says why the rule was replaced by one that lets nothing through.
	closed string
}

// peer is one element of the peers of a rule.
type peer struct {
	// words name it for people: "podSelector app=web".
	words string
	// pods is nil for a peer that is no selector; namespaces is nil for the
	// policy's own.
	namespaces, pods *selector
	blocks           *blocks
	// outside says what cannot be known of a peer that no pod of the pod network
	// is: nodes, domain names.
	outside string
	// nodes is true where outside may be met by pods on the host network.
	nodes  bool
	broken string
}

// port is one element of the ports of a rule.
type port struct {
	// protocol is empty for any.
	protocol    corev1.Protocol
	name        string
	first, last int32
	broken      string
}

// words are "rule 1", after the rule's place among those of its direction.
func (r *rule) words() string { return "rule " + strconv.Itoa(r.number) }

// selects says whether a policy is about a pod, and why that is not known.
func (p *policy) selects(x *end) (match, string) {
	switch {
	case !x.pod() || p.tier != namespaced && x.kind == host:
		return no, ""
	case p.namespaces == nil && p.Ref.Namespace != x.Namespace:
		return no, ""
	case p.broken != "":
		return maybe, p.broken
	}
	out, why := yes, ""
	if p.namespaces != nil {
		out, why = p.namespaces.takesWhy(x.namespace)
	}
	pods := p.pods.matches(x.Labels)
	if pods < out {
		out, why = pods, p.pods.broken
	}
	return out, why
}

// decides reports whether a policy has a say in a direction.
func (p *policy) decides(d direction) bool {
	return p.isolates[d] || p.tier != namespaced && len(p.rules[d]) > 0
}

// takesWhy is takes with the reason of a maybe.
func (s *selector) takesWhy(ns namespace) (match, string) {
	m := s.takes(ns)
	switch {
	case m != maybe:
		return m, ""
	case s.broken != "":
		return m, s.broken
	}
	return m, ns.partial
}

// matches says whether an end is one that the peer means, for a policy in a namespace.
func (p *peer) matches(e *Engine, own string, x *end) (match, string) {
	switch {
	case p.broken != "":
		return maybe, p.broken
	case p.outside != "":
		if x.kind == addresses || p.nodes && x.kind == host {
			return maybe, p.outside
		}
		return no, ""
	case p.blocks != nil:
		return p.blocks.match(e, x)
	case x.kind != ordinary || p.namespaces == nil && own != x.Namespace:
		return no, ""
	}
	out, why := yes, ""
	if p.namespaces != nil {
		out, why = p.namespaces.takesWhy(x.namespace)
	}
	if m := p.pods.matches(x.Labels); m < out {
		out, why = m, p.pods.broken
	}
	return out, why
}

// peer says whether an end is among the peers of the rule. One that is broken
// leaves it open for all, as the API server would not have taken it.
func (r *rule) peer(e *Engine, x *end) (match, string) {
	if r.everybody {
		return yes, ""
	}
	best, why := no, ""
	for i := range r.peers {
		m, reason := r.peers[i].matches(e, r.policy.Ref.Namespace, x)
		if r.peers[i].broken != "" {
			return maybe, reason
		}
		if m > best {
			best, why = m, reason
		}
	}
	return best, why
}

// portsOn are the ports that a rule matches on a destination: surely, and perhaps.
func (r *rule) portsOn(spec *corev1.PodSpec) (sure, possible PortSet) {
	if r.allPorts {
		return everyPort, everyPort
	}
	var ranges []PortRange
	for _, p := range r.ports {
		if p.broken != "" {
			return noPorts, everyPort
		}
		ranges = append(ranges, p.on(spec)...)
	}
	sure = NewPortSet(ranges...)
	return sure, sure
}

func (p port) on(spec *corev1.PodSpec) []PortRange {
	if p.name == "" {
		if p.protocol == "" {
			return nil
		}
		return []PortRange{{p.protocol, p.first, p.last}}
	}
	return slices.DeleteFunc(named(spec, p.name), func(r PortRange) bool {
		return p.protocol != "" && p.protocol != r.Protocol
	})
}

// usesNames reports whether the ports of a rule depend on the destination.
func (r *rule) usesNames() bool {
	return slices.ContainsFunc(r.ports, func(p port) bool { return p.name != "" })
}

// port says whether a port of a destination is among those of the rule.
func (r *rule) port(spec *corev1.PodSpec, protocol corev1.Protocol, number int32) (match, string) {
	if r.allPorts {
		return yes, ""
	}
	for _, p := range r.ports {
		if p.broken != "" {
			return maybe, p.broken
		}
	}
	sure, _ := r.portsOn(spec)
	switch {
	case sure.Contains(protocol, number):
		return yes, ""
	case number <= 0 && slices.ContainsFunc(sure.Ranges(), func(x PortRange) bool { return x.Protocol == protocol }):
		return maybe, "the port is not known"
	}
	return no, ""
}
