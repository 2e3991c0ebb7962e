// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// list is one list of a rule: the values are joined by or.
type list struct {
	// Field is its name, or the key of a condition; Not is true for exceptions.
	Field string
	Not   bool
	Texts []string
	// Rule is the number of the rule, At the JSON Pointer of the list.
	Rule int
	At   string
}

// is reports whether the list is one of some fields or the exceptions to it.
func (l list) is(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(strings.TrimPrefix(l.Field, "not"), f) })
}

// lists are the lists of a policy that are not empty, in the order they are written.
func lists(spec *securityv1.AuthorizationPolicy) []list {
	var out []list
	add := func(rule int, field string, not bool, in, at string, texts []string) {
		if len(texts) > 0 {
			out = append(out, list{field, not, texts, rule, in + "/" + at})
		}
	}
	for i, rule := range spec.GetRules() {
		for j, from := range rule.GetFrom() {
			s, at := from.GetSource(), patch.Pointer("spec", "rules", i, "from", j, "source")
			both := func(field, except string, texts, others []string) {
				add(i, field, false, at, field, texts)
				add(i, except, true, at, except, others)
			}
			both("principals", "notPrincipals", s.GetPrincipals(), s.GetNotPrincipals())
			both("requestPrincipals", "notRequestPrincipals", s.GetRequestPrincipals(), s.GetNotRequestPrincipals())
			both("namespaces", "notNamespaces", s.GetNamespaces(), s.GetNotNamespaces())
			both("serviceAccounts", "notServiceAccounts", s.GetServiceAccounts(), s.GetNotServiceAccounts())
			both("ipBlocks", "notIpBlocks", s.GetIpBlocks(), s.GetNotIpBlocks())
			both("remoteIpBlocks", "notRemoteIpBlocks", s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks())
			both("trustDomains", "notTrustDomains", s.GetTrustDomains(), s.GetNotTrustDomains())
		}
		for j, to := range rule.GetTo() {
			o, at := to.GetOperation(), patch.Pointer("spec", "rules", i, "to", j, "operation")
			both := func(field, except string, texts, others []string) {
				add(i, field, false, at, field, texts)
				add(i, except, true, at, except, others)
			}
			both("hosts", "notHosts", o.GetHosts(), o.GetNotHosts())
			both("ports", "notPorts", o.GetPorts(), o.GetNotPorts())
			both("methods", "notMethods", o.GetMethods(), o.GetNotMethods())
			both("paths", "notPaths", o.GetPaths(), o.GetNotPaths())
		}
		for j, c := range rule.GetWhen() {
			at := patch.Pointer("spec", "rules", i, "when", j)
			add(i, c.GetKey(), false, at, "values", c.GetValues())
			add(i, c.GetKey(), true, at, "notValues", c.GetNotValues())
		}
	}
	return out
}

// every lists all AuthorizationPolicies that are not being deleted, those of
// waypoints and on dry run too. The list is shared: nobody may change it.
func every(w *rules.World) []policy {
	return model.Once(w.Snapshot, everyKey{}, func() []policy {
		var out []policy
		for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
			if ap.Value.DeletionTimestamp == nil {
				out = append(out, policyOf(ap.Object))
			}
		}
		return out
	})
}

// everyKey is what the list is kept under.
type everyKey struct{}

// keepsOut reports whether what a list names is what a policy keeps out: the
// values of a DENY rule, and the exceptions to an ALLOW rule.
func (p policy) keepsOut(l list) bool { return p.denies() && !l.Not || p.allows() && l.Not }

// letsIn reports whether what a list names is what a policy lets in.
func (p policy) letsIn(l list) bool { return p.allows() && !l.Not }

// shorten writes the values of a list for people.
func shorten(texts []string) string { return rules.Few(texts, 3) }

// policyOf is the policy of an object; of another kind, one without a spec.
func policyOf(o *model.Object) policy {
	ap, ok := model.AuthorizationPolicies.Of(o)
	if !ok || ap.Value == nil {
		ap.Value = &istiosecv1.AuthorizationPolicy{}
	}
	return policy{ap, labels.SelectorFromSet(ap.Value.Spec.GetSelector().GetMatchLabels())}
}
