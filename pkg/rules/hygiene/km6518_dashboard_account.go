// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6518", Slug: "dashboard-account",
	Short: "Something else than the dashboard has the rights of the dashboard",
	Why: `The role of the Kubernetes dashboard reads its own Secrets, and in older installations all of the cluster. Whatever runs as
its account, or is given its role, has that as well.`,
	Fix:       "Give the workload an account of its own, with the rights that it needs.",
	Reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	Aliases:   []string{"kubescape:C-0014"},
	Needs:     append([]*model.Kind{model.RoleBindings.Kind, model.ClusterRoleBindings.Kind}, model.WorkloadKinds...),
	Check:     checkDashboard,
})

const dashboard = "kubernetes-dashboard"

func checkDashboard(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		if of.Account() == dashboard && !strings.HasPrefix(of.Ref.Name, dashboard) {
			emit(of.Object, of.SpecAt()+"/serviceAccountName", "it runs as the account of the dashboard")
		}
	}
	others := func(o *model.Object, role rbacv1.RoleRef, subjects []rbacv1.Subject) {
		for i, s := range subjects {
			if role.Name == dashboard && s.Name != dashboard {
				emit(o, patch.Pointer("subjects", i), "%s %s has the rights of the dashboard", s.Kind, s.Name)
			}
		}
	}
	for _, b := range model.RoleBindings.In(w.Snapshot, "") {
		others(b.Object, b.Value.RoleRef, b.Value.Subjects)
	}
	for _, b := range model.ClusterRoleBindings.In(w.Snapshot, "") {
		others(b.Object, b.Value.RoleRef, b.Value.Subjects)
	}
}
