// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7560", Slug: "one-way-policy", Severity: finding.Info, Hygiene: true,
	Short: "Policies of a namespace isolate its pods in one direction only",
	Why: `With Ingress alone, whoever takes over a pod may still call every service, the internet and the addresses of the
cloud for credentials. With Egress alone, everybody may call in.`,
	Fix:       "Name both in policyTypes and allow what is needed: who may call, whom the pods call, and DNS (port 53, UDP and TCP, of kube-system).",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, p := range model.NetworkPolicies.In(w.Snapshot, "") {
			in, out := directions(w, p.Ref.Namespace)
			switch {
			case in && !out:
				emit(p.Object, p.Existing("", "/spec/policyTypes", "/spec"), "only ingress is isolated: its pods may call anywhere").Hint =
					"add Egress to policyTypes, and rules for what the pods call and for DNS (port 53 of kube-system)"
			case out && !in:
				emit(p.Object, p.Existing("", "/spec/policyTypes", "/spec"), "only egress is isolated: its pods may be called from anywhere").Hint =
					"add Ingress to policyTypes, and rules for who calls the pods"
			}
		}
	},
})

// directions tells which the policies of a namespace isolate, whatever pods they
// select: another policy may be there for the other one.
func directions(w *rules.World, namespace string) (in, out bool) {
	for _, p := range model.NetworkPolicies.In(w.Snapshot, namespace) {
		types := p.Value.Spec.PolicyTypes
		in = in || len(types) == 0 || slices.Contains(types, networkingv1.PolicyTypeIngress)
		out = out || len(types) == 0 && len(p.Value.Spec.Egress) > 0 || slices.Contains(types, networkingv1.PolicyTypeEgress)
	}
	return in, out
}
