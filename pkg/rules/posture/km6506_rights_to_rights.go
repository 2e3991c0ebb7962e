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
	ID: "KM6506", Slug: "rights-to-rights", Severity: finding.Info, Hygiene: true,
	Short: "Role allows taking more rights than it gives",
	Why: `Kubernetes lets nobody give rights that he has not, but for three verbs: escalate and bind, which lift that for
roles and bindings, and impersonate, which is being somebody else. To make tokens of ServiceAccounts is to be any
of them. Whoever has one of these has, with one more command, all the others.`,
	Fix:       "Take the verb away; where a controller needs it, name the roles or accounts in resourceNames.",
	Reference: rbacPractices + "#kubernetes-rbac-privilege-escalation-risks",
	Aliases: []string{
		"kubescape:C-0191",
		"kubescape:C-0065",
	},
	Needs: withKinds(roleKinds, bindingKinds...),
	Check: granting(rightsToRights),
})

func rightsToRights(r rbacv1.PolicyRule) (field, text string) {
	if len(r.ResourceNames) > 0 {
		return "", ""
	}
	if have, found := onResource(r, rbacv1.GroupName, "roles", "clusterroles"); found {
		for _, verb := range []string{"escalate", "bind"} {
			if slices.Contains(r.Verbs, verb) {
				return "verbs", "it allows " + verb + " on " + have + ": any right can be taken"
			}
		}
	}
	if have, found := onResource(r, "", "users", "groups", "serviceaccounts"); found && slices.Contains(r.Verbs, "impersonate") {
		return "verbs", "it allows impersonate of " + have
	}
	if have, found := onResource(r, "", "serviceaccounts/token"); found {
		if _, makes := withVerb(r, "create"); makes {
			return "resources", "it allows create of " + have + ": a token of any account"
		}
	}
	return "", ""
}
