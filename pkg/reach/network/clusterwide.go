// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// clusterRule is a rule of any cluster-wide kind. The raw one is what the
// object says, with fields that the Go types do not know.
type clusterRule struct {
	action string
	peers  []model.ClusterPolicyPeer
	ports  []port
	// newer is true where ports ask for something that no known version has.
	newer bool
	raw   map[string]any
}

// newerPeer is what to say of a peer that only a newer version knows, where the
// rule does not fail closed for being broken.
const newerPeer = "a peer asks for something that only a newer version of the API knows"

// actions are what the words of the versions mean.
var actions = map[string]map[string]action{
	model.AdminNetworkPolicies.Kind.Kind:         {"Allow": allow, "Deny": deny, "Pass": pass},
	model.BaselineAdminNetworkPolicies.Kind.Kind: {"Allow": allow, "Deny": deny},
	model.ClusterNetworkPolicies.Kind.Kind:       {"Accept": allow, "Deny": deny, "Pass": pass},
}

func (c *compiler) clusterPolicies(s *model.Snapshot) []*policy {
	var out []*policy
	for _, p := range model.AdminNetworkPolicies.In(s, "") {
		out = append(out, c.adminPolicy(p.Object, &p.Value.Spec, admin))
	}
	for _, p := range model.BaselineAdminNetworkPolicies.In(s, "") {
		x := c.adminPolicy(p.Object, &p.Value.Spec, baseline)
		if p.Ref.Name != "default" {
			x.broken = `the baseline has to be called "default"`
		}
		out = append(out, x)
	}
	for _, p := range model.ClusterNetworkPolicies.In(s, "") {
		out = append(out, c.clusterPolicy(p.Object, &p.Value.Spec)...)
	}
	return out
}

func (c *compiler) adminPolicy(o *model.Object, spec *model.AdminNetworkPolicySpec, t tier) *policy {
	out := c.ordered(o, t, spec.Priority, spec.Subject)
	for d, rules := range [...][]model.AdminNetworkPolicyRule{egress: spec.Egress, ingress: spec.Ingress} {
		for i, r := range rules {
			x := clusterRule{action: r.Action, peers: slices.Concat(r.From, r.To), raw: rawRule(o, direction(d), i)}
			for _, p := range r.Ports {
				compiled, newer := adminPort(p)
				x.ports, x.newer = append(x.ports, compiled), x.newer || newer
			}
			out.rules[d] = append(out.rules[d], c.clusterRule(out, direction(d), i, x))
		}
	}
	return out
}

// clusterPolicy compiles a ClusterNetworkPolicy; of a tier that nobody knows, it
// may be in either.
func (c *compiler) clusterPolicy(o *model.Object, spec *model.ClusterNetworkPolicySpec) []*policy {
	tiers, known := map[string][]tier{"Admin": {admin}, "Baseline": {baseline}}[spec.Tier]
	if !known {
		tiers = []tier{admin, baseline}
	}
	var out []*policy
	for _, t := range tiers {
		p := c.ordered(o, t, spec.Priority, spec.Subject)
		if !known {
			p.broken = fmt.Sprintf("the tier %q is neither Admin nor Baseline", spec.Tier)
		}
		for d, rules := range [...][]model.ClusterNetworkPolicyRule{egress: spec.Egress, ingress: spec.Ingress} {
			for i, r := range rules {
				x := clusterRule{action: r.Action, peers: slices.Concat(r.From, r.To), raw: rawRule(o, direction(d), i)}
				for _, protocol := range r.Protocols {
					compiled, newer := clusterPort(protocol)
					x.ports, x.newer = append(x.ports, compiled), x.newer || newer
				}
				p.rules[d] = append(p.rules[d], c.clusterRule(p, direction(d), i, x))
			}
		}
		out = append(out, p)
	}
	return out
}

// ordered starts a policy of a tier that goes by priority.
func (c *compiler) ordered(o *model.Object, t tier, priority *int32, subject model.ClusterPolicySubject) *policy {
	out := &policy{Object: o, tier: t}
	switch {
	case subject.Namespaces != nil && subject.Pods == nil:
		out.namespaces, out.pods = c.selectors.compile(subject.Namespaces), c.selectors.compile(nil)
	case subject.Pods != nil && subject.Namespaces == nil:
		out.namespaces, out.pods = c.selectors.compile(&subject.Pods.NamespaceSelector), c.selectors.compile(&subject.Pods.PodSelector)
	default:
		out.namespaces, out.pods = c.selectors.compile(nil), c.selectors.compile(nil)
		out.broken = "the subject has to be namespaces or pods"
	}
	switch {
	case priority != nil:
		out.priority = *priority
	case o.Ref.Kind != model.BaselineAdminNetworkPolicies.Kind.Kind && out.broken == "":
		out.broken = "the policy has no priority"
	}
	return out
}

// clusterRule compiles a rule. One that uses what no known version has fails
// closed: if it allows it matches nothing, else it denies everything.
func (c *compiler) clusterRule(p *policy, d direction, i int, x clusterRule) *rule {
	out := &rule{policy: p, number: i + 1, at: patch.Pointer("spec", d.field(), i), allPorts: len(x.ports) == 0, ports: x.ports}
	var known bool
	if out.action, known = actions[p.Ref.Kind][x.action]; !known {
		out.action = allow | deny | pass
		out.broken = fmt.Sprintf("the action %q is not known", x.action)
	}
	peersAt := map[direction]string{egress: "to", ingress: "from"}[d]
	newer := newerFields(x.raw[peersAt])
	for _, y := range x.peers {
		compiled, unknown := c.clusterPeer(y, d)
		out.peers, newer = append(out.peers, compiled), newer || unknown
	}
	switch {
	case len(x.peers) == 0:
		out.everybody, out.broken = true, "the rule has no peers, which the API server refuses"
	case newer || x.newer:
		out.failClosed()
	}
	return out
}

