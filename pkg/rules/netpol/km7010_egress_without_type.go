// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7010", Slug: "egress-without-type", Severity: finding.Warning,
	Short: "NetworkPolicy with an empty list of egress rules isolates no egress",
	Why: `A policy that names no policyTypes is always for ingress, and for egress only if it holds a rule for it.
An empty list holds none: egress: [] looks like "may call nobody", and the pods may call everybody. What
is more, the policy isolates their ingress.`,
	Fix:       "Write policyTypes: [Egress], or [Ingress, Egress] where both are meant.",
	Reference: "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check:     checkEmptyEgress,
	Repair:    repairEmptyEgress,
})

func checkEmptyEgress(w *rules.World, emit rules.Emit) {
	for _, np := range present(w) {
		if len(np.Value.Spec.PolicyTypes) > 0 || len(np.Value.Spec.Egress) > 0 {
			continue
		}
		value, err := patch.Get(np.Raw(), "/spec/egress") // empty is not absent
		if _, isList := value.([]any); err != nil || !isList {
			continue
		}
		f := emit(np.Object, "/spec/egress", "egress: [] without policyTypes isolates no egress: the pods may call everybody, and their ingress is isolated")
		f.Hint = "add policyTypes: [Egress], with Ingress if that is meant as well"
	}
}

// repairEmptyEgress writes down both types: the policy isolates ingress already.
func repairEmptyEgress(_ *rules.World, r rules.Result) []rules.Fix {
	types := patch.Op{Op: patch.Add, Path: "/spec/policyTypes", Value: []any{string(ingress), string(egress)}}
	return []rules.Fix{rules.Change(rules.Review, "isolate egress", r.On, types)}
}
