// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"strings"

	istiosecv1 "istio.io/api/security/v1beta1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9560", Slug: "rule-for-anyone", Severity: finding.Info, Hygiene: true,
	Short: "Rule does not say who may call",
	Why: `A rule without "from" lets everybody in who meets the rest of it: pods without an identity, users who never
logged in, the internet behind a gateway.`,
	Fix:       "Name the callers (`principals`, `namespaces`); for users, require a token (RequestAuthentication, and `requestPrincipals: [\"*\"]` in the rule). If it is meant, say so in a comment that suppresses this finding.",
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule-From",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, p := range model.AuthorizationPolicies.In(w.Snapshot, "") {
			if p.Value.Spec.GetAction() != istiosecv1.AuthorizationPolicy_ALLOW {
				continue
			}
			for i, rule := range p.Value.Spec.GetRules() {
				if len(rule.GetFrom()) > 0 || !requests(rule) || about(rule) {
					continue
				}
				emit(p.Object, "/spec/rules"+patch.Pointer(i), "rule %d names no callers: everybody may do what it allows, without any identity", i+1).Hint =
					"name them in from, or require a token of users: a RequestAuthentication, and requestPrincipals: [\"*\"]; if it is public on purpose, say so in a comment"
			}
		}
	},
})

// requests reports whether a rule picks requests at any port. One about ports is
// how those are let in who have no identity: a load balancer, a monitor.
func requests(rule *istiosecv1.Rule) bool {
	for _, to := range rule.GetTo() {
		if o := to.GetOperation(); len(o.GetPorts()) == 0 && len(o.GetMethods())+len(o.GetPaths())+len(o.GetHosts()) > 0 {
			return true
		}
	}
	return false
}

// about reports whether the conditions of a rule are about who calls.
func about(rule *istiosecv1.Rule) bool {
	for _, c := range rule.GetWhen() {
		if strings.HasPrefix(c.GetKey(), "source.") || strings.HasPrefix(c.GetKey(), "request.auth") || strings.HasPrefix(c.GetKey(), "remote.") || strings.HasPrefix(c.GetKey(), "request.headers") {
			return true
		}
	}
	return false
}
