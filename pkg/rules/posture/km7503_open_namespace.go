// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7503", Slug: "open-namespace", Severity: finding.Info, Hygiene: true,
	Short: "Namespace has no NetworkPolicy that denies by default",
	Why: `A pod that no NetworkPolicy selects takes connections from every pod of the cluster, and from outside where there
is a way. What is deployed next is one of these, unless a policy with an empty podSelector selects all.

Where policies of another API are in force (Cilium, Calico, AdminNetworkPolicy) nothing is said.`,
	Fix:       "Allow what is needed first, then add a policy with podSelector: {} and policyTypes [Ingress, Egress] and no rules.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
	Needs:     withKinds(model.WorkloadKinds, model.NetworkPolicies.Kind, model.Namespaces.Kind),
	Check:     checkOpenNamespaces,
})

func checkOpenNamespaces(w *rules.World, emit rules.Emit) {
	if w.PoliciesElsewhere() {
		return
	}
	var namespaces []string
	members := map[string][]*model.Workload{}
	for _, of := range w.Judged("") {
		if of.Spec().HostNetwork {
			continue // policies do not apply to it
		}
		if ns := of.Ref.Namespace; members[ns] == nil {
			namespaces = append(namespaces, ns)
		}
		members[of.Ref.Namespace] = append(members[of.Ref.Namespace], of)
	}
	for _, ns := range namespaces {
		absence := w.Absence(model.NetworkPolicies.Kind, ns)
		policies := slices.DeleteFunc(model.NetworkPolicies.In(w.Snapshot, ns), func(np networkPolicy) bool { return !slices.Contains(directions(np), ingress) })
		if absence == model.Unknown || slices.ContainsFunc(policies, selectsAll) {
			continue
		}
		open := unselected(w, ns, policies, members[ns])
		on := members[ns][0].Object
		if found, ok := w.Object(model.Namespaces.Ref("", ns)); ok {
			on = found
		}
		f := emit(on, "", "%s", openness(ns, len(policies), open))
		f.Reason = "no default deny in " + ns
		f.Related = append(f.Related, open...)
		rules.Weigh(f, absence)
	}
}

// openness says how open a namespace is.
func openness(ns string, policies int, open []ref.Ref) string {
	switch {
	case policies == 0:
		return "namespace " + ns + " has no NetworkPolicy for ingress: its pods take connections from everywhere"
	case len(open) == 0:
		return "no NetworkPolicy selects all pods of namespace " + ns + ": the next workload takes connections from everywhere"
	}
	return "no NetworkPolicy for ingress selects " + rules.FewOf(open) + ": connections from everywhere get through"
}

// unselected are the workloads that no policy isolates.
func unselected(w *rules.World, ns string, policies []networkPolicy, all []*model.Workload) []ref.Ref {
	isolated := map[*model.Workload]bool{}
	for _, np := range policies {
		for _, of := range w.Select(ns, selectorOf(np)).Workloads {
			isolated[of] = true
		}
	}
	return model.Refs(slices.DeleteFunc(slices.Clone(all), func(of *model.Workload) bool { return isolated[of] }))
}
