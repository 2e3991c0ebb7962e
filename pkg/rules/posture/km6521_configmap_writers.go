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
	ID: "KM6521", Slug: "configmap-writers", Severity: finding.Info, Hygiene: true,
	Short: "Role allows changing any ConfigMap",
	Why: `The configuration of most of what runs is in ConfigMaps. In kube-system one of them is that of the cluster's DNS: who
may write it sends the names of all services to wherever he wants.`,
	Fix:       "Name the ConfigMaps in resourceNames.",
	Reference: rbacPractices + "#least-privilege",
	Aliases:   []string{"kubescape:C-0037"},
	Needs:     withKinds(roleKinds, bindingKinds...),
	Check: granting(func(r rbacv1.PolicyRule) (field, text string) {
		_, about := onResource(r, "", "configmaps")
		verb, writes := withVerb(r, "update", "patch")
		switch {
		case !about || !writes:
			return "", ""
		case len(r.ResourceNames) == 0:
			return "resources", "it allows " + verb + " of all ConfigMaps"
		case slices.Contains(r.ResourceNames, "coredns"):
			return "resourceNames", "it allows " + verb + " of the configuration of DNS"
		}
		return "", ""
	}),
})
