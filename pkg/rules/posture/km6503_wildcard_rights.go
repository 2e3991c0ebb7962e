// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6503", Slug: "wildcard-rights", Severity: finding.Info, Hygiene: true,
	Short: "Role allows everything of a sort",
	Why: `A "*" means what there is today and whatever is added later: resources of a CRD that is installed next year, verbs
such as escalate and impersonate that nobody thought of. All resources hold Secrets and pods/exec.`,
	Fix:       "List the verbs and resources that are used; the audit log of the API server says which.",
	Reference: rbacPractices + "#least-privilege",
	Aliases: []string{
		"kube-linter:wildcard-in-rules", "kubescape:C-0187",
		"kubescape:C-0272",
	},
	Needs: withKinds(roleKinds, bindingKinds...),
	Check: granting(wildcard),
})

func wildcard(r rbacv1.PolicyRule) (field, text string) {
	switch {
	case len(r.Resources) == 0:
		return "", ""
	case slices.Contains(r.Resources, rbacv1.ResourceAll) && slices.Contains(r.Verbs, rbacv1.VerbAll):
		return "resources", "it allows every verb on all resources of " + groups(r)
	case slices.Contains(r.Resources, rbacv1.ResourceAll):
		return "resources", "it allows " + rules.Few(r.Verbs, 3) + " on all resources of " + groups(r)
	case slices.Contains(r.Verbs, rbacv1.VerbAll):
		return "verbs", "it allows every verb on " + rules.Few(r.Resources, 3)
	}
	return "", ""
}

// groups names the API groups of a rule for people.
func groups(r rbacv1.PolicyRule) string {
	switch {
	case slices.Contains(r.APIGroups, rbacv1.APIGroupAll):
		return "all API groups"
	case len(r.APIGroups) == 1 && r.APIGroups[0] == "":
		return "the core API group"
	}
	names := slices.Clone(r.APIGroups)
	for i, g := range names {
		if g == "" {
			names[i] = "core"
		}
	}
	return "API group " + rules.Few(names, 3)
}
