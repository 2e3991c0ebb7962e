// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7508", Slug: "namespace-without-policy",
	Short: "Namespace is deployed without any NetworkPolicy",
	Why: `Everything in a namespace without policies can be called from everywhere, and call everything. KM7503 goes further, and
asks for a policy that denies by default.`,
	Fix:       "Deploy the namespace with policies for what is in it, best with one that denies all else.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
	Aliases:   []string{"kubescape:C-0049", "kubescape:C-0054", "kubescape:C-0206"},
	Needs:     []*model.Kind{model.Namespaces.Kind, model.NetworkPolicies.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		if w.PoliciesElsewhere() {
			return
		}
		for _, ns := range model.Namespaces.In(w.Snapshot, "") {
			absence := w.Absence(model.NetworkPolicies.Kind, ns.Ref.Name)
			if rules.System(ns.Ref.Name) || absence == model.Unknown || len(model.NetworkPolicies.In(w.Snapshot, ns.Ref.Name)) > 0 {
				continue
			}
			rules.Weigh(emit(ns.Object, "", "it has no NetworkPolicy"), absence)
		}
	},
})
