// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7505", Slug: "redundant-policy", Severity: finding.Info, Hygiene: true,
	Short: "NetworkPolicy is contained in another",
	Why: `Another policy selects the same pods, isolates them in the same directions and allows all that this one allows:
removing it changes nothing. Somebody who tightens it later will think that something was closed.

A policy without rules is left out: that is a default which should be said on its own.`,
	Fix:       "Delete it, or tighten the other if that was the mistake.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check:     checkRedundantPolicies,
})

func checkRedundantPolicies(w *rules.World, emit rules.Emit) {
	byNamespace := map[string][]networkPolicy{}
	var namespaces []string
	for _, np := range model.NetworkPolicies.In(w.Snapshot, "") {
		if np.Value.DeletionTimestamp != nil {
			continue
		}
		if byNamespace[np.Ref.Namespace] == nil {
			namespaces = append(namespaces, np.Ref.Namespace)
		}
		byNamespace[np.Ref.Namespace] = append(byNamespace[np.Ref.Namespace], np)
	}
	for _, ns := range namespaces {
		for i, np := range byNamespace[ns] {
			at := slices.IndexFunc(byNamespace[ns], func(by networkPolicy) bool {
				return by.Object != np.Object && covers(by, np) && (!denial(np) || denial(by) && selectsAll(by) == selectsAll(np))
			})
			if at < 0 || at > i && covers(np, byNamespace[ns][at]) { // of two alike the first stays
				continue
			}
			f := emit(np.Object, "/spec", "%s selects the same pods and allows all that it allows: removing it changes nothing", byNamespace[ns][at].Ref)
			f.Related = append(f.Related, byNamespace[ns][at].Ref)
		}
	}
}
