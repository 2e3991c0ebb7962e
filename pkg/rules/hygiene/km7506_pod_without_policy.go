// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7506", Slug: "pod-without-policy",
	Short: "No NetworkPolicy says who may call a pod, or whom it may call",
	Why: `A pod that no policy selects takes connections from every pod of the cluster, and may open some to anywhere. Who got in
elsewhere gets on to it, and from it on to the internet.

Where policies of another API are in force (Cilium, Calico, AdminNetworkPolicy) nothing is said, nor about pods of
the host's network, to which no policy applies.`,
	Fix:       "Add a NetworkPolicy with the labels of the pods, policyTypes [Ingress, Egress], and rules for who calls and who is called; DNS is one of these.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	Aliases: []string{
		"kube-linter:non-isolated-pod", "kube-score:pod-networkpolicy", "polaris:missingNetworkPolicy", "kubescape:C-0030", "kubescape:C-0260",
	},
	Needs: append([]*model.Kind{model.NetworkPolicies.Kind}, model.WorkloadKinds...),
	Check: checkIsolation,
})

func checkIsolation(w *rules.World, emit rules.Emit) {
	if w.PoliciesElsewhere() {
		return
	}
	for _, of := range w.Judged("") {
		absence := w.Absence(model.NetworkPolicies.Kind, of.Ref.Namespace)
		if absence == model.Unknown || of.Spec().HostNetwork {
			continue
		}
		into, out := isolated(w, of, networkingv1.PolicyTypeIngress), isolated(w, of, networkingv1.PolicyTypeEgress)
		text := ""
		switch {
		case !into && !out:
			text = "no NetworkPolicy selects its pods: everybody may call them, and they may call everybody"
		case !into:
			text = "no NetworkPolicy says who may call its pods"
		case !out:
			text = "no NetworkPolicy says whom its pods may call"
		default:
			continue
		}
		rules.Weigh(emit(of.Object, "", "%s", text), absence)
	}
}
