// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// TestTokens holds hop 9, and what it means for hop 10: no token passes.
func TestTokens(t *testing.T) {
	type claims = map[string][]string
	authn := policy("RequestAuthentication", "ra", "{selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: a, audiences: [shop]}, {issuer: b}]}")
	required := policy("AuthorizationPolicy", "ap", "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}")
	form := policy("AuthorizationPolicy", "ap", "{selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {notRequestPrincipals: ['*']}}]}]}")
	for name, c := range map[string]struct {
		world      string
		claims     claims
		jwt, authz verdict.Verdict
	}{
		"no token passes":                           {authn, claims{}, verdict.Allow, verdict.None},
		"unless one is required":                    {authn + required, claims{}, verdict.Allow, verdict.Deny},
		"in the form of a denial":                   {authn + form, claims{}, verdict.Allow, verdict.Deny},
		"a token that is required":                  {authn + required, claims{"iss": {"b"}, "sub": {"u"}}, verdict.Allow, verdict.Allow},
		"a token, the form of a denial":             {authn + form, claims{"iss": {"b"}, "sub": {"u"}}, verdict.Allow, verdict.Allow},
		"of an unknown issuer":                      {authn, claims{"iss": {"c"}, "sub": {"u"}}, verdict.Deny, verdict.None},
		"for another audience":                      {authn, claims{"iss": {"a"}, "sub": {"u"}, "aud": {"else"}}, verdict.Deny, verdict.None},
		"for this audience":                         {authn, claims{"iss": {"a"}, "sub": {"u"}, "aud": {"else", "shop"}}, verdict.Allow, verdict.None},
		"without an issuer":                         {authn, claims{"sub": {"u"}}, verdict.Unknown, verdict.None},
		"any or none":                               {authn + required, nil, verdict.Allow, verdict.Allow},
		"nobody looks for tokens":                   {required, claims{"iss": {"b"}, "sub": {"u"}}, verdict.None, verdict.Deny},
		"without a RequestAuthentication, no token": {"", claims{}, verdict.None, verdict.None},
	} {
		t.Run(name, func(t *testing.T) {
			a := check(t, live(t, pods+c.world), "deploy/web -> svc/cart", reach.Request{Method: "GET", Path: "/", Claims: c.claims})
			jwt, authz := hop(a, verdict.JWT), hop(a, verdict.Authorization)
			if jwt.Verdict != c.jwt || authz.Verdict != c.authz || jwt.Reason == "" {
				t.Errorf("expected %s and %s, found:\n%s", c.jwt, c.authz, show(a))
			}
		})
	}
}
