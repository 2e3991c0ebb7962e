// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// compiler turns policies into the engine's form. What is written many times is
// read once.
type compiler struct {
	selectors selectors
	blocks    map[string]*blocks
	// podBlocks makes the ipBlock of NetworkPolicies match pods.
	podBlocks bool
}

// networkPolicy compiles a NetworkPolicy. Without policyTypes it always isolates
// ingress, and egress where it has rules for that.
func (c *compiler) networkPolicy(np model.Item[networkingv1.NetworkPolicy]) *policy {
	spec := &np.Value.Spec
	out := &policy{Object: np.Object, tier: namespaced, pods: c.selectors.compile(&spec.PodSelector)}
	out.broken = out.pods.broken
	types := spec.PolicyTypes
	if len(types) == 0 {
		types = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(spec.Egress) > 0 {
			types = append(types, networkingv1.PolicyTypeEgress)
		}
	}
	for d := egress; d <= ingress; d++ {
		out.isolates[d] = slices.Contains(types, d.policyType())
	}
	// Rules without effect cut no addresses.
	idle := &compiler{selectors: c.selectors, blocks: map[string]*blocks{}, podBlocks: c.podBlocks}
	in := func(d direction) (*compiler, *[]*rule) {
		if out.isolates[d] {
			return c, &out.rules[d]
		}
		return idle, &out.unused[d]
	}
	by, to := in(egress)
	for i, r := range spec.Egress {
		*to = append(*to, by.namespacedRule(out, egress, i, r.To, r.Ports))
	}
	by, to = in(ingress)
	for i, r := range spec.Ingress {
		*to = append(*to, by.namespacedRule(out, ingress, i, r.From, r.Ports))
	}
	return out
}

func (c *compiler) namespacedRule(p *policy, d direction, i int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) *rule {
	out := &rule{
		policy: p, number: i + 1, at: patch.Pointer("spec", d.field(), i), action: allow,
		everybody: len(peers) == 0, allPorts: len(ports) == 0,
	}
	for _, x := range peers {
		out.peers = append(out.peers, c.namespacedPeer(x))
	}
	for _, x := range ports {
		out.ports = append(out.ports, namespacedPort(x))
	}
	return out
}

func (c *compiler) namespacedPeer(x networkingv1.NetworkPolicyPeer) peer {
	switch {
	case x.IPBlock != nil && (x.PodSelector != nil || x.NamespaceSelector != nil):
		return peer{broken: "a peer has both an ipBlock and a selector, which the API server refuses"}
	case x.IPBlock != nil:
		return c.ipBlock(x.IPBlock)
	case x.PodSelector == nil && x.NamespaceSelector == nil:
		return peer{broken: "a peer has neither a selector nor an ipBlock, which the API server refuses"}
	}
	out := peer{pods: c.selectors.compile(x.PodSelector)}
	var words []string
	if x.NamespaceSelector != nil {
		out.namespaces = c.selectors.compile(x.NamespaceSelector)
		out.broken = out.namespaces.broken
		words = append(words, "namespaceSelector "+out.namespaces.words())
	}
	if x.PodSelector != nil {
		words = append(words, "podSelector "+out.pods.words())
	}
	if out.broken == "" {
		out.broken = out.pods.broken
	}
	out.words = strings.Join(words, " and ")
	return out
}

func (c *compiler) ipBlock(x *networkingv1.IPBlock) peer {
	text := "ipBlock " + x.CIDR
	if len(x.Except) > 0 {
		text += " except " + strings.Join(x.Except, ", ")
	}
	if known := c.blocks[text]; known != nil {
		return peer{words: text, blocks: known}
	}
	prefix, err := netip.ParsePrefix(x.CIDR)
	if err != nil {
		return peer{broken: fmt.Sprintf("the ipBlock %q is no CIDR", x.CIDR)}
	}
	b := block{prefix: prefix.Masked()}
	for _, text := range x.Except {
		e, err := netip.ParsePrefix(text)
		if err != nil {
			return peer{broken: fmt.Sprintf("the except %q of ipBlock %s is no CIDR", text, x.CIDR)}
		}
		if e.Bits() <= b.prefix.Bits() || !b.prefix.Contains(e.Addr()) {
			return peer{broken: fmt.Sprintf("the except %s is not within the ipBlock %s", text, x.CIDR)}
		}
		b.except = append(b.except, e.Masked())
	}
	c.blocks[text] = &blocks{text: text, list: []block{b}, pods: c.podBlocks}
	return peer{words: text, blocks: c.blocks[text]}
}

func namespacedPort(x networkingv1.NetworkPolicyPort) port {
	out := port{protocol: corev1.ProtocolTCP, last: lastPort}
	if x.Protocol != nil {
		out.protocol = *x.Protocol
	}
	switch {
	case !slices.Contains(protocols[:], out.protocol):
		out.broken = fmt.Sprintf("the protocol %q is none of TCP, UDP and SCTP", out.protocol)
	case x.Port == nil && x.EndPort != nil:
		out.broken = "an endPort stands without a port"
	case x.Port == nil:
	case x.Port.Type == intstr.String && x.EndPort != nil:
		out.broken = fmt.Sprintf("an endPort stands with the named port %q", x.Port.StrVal)
	case x.Port.Type == intstr.String:
		out.name = x.Port.StrVal
		if !strings.ContainsFunc(out.name, func(r rune) bool { return 'a' <= r && r <= 'z' }) {
			out.broken = fmt.Sprintf("the port name %q has no letter, which the API server refuses", out.name)
		}
	default:
		out.first, out.last = x.Port.IntVal, x.Port.IntVal
		if x.EndPort != nil {
			out.last = *x.EndPort
		}
		out.broken = outOfRange(out.first, out.last)
	}
	return out
}

// outOfRange says what is wrong with a range of ports; empty if nothing is.
func outOfRange(first, last int32) string {
	switch {
	case first < 1 || last > lastPort:
		return fmt.Sprintf("the ports %d to %d are not between 1 and 65535", first, last)
	case last < first:
		return fmt.Sprintf("the last port %d is before the first, %d", last, first)
	}
	return ""
}
