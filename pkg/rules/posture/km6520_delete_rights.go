// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6520", Slug: "delete-rights", Severity: finding.Info, Hygiene: true,
	Short: "Role allows deleting workloads, Secrets or events",
	Why: `Who may delete what runs can end the service, and its data with it. Who may delete events can hide what was done:
they are what is left of a crash, or of a pod that was here for a moment.`,
	Fix:       "Leave delete and deletecollection to the accounts that deploy; nobody needs to delete events, which end by themselves.",
	Reference: rbacPractices + "#least-privilege",
	Aliases:   []string{"kubescape:C-0007", "kubescape:C-0031"},
	Needs:     withKinds(roleKinds, bindingKinds...),
	Check: granting(func(r rbacv1.PolicyRule) (field, text string) {
		verb, deletes := withVerb(r, "delete", "deletecollection")
		if !deletes {
			return "", ""
		}
		have, found := onWorkloads(r)
		if !found {
			have, found = onResource(r, "", "secrets", "services", "events")
		}
		if !found {
			return "", ""
		}
		return "resources", "it allows " + verb + " of " + have
	}),
})
