// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// onToken reports whether a list goes by what a token says.
func onToken(l list) bool {
	return l.is("requestPrincipals") || strings.HasPrefix(l.Field, "request.auth.")
}

// asksForToken reports whether a policy makes a difference between requests with
// a token and those without.
func (p policy) asksForToken() bool { return slices.ContainsFunc(lists(p.spec()), onToken) }

// preflight finds the place of a set of policies that denies a request of method
// OPTIONS because it has no token; ok is false where something else decides.
func preflight(policies []policy) (by policy, at string, ok bool) {
	for _, p := range policies {
		if !p.denies() {
			continue
		}
		for i, rule := range p.spec().GetRules() {
			for _, f := range rule.GetFrom() {
				if slices.Contains(f.GetSource().GetNotRequestPrincipals(), "*") && takesOptions(rule) {
					return p, patch.Pointer("spec", "rules", i), true
				}
			}
		}
	}
	for _, p := range policies {
		if !p.allows() {
			continue
		}
		for i, rule := range p.spec().GetRules() {
			switch {
			case !takesOptions(rule) && !tokenRule(p, i):
			case !tokenRule(p, i):
				return policy{}, "", false // lets it in, perhaps
			case at == "":
				by, at = p, patch.Pointer("spec", "rules", i)
			}
		}
	}
	return by, at, at != ""
}

// tokenRule reports whether a rule of a policy needs a token.
func tokenRule(p policy, rule int) bool {
	return slices.ContainsFunc(lists(p.spec()), func(l list) bool { return l.Rule == rule && onToken(l) && !l.Not })
}

// takesOptions reports whether a rule may be for requests of method OPTIONS.
func takesOptions(rule *securityv1.Rule) bool {
	return len(rule.GetTo()) == 0 || slices.ContainsFunc(rule.GetTo(), func(t *securityv1.Rule_To) bool {
		o := t.GetOperation()
		is := func(pattern string) truth { return known("OPTIONS", pattern) }
		return (len(o.GetMethods()) == 0 || anyOf(o.GetMethods(), is) == yes) && anyOf(o.GetNotMethods(), is) == no
	})
}
