// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6519", Slug: "pods-creatable", Severity: finding.Info, Hygiene: true,
	Short: "Role allows creating pods, or what makes them",
	Why: `Who may create a pod may run it as any ServiceAccount of the namespace, and mount any Secret in it: the right holds
all rights of all accounts there. Controllers and pipelines need it; few others do.`,
	Fix:       "Give it to the accounts that deploy alone, and have Pod Security labels bound what such a pod may be.",
	Reference: rbacPractices + "#workload-creation",
	Aliases:   []string{"kube-linter:access-to-create-pods"},
	Needs:     withKinds(roleKinds, bindingKinds...),
	Check: granting(func(r rbacv1.PolicyRule) (field, text string) {
		if _, creates := withVerb(r, "create"); !creates {
			return "", ""
		}
		if have, found := onWorkloads(r); found {
			return "resources", "it allows create of " + have + ", which may run as any account and mount any Secret"
		}
		return "", ""
	}),
})

// makers are what pods are made by, by API group, and pods.
var makers = []struct {
	group     string
	resources []string
}{
	{"", []string{"pods", "replicationcontrollers"}},
	{"apps", []string{"deployments", "statefulsets", "daemonsets", "replicasets"}},
	{"batch", []string{"jobs", "cronjobs"}},
}

// onWorkloads reports which kind of pods, or of what makes them, a rule is about.
func onWorkloads(r rbacv1.PolicyRule) (string, bool) {
	for _, m := range makers {
		if have, found := onResource(r, m.group, m.resources...); found {
			return have, true
		}
	}
	return "", false
}
