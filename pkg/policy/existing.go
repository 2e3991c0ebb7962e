// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// direction is one of the two that a NetworkPolicy closes.
type direction = networkingv1.PolicyType

const (
	ingress = networkingv1.PolicyTypeIngress
	egress  = networkingv1.PolicyTypeEgress
)

// types are the directions that a NetworkPolicy closes. Without policyTypes it is
// Ingress always, and Egress if there is a rule of it.
func types(p *networkingv1.NetworkPolicy) []direction {
	switch {
	case len(p.Spec.PolicyTypes) > 0:
		return p.Spec.PolicyTypes
	case len(p.Spec.Egress) > 0:
		return []direction{ingress, egress}
	}
	return []direction{ingress}
}

// isolating are the NetworkPolicies that close a direction of a workload, but
// for one by its name.
func (w *world) isolating(of *model.Workload, d direction, except string) []model.Item[networkingv1.NetworkPolicy] {
	if of.Spec().HostNetwork {
		return nil
	}
	return slices.DeleteFunc(model.NetworkPolicies.In(w.Snapshot, of.Ref.Namespace), func(p model.Item[networkingv1.NetworkPolicy]) bool {
		by, err := metav1.LabelSelectorAsSelector(&p.Value.Spec.PodSelector)
		return p.Ref.Name == except || err != nil || !slices.Contains(types(p.Value), d) || !matchesAny(by, of)
	})
}

// matchesAny reports whether a selector takes the template of a workload or a
// pod of it.
func matchesAny(by labels.Selector, of *model.Workload) bool {
	return slices.ContainsFunc(of.Peers(), func(p model.Peer) bool { return by.Matches(p.Labels) }) || by.Matches(labels.Set(of.Template.Labels))
}

type authorization = model.Item[istiosecv1.AuthorizationPolicy]

// authorizing are the AuthorizationPolicies with a workload in their selector, of
// one action, but for one by its name.
func (w *world) authorizing(of *model.Workload, action securityv1.AuthorizationPolicy_Action, except string) []authorization {
	if d, _ := w.dataplane(of); d == NoMesh {
		return nil
	}
	all := model.AuthorizationPolicies.In(w.Snapshot, of.Ref.Namespace)
	if of.Ref.Namespace != w.RootNamespace {
		all = append(slices.Clone(all), model.AuthorizationPolicies.In(w.Snapshot, w.RootNamespace)...)
	}
	return slices.DeleteFunc(all, func(p authorization) bool {
		spec := &p.Value.Spec
		return p.Ref.Name == except || spec.GetAction() != action || spec.GetTargetRef() != nil || len(spec.GetTargetRefs()) > 0 ||
			p.Value.Annotations["istio.io/dry-run"] == "true" || !matchesAny(labels.SelectorFromSet(spec.GetSelector().GetMatchLabels()), of)
	})
}

// targeted reports whether a policy is attached to a Service of a workload.
func (w *world) targeted(p authorization, of *model.Workload) bool {
	for _, t := range p.Value.Spec.GetTargetRefs() {
		for _, svc := range w.InFront(of) {
			if t.GetKind() == "Service" && t.GetName() == svc.Ref.Name {
				return true
			}
		}
	}
	return false
}
