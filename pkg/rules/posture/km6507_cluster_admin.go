// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6507", Slug: "cluster-admin", Severity: finding.Info, Hygiene: true,
	Short: "Workloads have the rights of cluster-admin",
	Why: `The role may do everything, to every object. Given to a ServiceAccount, a hole in any pod that runs as it is the
whole cluster; in a RoleBinding, the whole namespace, with its Secrets and its roles.`,
	Fix:       `Write a role with what is used. "kubectl auth can-i --list --as=system:serviceaccount:NAMESPACE:NAME" shows what an account may do.`,
	Reference: rbacPractices + "#least-privilege",
	Aliases: []string{
		"kube-linter:cluster-admin-role-binding", "polaris:clusterrolebindingClusterAdmin", "polaris:rolebindingClusterAdminClusterRole", "kubescape:C-0035", "kubescape:C-0185",
		"polaris:rolebindingClusterAdminRole", "kubescape:C-0272",
	},
	Needs: withKinds(bindingKinds, model.WorkloadKinds...),
	Check: checkClusterAdmin,
})

func checkClusterAdmin(w *rules.World, emit rules.Emit) {
	running := runAs(w)
	for _, b := range bindings(w) {
		if b.role.Kind != model.ClusterRoles.Kind.Kind || b.role.Name != "cluster-admin" {
			continue
		}
		for i, s := range b.subjects {
			at := patch.Pointer("subjects", i)
			if r, ok := account(b, s); ok {
				f := emit(b.Object, at, "%s has all rights%s%s", r, where(b), runs(running[r]))
				f.Reason = r.String() + " is cluster-admin"
				f.Related = append(append(f.Related, r), model.Refs(running[r])...)
			} else if s.Kind == rbacv1.GroupKind && everyAccount(s.Name) {
				emit(b.Object, at, "everything of group %s has all rights%s", s.Name, where(b))
			}
		}
	}
}

// everyAccount reports whether a group holds accounts that pods run as.
func everyAccount(group string) bool {
	return group == "system:authenticated" || group == "system:unauthenticated" || group == allAccounts || len(group) > len(allAccounts) && group[:len(allAccounts)+1] == allAccounts+":"
}

// where says how far a binding reaches.
func where(b binding) string {
	if b.Ref.Namespace != "" {
		return " in namespace " + b.Ref.Namespace
	}
	return ""
}

func runs(as []*model.Workload) string {
	if len(as) == 0 {
		return ""
	}
	return ", and with it " + rules.FewOf(model.Refs(as))
}
