// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type networkPolicy = model.Item[networkingv1.NetworkPolicy]

// policiesKey is what the policies of workloads are kept under.
type policiesKey struct{}

// policiesOf are the NetworkPolicies that select a workload.
func policiesOf(w *rules.World, of *model.Workload) []networkPolicy {
	return model.Once(w.Snapshot, policiesKey{}, func() map[*model.Workload][]networkPolicy {
		out := map[*model.Workload][]networkPolicy{}
		for _, np := range model.NetworkPolicies.In(w.Snapshot, "") {
			selector, err := metav1.LabelSelectorAsSelector(&np.Value.Spec.PodSelector)
			if err != nil {
				continue
			}
			for _, selected := range w.Select(np.Ref.Namespace, selector).Workloads {
				out[selected] = append(out[selected], np)
			}
		}
		return out
	})[of]
}

// isolates reports whether a policy is about a direction. Where none is written it
// is about ingress, and about egress if it has rules for it.
func isolates(np networkPolicy, direction networkingv1.PolicyType) bool {
	types := np.Value.Spec.PolicyTypes
	if len(types) == 0 {
		return direction == networkingv1.PolicyTypeIngress || len(np.Value.Spec.Egress) > 0
	}
	return slices.Contains(types, direction)
}

// isolated reports whether the policies of a workload are about a direction.
func isolated(w *rules.World, of *model.Workload, direction networkingv1.PolicyType) bool {
	return slices.ContainsFunc(policiesOf(w, of), func(np networkPolicy) bool { return isolates(np, direction) })
}
