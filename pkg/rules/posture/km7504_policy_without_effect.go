// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7504", Slug: "policy-without-effect", Severity: finding.Info, Hygiene: true,
	Short: "NetworkPolicy selects pods and lets everything through",
	Why: `The pods count as isolated, and every connection is allowed again: without the policy nothing would be different.
It passes every check that asks whether a policy is there. As policies only add, it also makes
all others of these pods mean nothing.`,
	Fix:       "Say from whom and at which ports, or delete the policy.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic",
	Needs:     withKinds(model.WorkloadKinds, model.NetworkPolicies.Kind),
	Check:     checkPoliciesWithoutEffect,
})

func checkPoliciesWithoutEffect(w *rules.World, emit rules.Emit) {
	for _, np := range model.NetworkPolicies.In(w.Snapshot, "") {
		selected := w.Select(np.Ref.Namespace, selectorOf(np))
		if np.Value.DeletionTimestamp != nil || selected.Empty() || slices.ContainsFunc(directions(np), func(d networkingv1.PolicyType) bool { return !slices.ContainsFunc(flows(np, d), flow.all) }) {
			continue
		}
		f := emit(np.Object, np.Existing("/spec", "/ingress", "/egress"), "it lets everything through in every direction that it isolates: without it nothing would be denied that is allowed, nor the other way round")
		f.Related = append(f.Related, model.Refs(selected.Workloads)...)
		for _, other := range model.NetworkPolicies.In(w.Snapshot, np.Ref.Namespace) {
			if !other.Ref.Same(np.Ref) && shares(w, np, other) {
				f.Message = "it lets everything through in every direction that it isolates, and " + other.Ref.String() + " means nothing for the same pods"
				f.Related = append(f.Related, other.Ref)
				break
			}
		}
	}
}

// shares reports whether two policies isolate a workload in the same direction.
func shares(w *rules.World, a, b networkPolicy) bool {
	if !slices.ContainsFunc(directions(a), func(d networkingv1.PolicyType) bool { return slices.Contains(directions(b), d) }) {
		return false
	}
	of := w.Select(a.Ref.Namespace, selectorOf(a)).Workloads
	return slices.ContainsFunc(w.Select(b.Ref.Namespace, selectorOf(b)).Workloads, func(x *model.Workload) bool { return slices.Contains(of, x) })
}
