// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
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
	var out []model.Item[networkingv1.NetworkPolicy]
	for _, p := range w.networkIn(of.Ref.Namespace) {
		if p.Ref.Name != except && slices.Contains(p.types, d) && matchesAny(p.by, of) {
			out = append(out, p.Item)
		}
	}
	return out
}

// matchesAny reports whether a selector takes the template of a workload or a
// pod of it.
func matchesAny(by labels.Selector, of *model.Workload) bool {
	if by.Matches(labels.Set(of.Template.Labels)) {
		return true
	}
	return slices.ContainsFunc(of.Pods, func(p model.Item[corev1.Pod]) bool {
		return !model.PodEnded(p.Value) && by.Matches(labels.Set(p.Value.Labels))
	})
}

// allow is the action of the policies that let in whom they name, and nobody
// else.
const allow = securityv1.AuthorizationPolicy_ALLOW

type authorization = model.Item[istiosecv1.AuthorizationPolicy]

// authorizing are the AuthorizationPolicies with a workload in their selector, of
// one action, but for one by its name.
func (w *world) authorizing(of *model.Workload, action securityv1.AuthorizationPolicy_Action, except string) []authorization {
	if d, _ := w.dataplane(of); d == NoMesh {
		return nil
	}
	all := w.accessIn(of.Ref.Namespace)
	if of.Ref.Namespace != w.RootNamespace {
		all = slices.Concat(all, w.accessIn(w.RootNamespace))
	}
	var out []authorization
	for _, p := range all {
		if p.Ref.Name != except && p.Value.Spec.GetAction() == action && matchesAny(p.by, of) {
			out = append(out, p.authorization)
		}
	}
	return out
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

// closedByOthers reports whether NetworkPolicies that are not ours close a
// direction of a workload, to some at least. limitedByOthers is the same of
// AuthorizationPolicies.
func (w *world) closedByOthers(of *model.Workload, way direction) bool {
	closed := false
	for _, p := range w.isolating(of, way, "") {
		if ours(p.Object) {
			continue
		}
		closed = true
		for _, r := range p.Value.Spec.Ingress {
			if way == ingress && len(r.From) == 0 && len(r.Ports) == 0 {
				return false
			}
		}
		for _, r := range p.Value.Spec.Egress {
			if way == egress && len(r.To) == 0 && len(r.Ports) == 0 {
				return false
			}
		}
	}
	return closed
}

func (w *world) limitedByOthers(of *model.Workload) bool {
	limited := false
	for _, p := range w.authorizing(of, allow, "") {
		if ours(p.Object) {
			continue
		}
		limited = true
		for _, r := range p.Value.Spec.GetRules() {
			if len(r.GetFrom())+len(r.GetTo())+len(r.GetWhen()) == 0 {
				return false
			}
		}
	}
	return limited
}
