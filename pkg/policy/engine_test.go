// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// engine is a small engine for tests: NetworkPolicies with numeric ports, and
// PeerAuthentications that demand mutual TLS of plaintext.
func engine(s *model.Snapshot, q policy.Question) verdict.Hop {
	if hop := network(s, q, q.From, q.To, networkingv1.PolicyTypeEgress); hop.Verdict == verdict.Deny {
		return hop
	}
	if hop := network(s, q, q.To, q.From, networkingv1.PolicyTypeIngress); hop.Verdict == verdict.Deny {
		return hop
	}
	for _, pa := range model.PeerAuthentications.In(s, q.To.Namespace) {
		open := pa.Value.Spec.GetPortLevelMtls()[uint32(q.Port)].GetMode().String() == "PERMISSIVE"
		uncaptured := q.Port == 15020 || q.Port == 15090
		if q.Plaintext && !open && !uncaptured && pa.Value.Spec.GetMtls().GetMode().String() == "STRICT" && matches(pa.Value.Spec.GetSelector().GetMatchLabels(), q.To.Labels) {
			return verdict.Hop{Verdict: verdict.Deny, Decider: verdict.Decider{Object: pa.Ref}}
		}
	}
	return verdict.Hop{Verdict: verdict.Allow}
}

func matches(by map[string]string, set labels.Set) bool {
	return labels.SelectorFromSet(by).Matches(set)
}

func network(s *model.Snapshot, q policy.Question, of, other model.Peer, way networkingv1.PolicyType) verdict.Hop {
	if !of.IsPod() || other.Node {
		return verdict.Hop{}
	}
	var closing []ref.Ref
	for _, p := range model.NetworkPolicies.In(s, of.Namespace) {
		by, _ := metav1.LabelSelectorAsSelector(&p.Value.Spec.PodSelector)
		if !by.Matches(of.Labels) || !slices.Contains(p.Value.Spec.PolicyTypes, way) {
			continue
		}
		closing = append(closing, p.Ref)
		for _, r := range p.Value.Spec.Ingress {
			if way == networkingv1.PolicyTypeIngress && rule(q, r.From, r.Ports, other, p.Ref.Namespace) {
				return verdict.Hop{Verdict: verdict.Allow}
			}
		}
		for _, r := range p.Value.Spec.Egress {
			if way == networkingv1.PolicyTypeEgress && rule(q, r.To, r.Ports, other, p.Ref.Namespace) {
				return verdict.Hop{Verdict: verdict.Allow}
			}
		}
	}
	if len(closing) == 0 {
		return verdict.Hop{}
	}
	return verdict.Hop{Verdict: verdict.Deny, Decider: verdict.Decider{Object: closing[0]}}
}

func rule(q policy.Question, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, other model.Peer, own string) bool {
	port := func(p networkingv1.NetworkPolicyPort) bool {
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		return protocol == q.Protocol && p.Port != nil && p.Port.IntVal == q.Port
	}
	peer := func(p networkingv1.NetworkPolicyPeer) bool {
		if p.IPBlock != nil {
			return other.Block.IsValid() && (p.IPBlock.CIDR == other.Block.String() || p.IPBlock.CIDR == "0.0.0.0/0")
		}
		pods, _ := metav1.LabelSelectorAsSelector(p.PodSelector)
		namespace := own
		if p.NamespaceSelector != nil {
			namespace = p.NamespaceSelector.MatchLabels[corev1.LabelMetadataName]
		}
		return other.IsPod() && other.Namespace == namespace && pods.Matches(other.Labels)
	}
	return (len(ports) == 0 || slices.ContainsFunc(ports, port)) && (len(peers) == 0 || slices.ContainsFunc(peers, peer))
}
