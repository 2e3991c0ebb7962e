// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// This file evaluates one connection straight from the text of the APIs: no
// classes, no sets, no "maybe". Where something is not known it takes a choice,
// and outcomes tries all of them.

// chooser takes one of n possibilities.
type chooser func(n int) int

// outcomes are what a decision may come to: whether it may allow, and may deny.
type outcomes struct{ allow, deny bool }

// explore runs a decision with every series of choices.
func explore(decide func(chooser) bool) outcomes {
	var out outcomes
	var series, limits []int
	for {
		i := 0
		allowed := decide(func(n int) int {
			if i == len(series) {
				series, limits = append(series, 0), append(limits, n)
			}
			i++
			return series[i-1]
		})
		out.allow, out.deny = out.allow || allowed, out.deny || !allowed
		series, limits = series[:i], limits[:i]
		for len(series) > 0 && series[len(series)-1] == limits[len(series)-1]-1 {
			series, limits = series[:len(series)-1], limits[:len(series)-1]
		}
		if len(series) == 0 {
			return out
		}
		series[len(series)-1]++
	}
}

// naive asks about one direction of one connection.
type naive struct {
	world           *model.Snapshot
	blocksMatchPods bool
	egress          bool
	subject, other  model.Peer
	to              model.Peer
	protocol        corev1.Protocol
	port            int32
	choose          chooser
}

func (n naive) outcomes() outcomes {
	return explore(func(c chooser) bool {
		n.choose = c
		return n.decide()
	})
}

func (n naive) decide() bool {
	if n.subject.Spec == nil {
		return true // an address is under no policy
	}
	switch n.cluster("Admin") {
	case "allow":
		return true
	case "deny":
		return false
	}
	// On the host network, NetworkPolicies may or may not be in force.
	if !n.subject.HostNetwork() || n.choose(2) == 0 {
		if isolated, allowed := n.policies(); isolated {
			return allowed
		}
	}
	return n.cluster("Baseline") != "deny"
}

func (n naive) policies() (isolated, allowed bool) {
	for _, np := range model.NetworkPolicies.In(n.world, n.subject.Namespace) {
		spec := np.Value.Spec
		types := spec.PolicyTypes
		if len(types) == 0 {
			types = []networkingv1.PolicyType{"Ingress"}
			if len(spec.Egress) > 0 {
				types = append(types, "Egress")
			}
		}
		want := networkingv1.PolicyType("Ingress")
		if n.egress {
			want = "Egress"
		}
		if !slices.Contains(types, want) || !fits(&spec.PodSelector, n.subject.Labels) {
			continue
		}
		isolated = true
		if n.egress {
			for _, r := range spec.Egress {
				allowed = n.rule(np.Ref.Namespace, r.To, r.Ports) || allowed
			}
			continue
		}
		for _, r := range spec.Ingress {
			allowed = n.rule(np.Ref.Namespace, r.From, r.Ports) || allowed
		}
	}
	return isolated, allowed
}

func (n naive) rule(namespace string, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) bool {
	from, at := len(peers) == 0, len(ports) == 0
	for _, p := range ports {
		at = n.portOf(p) || at
	}
	broken := false
	for _, p := range peers {
		if p.IPBlock != nil {
			if _, err := netip.ParsePrefix(p.IPBlock.CIDR); err != nil {
				broken = true
				continue
			}
		}
		from = n.peer(namespace, p) || from
	}
	if broken {
		from = n.choose(2) == 1
	}
	return from && at
}

func (n naive) portOf(p networkingv1.NetworkPolicyPort) bool {
	protocol := corev1.ProtocolTCP
	if p.Protocol != nil {
		protocol = *p.Protocol
	}
	switch {
	case protocol != n.protocol:
		return false
	case p.Port == nil:
		return true
	case p.Port.StrVal != "":
		return n.isNamed(p.Port.StrVal)
	case p.EndPort != nil:
		return p.Port.IntVal <= n.port && n.port <= *p.EndPort
	}
	return p.Port.IntVal == n.port
}

// isNamed reports whether the destination calls the port by a name.
func (n naive) isNamed(name string) bool {
	if n.to.Spec == nil {
		return false
	}
	containers := slices.Clone(n.to.Spec.Containers)
	for _, c := range n.to.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, c)
		}
	}
	for _, c := range containers {
		for _, p := range c.Ports {
			if p.Name == name && p.ContainerPort == n.port && (p.Protocol == n.protocol || p.Protocol == "" && n.protocol == "TCP") {
				return true
			}
		}
	}
	return false
}

func (n naive) peer(namespace string, p networkingv1.NetworkPolicyPeer) bool {
	if p.IPBlock != nil {
		if n.other.Spec != nil && !n.other.HostNetwork() && !n.blocksMatchPods {
			return false
		}
		return n.inside(func(a netip.Addr) bool {
			return netip.MustParsePrefix(p.IPBlock.CIDR).Contains(a) &&
				!slices.ContainsFunc(p.IPBlock.Except, func(e string) bool { return netip.MustParsePrefix(e).Contains(a) })
		})
	}
	if n.other.Spec == nil || n.other.HostNetwork() {
		return false
	}
	if p.NamespaceSelector == nil && n.other.Namespace != namespace {
		return false
	}
	if p.NamespaceSelector != nil && !n.namespaceFits(p.NamespaceSelector, n.other.Namespace) {
		return false
	}
	return p.PodSelector == nil || fits(p.PodSelector, n.other.Labels)
}

// inside asks for the addresses of the other end; of a pod that has none yet, or
// some on either side, nobody knows.
func (n naive) inside(in func(netip.Addr) bool) bool {
	if n.other.Spec == nil {
		return in(n.other.Block.Addr())
	}
	var yes, no int
	for _, a := range n.other.Addresses() {
		if in(a) {
			yes++
		} else {
			no++
		}
	}
	if (yes > 0) == (no > 0) {
		return n.choose(2) == 1
	}
	return yes > 0
}

func (n naive) namespaceFits(s *metav1.LabelSelector, name string) bool {
	set := labels.Set{"kubernetes.io/metadata.name": name}
	if ns, found := model.Namespaces.Get(n.world, "", name); found {
		set = labels.Merge(ns.Value.Labels, set)
	}
	return fits(s, set)
}

func fits(s *metav1.LabelSelector, set map[string]string) bool {
	want, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && want.Matches(labels.Set(set))
}
