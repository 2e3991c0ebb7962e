// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6510", Slug: "unbound-role", Severity: finding.Info, Hygiene: true,
	Short: "Role is bound to nobody",
	Why: `A role that no binding gives does nothing today. It is there to be bound by mistake, and hides which roles
matter; or the binding that was meant to go with it is missing or names another.`,
	Fix:       "Delete the role, or bind it.",
	Reference: rbacPractices + "#least-privilege",
	Needs:     withKinds(roleKinds, bindingKinds...),
	Check:     checkUnboundRoles,
})

// aggregateLabel begins the labels by which ClusterRoles add up to others.
const aggregateLabel = "rbac.authorization.k8s.io/aggregate-to-"

func checkUnboundRoles(w *rules.World, emit rules.Emit) {
	given := holders(w)
	for _, r := range roles(w) {
		if len(given[r.Ref]) > 0 || r.aggregated || aggregates(r.Object) || r.Meta().GetDeletionTimestamp() != nil {
			continue
		}
		absence := w.Absence(model.RoleBindings.Kind, r.Ref.Namespace)
		if r.Ref.Namespace == "" {
			absence = min(absence, w.Absence(model.ClusterRoleBindings.Kind, ""))
		}
		if absence != model.Proven && absence != model.NotInSet {
			continue
		}
		f := emit(r.Object, "", "no binding gives it to anybody")
		if absence != model.Proven {
			f.Confidence = finding.Likely
		}
	}
}

// aggregates reports whether a ClusterRole is part of another. The labels that say
// so are the author's choice; those of Kubernetes' own roles are the usual ones.
func aggregates(o *model.Object) bool {
	for key := range o.Meta().GetLabels() {
		if strings.HasPrefix(key, aggregateLabel) || strings.Contains(key, "aggregate") {
			return true
		}
	}
	return false
}
