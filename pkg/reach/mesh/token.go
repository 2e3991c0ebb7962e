// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// token is what a point of enforcement knows of the request's token.
type token struct {
	// claims are those of a token that was found valid.
	claims map[string]any
	// absent is true where there is none: none is sent, or nobody looks for one.
	absent bool
	// why says why nobody can tell whether a token counts.
	why string
	// split are the claims that are lists of words with blanks between.
	split []string
}

// matches tells whether the token has a value.
func (t token) matches(by test, value string) answer {
	switch {
	case t.absent:
		return never
	case t.why != "":
		return unsure(t.why)
	case t.claims == nil:
		return onField("token")
	}
	switch by.attribute {
	case byToken:
		return known(slices.ContainsFunc(t.texts("iss"), func(issuer string) bool {
			return slices.ContainsFunc(t.texts("sub"), func(subject string) bool { return matchesIssuer(value, issuer, subject) })
		}))
	case byAudience:
		return known(anyMatches(value, t.texts("aud")))
	case byPresenter:
		return known(anyMatches(value, t.texts("azp")))
	}
	return known(anyMatches(value, t.texts(by.claim...)))
}

func anyMatches(value string, texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return matches(value, text) })
}

// texts are the texts of a claim: one, or those of a list. Claims of other types
// match nothing.
func (t token) texts(path ...string) []string {
	var at any = t.claims
	for _, name := range path {
		m, _ := at.(map[string]any)
		at = m[name]
	}
	var out []string
	switch v := at.(type) {
	case string:
		out = []string{v}
		if slices.Contains(t.split, path[0]) && len(path) == 1 {
			out = strings.Fields(v)
		}
	case []string:
		out = v
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// issuerOf is the issuer that the claims name.
func issuerOf(claims map[string]any) string {
	if s, ok := claims["iss"].(string); ok {
		return s
	}
	return ""
}

// splitClaims are the claims that Envoy splits at blanks by itself.
var splitClaims = []string{"scope", "permission"}

func quoted(values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%q", v))
	}
	return list(out, "or")
}
