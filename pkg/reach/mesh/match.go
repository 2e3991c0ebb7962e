// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"strings"
)

// matches compares a text with a value of a policy the way Istio does: exactly,
// by a prefix ("abc*"), by a suffix ("*abc") or by being there ("*"). A star
// elsewhere is a star (pilot/pkg/security/authz/matcher/string.go).
func matches(value, text string) bool {
	if value == "*" {
		return text != ""
	}
	if suffix, wild := strings.CutPrefix(value, "*"); wild {
		return strings.HasSuffix(text, suffix)
	}
	if prefix, wild := strings.CutSuffix(value, "*"); wild {
		return strings.HasPrefix(text, prefix)
	}
	return text == value
}

// glob matches namespaces, where a star stands for anything wherever it is.
func glob(value, text string) bool {
	parts := strings.Split(value, "*")
	if len(parts) == 1 {
		return text == value
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, p)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// matchesIssuer compares "issuer/subject" with the two claims of a token. The
// subject begins after the last slash, since issuers are often URLs; a star
// stands for something, never for nothing (requestPrincipalGenerator).
func matchesIssuer(value, issuer, subject string) bool {
	i := strings.LastIndex(value, "/")
	wantIssuer, wantSubject := value, ""
	if i >= 0 {
		wantIssuer, wantSubject = value[:i], value[i+1:]
	}
	switch {
	case value == "*":
		return issuer != "" && subject != ""
	case strings.HasPrefix(value, "*") && i < 0:
		return issuer != "" && strings.HasSuffix(subject, value[1:])
	case strings.HasPrefix(value, "*"):
		return matches("*"+wantIssuer[1:], issuer) && subject == wantSubject
	case strings.HasSuffix(value, "*") && i < 0:
		return strings.HasPrefix(issuer, value[:len(value)-1]) && subject != ""
	case strings.HasSuffix(value, "*"):
		return issuer == wantIssuer && matches(wantSubject, subject)
	}
	return issuer == wantIssuer && subject == wantSubject
}

// matchesTrustDomain compares the trust domain of an identity.
func matchesTrustDomain(value, domain string) bool {
	before, after, wild := strings.Cut(value, "*")
	if !wild {
		return value == domain
	}
	return len(domain) >= len(before)+len(after) && strings.HasPrefix(domain, before) && strings.HasSuffix(domain, after)
}
