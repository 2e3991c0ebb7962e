// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

type networkPolicy = model.Item[networkingv1.NetworkPolicy]

const (
	ingress = networkingv1.PolicyTypeIngress
	egress  = networkingv1.PolicyTypeEgress
)

// directions are what a policy isolates its pods in: what policyTypes says, else
// ingress always and egress where it has rules for that.
func directions(np networkPolicy) []networkingv1.PolicyType {
	if types := np.Value.Spec.PolicyTypes; len(types) > 0 {
		return types
	}
	if len(np.Value.Spec.Egress) > 0 {
		return []networkingv1.PolicyType{ingress, egress}
	}
	return []networkingv1.PolicyType{ingress}
}

// flow is a rule of either direction: no peers are all, no ports are all.
type flow struct {
	peers []networkingv1.NetworkPolicyPeer
	ports []networkingv1.NetworkPolicyPort
}

func flows(np networkPolicy, d networkingv1.PolicyType) []flow {
	var out []flow
	if d == ingress {
		for _, r := range np.Value.Spec.Ingress {
			out = append(out, flow{r.From, r.Ports})
		}
	}
	if d == egress {
		for _, r := range np.Value.Spec.Egress {
			out = append(out, flow{r.To, r.Ports})
		}
	}
	return out
}

// all reports whether a rule lets everything through.
func (f flow) all() bool { return len(f.peers)+len(f.ports) == 0 }

// within reports whether all that a rule lets through another does too, as far as
// comparing their parts can tell.
func (f flow) within(g flow) bool {
	peers := len(g.peers) == 0 || len(f.peers) > 0 && !slices.ContainsFunc(f.peers, func(p networkingv1.NetworkPolicyPeer) bool {
		return !slices.ContainsFunc(g.peers, func(q networkingv1.NetworkPolicyPeer) bool { return equality.Semantic.DeepEqual(p, q) })
	})
	ports := len(g.ports) == 0 || len(f.ports) > 0 && !slices.ContainsFunc(f.ports, func(p networkingv1.NetworkPolicyPort) bool {
		return !slices.ContainsFunc(g.ports, func(q networkingv1.NetworkPolicyPort) bool { return portWithin(p, q) })
	})
	return peers && ports
}

// portWithin reports whether a port of a rule is one of another: the same, or one
// of all ports of the protocol.
func portWithin(p, q networkingv1.NetworkPolicyPort) bool {
	protocol := func(p networkingv1.NetworkPolicyPort) corev1.Protocol {
		if p.Protocol == nil {
			return corev1.ProtocolTCP
		}
		return *p.Protocol
	}
	return protocol(p) == protocol(q) && (q.Port == nil || equality.Semantic.DeepEqual(p.Port, q.Port) && equality.Semantic.DeepEqual(p.EndPort, q.EndPort))
}

// covers reports whether removing one policy changes nothing while another is
// there: that selects the same pods at least, isolates them in the same directions
// and lets through what the other does.
func covers(by, np networkPolicy) bool {
	if by.Ref.Namespace != np.Ref.Namespace || !selectsAll(by) && !equality.Semantic.DeepEqual(by.Value.Spec.PodSelector, np.Value.Spec.PodSelector) {
		return false
	}
	for _, d := range directions(np) {
		if !slices.Contains(directions(by), d) {
			return false
		}
		more := flows(by, d)
		if slices.ContainsFunc(flows(np, d), func(f flow) bool { return !slices.ContainsFunc(more, f.within) }) {
			return false
		}
	}
	return true
}

func selectsAll(np networkPolicy) bool {
	s := np.Value.Spec.PodSelector
	return len(s.MatchLabels)+len(s.MatchExpressions) == 0
}

// denial reports whether a policy has no rule: it is there to isolate, and to be
// read.
func denial(np networkPolicy) bool {
	return !slices.ContainsFunc(directions(np), func(d networkingv1.PolicyType) bool { return len(flows(np, d)) > 0 })
}

// selectorOf is a policy's selector; one that is not valid selects nothing.
func selectorOf(np networkPolicy) labels.Selector {
	s, err := metav1.LabelSelectorAsSelector(&np.Value.Spec.PodSelector)
	if err != nil {
		return labels.Nothing()
	}
	return s
}
