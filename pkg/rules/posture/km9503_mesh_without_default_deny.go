// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM9503", Slug: "mesh-without-default-deny", Severity: finding.Info, Hygiene: true,
	Short: "Namespace of the mesh has no AuthorizationPolicy that denies by default",
	Why: `A workload that no ALLOW policy selects takes requests from everybody, with or without an identity. A policy for the
whole namespace (or the whole mesh) with no rules makes "no" the answer where nobody said otherwise, for what
is deployed next as well.`,
	Fix:       "Write the ALLOW policies first, then an AuthorizationPolicy with an empty spec in the namespace.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/#use-default-deny-patterns",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Namespaces.Kind, model.AuthorizationPolicies.Kind}),
	Check:     checkDefaultDeny,
})

func checkDefaultDeny(w *rules.World, emit rules.Emit) {
	namespaces, in := meshed(w)
	for _, ns := range namespaces {
		absence := min(w.Absence(model.AuthorizationPolicies.Kind, ns), w.Absence(model.AuthorizationPolicies.Kind, w.RootNamespace))
		if absence == model.Unknown || deniesByDefault(w, ns) || deniesByDefault(w, w.RootNamespace) {
			continue
		}
		f := emit(namespaceOr(w, ns, in[ns][0].Object), "", "no AuthorizationPolicy for all of namespace %s denies by default", ns)
		f.Related = append(f.Related, model.Refs(in[ns])...)
		rules.Weigh(f, absence)
	}
}

// deniesByDefault reports whether a namespace has an ALLOW policy for all its
// workloads: what it does not name is denied then, and most have no rules at all.
func deniesByDefault(w *rules.World, ns string) bool {
	return slices.ContainsFunc(model.AuthorizationPolicies.In(w.Snapshot, ns), func(ap model.Item[istiosecv1.AuthorizationPolicy]) bool {
		s := &ap.Value.Spec
		return s.GetAction() == securityv1.AuthorizationPolicy_ALLOW && len(s.GetSelector().GetMatchLabels()) == 0 &&
			len(s.GetTargetRefs()) == 0 && s.GetTargetRef() == nil && ap.Value.Annotations["istio.io/dry-run"] != "true"
	})
}
