// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7507", Slug: "policy-linters-miss",
	Short: "NetworkPolicy isolates the pod, but not in a form that Polaris and kubescape see",
	Why: `Polaris counts a policy only when matchLabels has exactly one of the labels of the pod (with two of them its schema
matches twice, which is once too often: FairwindsOps/polaris#1202), and when both lists of rules are there and not empty;
kubescape, when policyTypes names both. The policy works all the same.`,
	Fix:       "Select by one label, such as app.kubernetes.io/name, write policyTypes [Ingress, Egress], and at least one rule of each. A policy that is meant to have none is worth Polaris' annotation.",
	Reference: "https://polaris.docs.fairwinds.com/checks/security/",
	Aliases:   []string{"polaris:missingNetworkPolicy", "kubescape:C-0030"},
	Needs:     append([]*model.Kind{model.NetworkPolicies.Kind}, model.WorkloadKinds...),
	Check:     checkSeenPolicies,
})

func checkSeenPolicies(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		if !isolated(w, of, networkingv1.PolicyTypeIngress) || !isolated(w, of, networkingv1.PolicyTypeEgress) {
			continue // that is KM7506
		}
		policies := policiesOf(w, of)
		if slices.ContainsFunc(policies, func(np networkPolicy) bool { return unseen(np, of) == "" }) {
			continue
		}
		f := emit(of.Object, "", "%s isolates its pods, but %s: Polaris does not count it", policies[0].Ref, unseen(policies[0], of))
		f.Related = append(f.Related, policies[0].Ref)
	}
}

// unseen says why Polaris or kubescape does not see a policy; empty if both do.
func unseen(np networkPolicy, of *model.Workload) string {
	spec := np.Value.Spec
	shared := 0
	for key, value := range of.Template.Labels {
		if is, has := spec.PodSelector.MatchLabels[key]; has && is == value {
			shared++
		}
	}
	switch {
	case shared != 1:
		return fmt.Sprintf("its selector has %d of their labels and not one", shared)
	case len(spec.Ingress) == 0:
		return "it has no rule for ingress"
	case len(spec.Egress) == 0:
		return "it has no rule for egress"
	case !slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeIngress), !slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeEgress):
		return "policyTypes does not name both directions"
	}
	return ""
}
