// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6508", Slug: "policy-writers", Severity: finding.Info, Hygiene: true,
	Short: "Role allows changing the policies of the network or of the mesh",
	Why: `Who can write an AuthorizationPolicy, a PeerAuthentication or a NetworkPolicy decides who calls whom: one more ALLOW
rule, or one PERMISSIVE, and the others mean nothing. That is worth knowing of each role, as these rights come
along in roles that were written for something else.`,
	Fix:       "Leave these to the pipeline that deploys policies, and to few people.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/",
	Needs:     withKinds(roleKinds, bindingKinds...),
	Check:     granting(writesPolicies),
})

func writesPolicies(r rbacv1.PolicyRule) (field, text string) {
	verb, writes := withVerb(r, "create", "update", "patch", "delete", "deletecollection")
	if !writes {
		return "", ""
	}
	if verb == rbacv1.VerbAll {
		verb = "every verb"
	}
	for _, p := range []struct {
		group     string
		resources []string
	}{
		{model.IstioSecurity, []string{"authorizationpolicies", "peerauthentications", "requestauthentications", rbacv1.ResourceAll}},
		{"networking.k8s.io", []string{"networkpolicies"}},
		{model.NetworkPolicyAPI, []string{"adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies", rbacv1.ResourceAll}},
	} {
		have, found := onResource(r, p.group, p.resources...)
		if found && have == rbacv1.ResourceAll {
			have = "all resources"
		}
		if found {
			return "resources", "it allows " + verb + " of " + have + " (" + p.group + ")"
		}
	}
	return "", ""
}
