// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// clusterRule is a rule of any cluster-wide kind.
type clusterRule struct {
	action string
	peers  []model.ClusterPolicyPeer
	match  func() bool
}

type clusterPolicy struct {
	priority int32
	subject  model.ClusterPolicySubject
	rules    []clusterRule
}

func (n naive) cluster(tier string) string {
	var all []clusterPolicy
	for _, p := range n.clusterPolicies(tier) {
		namespaces, pods := p.subject.Namespaces, &metav1.LabelSelector{}
		if p.subject.Pods != nil {
			namespaces, pods = &p.subject.Pods.NamespaceSelector, &p.subject.Pods.PodSelector
		}
		if !n.subject.HostNetwork() && n.namespaceFits(namespaces, n.subject.Namespace) && fits(pods, n.subject.Labels) {
			all = append(all, p)
		}
	}
	for len(all) > 0 {
		var first []int
		for i, p := range all {
			if len(first) == 0 || p.priority < all[first[0]].priority {
				first = []int{i}
			} else if p.priority == all[first[0]].priority {
				first = append(first, i)
			}
		}
		i := first[0]
		if len(first) > 1 {
			i = first[n.choose(len(first))]
		}
		if action := n.ask(all[i]); action != "" {
			return action
		}
		all = slices.Delete(all, i, i+1)
	}
	return ""
}

// ask returns what the first rule of a policy that matches does.
func (n naive) ask(p clusterPolicy) string {
	for _, r := range p.rules {
		newer := slices.ContainsFunc(r.peers, func(x model.ClusterPolicyPeer) bool {
			return x.Namespaces == nil && x.Pods == nil && x.Nodes == nil && x.Networks == nil && x.DomainNames == nil
		})
		action := map[string]string{"Allow": "allow", "Accept": "allow", "Deny": "deny", "Pass": "pass"}[r.action]
		switch {
		case newer && action == "allow":
			continue
		case newer:
			return "deny"
		}
		if slices.ContainsFunc(r.peers, n.clusterPeer) && r.match() {
			return action
		}
	}
	return ""
}

func (n naive) clusterPeer(p model.ClusterPolicyPeer) bool {
	selectable := n.other.Spec != nil && !n.other.HostNetwork()
	switch {
	case p.Namespaces != nil:
		return selectable && n.namespaceFits(p.Namespaces, n.other.Namespace)
	case p.Pods != nil:
		return selectable && n.namespaceFits(&p.Pods.NamespaceSelector, n.other.Namespace) && fits(&p.Pods.PodSelector, n.other.Labels)
	case p.Networks != nil:
		return n.inside(func(a netip.Addr) bool {
			return slices.ContainsFunc(p.Networks, func(c string) bool { return netip.MustParsePrefix(c).Contains(a) })
		})
	case p.DomainNames != nil:
		return n.other.Spec == nil && n.choose(2) == 1
	}
	return (n.other.Spec == nil || n.other.HostNetwork()) && n.choose(2) == 1 // nodes
}

func (n naive) clusterPolicies(tier string) []clusterPolicy {
	var out []clusterPolicy
	add := func(priority *int32, spec model.AdminNetworkPolicySpec) {
		p := clusterPolicy{subject: spec.Subject}
		if priority != nil {
			p.priority = *priority
		}
		rules := spec.Ingress
		if n.egress {
			rules = spec.Egress
		}
		for _, r := range rules {
			p.rules = append(p.rules, clusterRule{r.Action, append(slices.Clone(r.From), r.To...), func() bool { return n.adminPorts(r.Ports) }})
		}
		out = append(out, p)
	}
	if tier == "Admin" {
		for _, p := range model.AdminNetworkPolicies.In(n.world, "") {
			add(p.Value.Spec.Priority, p.Value.Spec)
		}
	} else {
		for _, p := range model.BaselineAdminNetworkPolicies.In(n.world, "") {
			add(nil, p.Value.Spec)
		}
	}
	for _, p := range model.ClusterNetworkPolicies.In(n.world, "") {
		if p.Value.Spec.Tier != tier {
			continue
		}
		c := clusterPolicy{priority: *p.Value.Spec.Priority, subject: p.Value.Spec.Subject}
		rules := p.Value.Spec.Ingress
		if n.egress {
			rules = p.Value.Spec.Egress
		}
		for _, r := range rules {
			c.rules = append(c.rules, clusterRule{r.Action, append(slices.Clone(r.From), r.To...), func() bool { return n.clusterPorts(r.Protocols) }})
		}
		out = append(out, c)
	}
	return out
}

func (n naive) adminPorts(ports []model.AdminNetworkPolicyPort) bool {
	return len(ports) == 0 || slices.ContainsFunc(ports, func(p model.AdminNetworkPolicyPort) bool {
		switch {
		case p.NamedPort != nil:
			return n.isNamed(*p.NamedPort)
		case p.PortNumber != nil:
			return p.PortNumber.Protocol == n.protocol && p.PortNumber.Port == n.port
		}
		return p.PortRange.Protocol == n.protocol && p.PortRange.Start <= n.port && n.port <= p.PortRange.End
	})
}

func (n naive) clusterPorts(list []model.ClusterNetworkPolicyProtocol) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(p model.ClusterNetworkPolicyProtocol) bool {
		of := map[corev1.Protocol]*model.ClusterNetworkPolicyTransport{"TCP": p.TCP, "UDP": p.UDP, "SCTP": p.SCTP}[n.protocol]
		switch {
		case p.DestinationNamedPort != "":
			return n.isNamed(p.DestinationNamedPort)
		case of == nil:
			return false
		case of.DestinationPort == nil:
			return true
		case of.DestinationPort.Range != nil:
			return of.DestinationPort.Range.Start <= n.port && n.port <= of.DestinationPort.Range.End
		}
		return of.DestinationPort.Number == n.port
	})
}