func (r *rule) failClosed() {
	if r.broken != "" {
		return
	}
	if r.action == allow {
		r.closed, r.peers = "it asks for something that only a newer version of the API knows, and matches nothing", nil
		return
	}
	r.closed = "it asks for something that only a newer version of the API knows, and denies everything"
	r.action, r.everybody, r.allPorts, r.peers, r.ports = deny, true, true, nil, nil
}

func (c *compiler) clusterPeer(x model.ClusterPolicyPeer, d direction) (out peer, newer bool) {
	set := 0
	for _, is := range []bool{x.Namespaces != nil, x.Pods != nil, x.Nodes != nil, len(x.Networks) > 0, len(x.DomainNames) > 0} {
		if is {
			set++
		}
	}
	outward := x.Nodes != nil || len(x.Networks) > 0 || len(x.DomainNames) > 0
	switch {
	case set == 0:
		return peer{broken: newerPeer}, true
	case set > 1:
		return peer{broken: "a peer has more than one field, which the API server refuses"}, false
	case outward && d == ingress: // known for egress alone, thus of a newer version
		return peer{broken: newerPeer}, true
	case x.Namespaces != nil:
		out = c.pods(x.Namespaces, nil)
		out.words = "namespaces " + out.namespaces.words()
	case x.Pods != nil:
		out = c.pods(&x.Pods.NamespaceSelector, &x.Pods.PodSelector)
		out.words = "pods " + out.pods.words() + " in namespaces " + out.namespaces.words()
	case x.Nodes != nil:
		out = peer{nodes: true, outside: "which addresses are those of nodes is not known"}
		out.words = "nodes " + c.selectors.compile(x.Nodes).words()
	case len(x.DomainNames) > 0:
		out = peer{outside: "which addresses a domain name has is not known"}
		out.words = "domainNames " + strings.Join(x.DomainNames, ", ")
	default:
		out = c.networks(x.Networks)
	}
	return out, false
}

func (c *compiler) pods(namespaces, pods *metav1.LabelSelector) peer {
	out := peer{namespaces: c.selectors.compile(namespaces), pods: c.selectors.compile(pods)}
	if out.broken = out.namespaces.broken; out.broken == "" {
		out.broken = out.pods.broken
	}
	return out
}

// networks match the traffic of pods too, unlike an ipBlock.
func (c *compiler) networks(list []string) peer {
	text := "networks " + strings.Join(list, ", ")
	if known := c.blocks[text]; known != nil {
		return peer{words: text, blocks: known}
	}
	b := &blocks{text: text, pods: true}
	for _, cidr := range list {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return peer{words: text, broken: fmt.Sprintf("the network %q is no CIDR", cidr)}
		}
		b.list = append(b.list, block{prefix: prefix.Masked()})
	}
	c.blocks[text] = b
	return peer{words: text, blocks: b}
}

func adminPort(x model.AdminNetworkPolicyPort) (out port, newer bool) {
	switch {
	case x.PortNumber != nil:
		out = port{protocol: protocolOf(x.PortNumber.Protocol), first: x.PortNumber.Port, last: x.PortNumber.Port}
	case x.PortRange != nil:
		out = port{protocol: protocolOf(x.PortRange.Protocol), first: x.PortRange.Start, last: x.PortRange.End}
	case x.NamedPort != nil:
		return port{name: *x.NamedPort}, false
	default:
		return out, true
	}
	if out.broken = outOfRange(out.first, out.last); !slices.Contains(protocols[:], out.protocol) {
		out.broken = fmt.Sprintf("the protocol %q is none of TCP, UDP and SCTP", out.protocol)
	}
	return out, false
}

func clusterPort(x model.ClusterNetworkPolicyProtocol) (out port, newer bool) {
	transport := x.TCP
	switch {
	case x.TCP != nil:
		out.protocol = corev1.ProtocolTCP
	case x.UDP != nil:
		out.protocol, transport = corev1.ProtocolUDP, x.UDP
	case x.SCTP != nil:
		out.protocol, transport = corev1.ProtocolSCTP, x.SCTP
	default:
		return port{name: x.DestinationNamedPort}, x.DestinationNamedPort == ""
	}
	p := transport.DestinationPort
	switch {
	case p == nil:
		out.last = lastPort
		return out, false
	case p.Range != nil:
		out.first, out.last = p.Range.Start, p.Range.End
	case p.Number == 0:
		return out, true
	default:
		out.first, out.last = p.Number, p.Number
	}
	out.broken = outOfRange(out.first, out.last)
	return out, false
}

// rawRule is a rule as the object has it, nil if it is no map.
func rawRule(o *model.Object, d direction, i int) map[string]any {
	found, _ := patch.Get(o.Raw(), patch.Pointer("spec", d.field(), i))
	raw, _ := found.(map[string]any)
	return raw
}

// newerFields reports whether peers have a field that no known version has.
func newerFields(raw any) bool {
	peers, _ := raw.([]any)
	for _, p := range peers {
		fields, _ := p.(map[string]any)
		for name := range fields {
			if !slices.Contains([]string{"namespaces", "pods", "nodes", "networks", "domainNames"}, name) {
				return true
			}
		}
	}
	return false
}
