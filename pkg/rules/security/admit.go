// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strconv"
	"strings"

	securityv1 "istio.io/api/security/v1"
)

// truth is an answer that may be open: what a token holds or which address a
// caller has is in no object.
type truth int

const (
	no truth = iota
	maybe
	yes
)

func not(t truth) truth { return yes - t }

// caller is who sends a request, as the server's proxy knows it.
type caller struct {
	// Namespace and Account are those of the caller's ServiceAccount; both empty
	// for a caller without mutual TLS, who has no identity.
	Namespace, Account string
	// TrustDomains are the names that count as the mesh's own; empty for any.
	TrustDomains []string
	// Hints are words of which one is in the names of a caller that is not in
	// view: its identity may match a value that holds one, and no other.
	Hints []string
}

// plain reports whether the caller has no identity.
func (c caller) plain() bool { return c.Account == "" && len(c.Hints) == 0 }

// request is what is asked of a workload; zero fields are not known.
type request struct {
	caller
	Port         int32
	Method, Path string
}

// admits tells whether one rule of a policy matches a request: rules are joined
// by or (pilot/pkg/security/authz/model/model.go).
func (p policy) admits(r request) truth {
	out := no
	for _, rule := range p.spec().GetRules() {
		out = max(out, r.matches(rule, p.Ref.Namespace))
	}
	return out
}

// allowed tells whether a set of policies lets a request through, as far as
// ALLOW and DENY go; a CUSTOM policy leaves it open.
func allowed(policies []policy, r request) truth {
	allow, has, custom := no, false, false
	for _, p := range policies {
		switch p.spec().GetAction() {
		case securityv1.AuthorizationPolicy_DENY:
			if p.admits(r) == yes {
				return no
			}
		case securityv1.AuthorizationPolicy_ALLOW:
			has, allow = true, max(allow, p.admits(r))
		case securityv1.AuthorizationPolicy_CUSTOM:
			custom = true
		}
	}
	switch {
	case has && allow == no:
		return no
	case custom, has && allow == maybe:
		return maybe
	}
	return yes
}

// matches tells whether a rule matches: its parts are joined by and.
func (r request) matches(rule *securityv1.Rule, namespace string) truth {
	out := yes
	if from := rule.GetFrom(); len(from) > 0 {
		some := no
		for _, f := range from {
			some = max(some, r.source(f.GetSource(), namespace))
		}
		out = min(out, some)
	}
	if to := rule.GetTo(); len(to) > 0 {
		some := no
		for _, t := range to {
			some = max(some, r.operation(t.GetOperation()))
		}
		out = min(out, some)
	}
	for _, c := range rule.GetWhen() {
		out = min(out, r.condition(c, namespace))
	}
	return out
}

// source joins the fields of a source by and, the values of one by or.
func (r request) source(s *securityv1.Source, namespace string) truth {
	if s == nil {
		return maybe
	}
	out := yes
	both := func(want, notWant []string, match func(string) truth) {
		if len(want) > 0 {
			out = min(out, anyOf(want, match))
		}
		if len(notWant) > 0 {
			out = min(out, not(anyOf(notWant, match)))
		}
	}
	open := func(string) truth { return maybe }
	both(s.GetPrincipals(), s.GetNotPrincipals(), r.principal)
	both(s.GetNamespaces(), s.GetNotNamespaces(), r.namespace)
	both(s.GetServiceAccounts(), s.GetNotServiceAccounts(), func(v string) truth { return r.account(v, namespace) })
	both(s.GetRequestPrincipals(), s.GetNotRequestPrincipals(), open)
	both(s.GetIpBlocks(), s.GetNotIpBlocks(), open)
	both(s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks(), open)
	both(s.GetTrustDomains(), s.GetNotTrustDomains(), r.identified)
	return out
}

func (r request) operation(o *securityv1.Operation) truth {
	out := yes
	both := func(want, notWant []string, match func(string) truth) {
		if len(want) > 0 {
			out = min(out, anyOf(want, match))
		}
		if len(notWant) > 0 {
			out = min(out, not(anyOf(notWant, match)))
		}
	}
	both(o.GetHosts(), o.GetNotHosts(), func(string) truth { return maybe })
	both(o.GetPorts(), o.GetNotPorts(), r.port)
	both(o.GetMethods(), o.GetNotMethods(), func(v string) truth { return known(r.Method, v) })
	both(o.GetPaths(), o.GetNotPaths(), func(v string) truth {
		if strings.Contains(v, "{") {
			return maybe // a template
		}
		return known(r.Path, v)
	})
	return out
}

func (r request) condition(c *securityv1.Condition, namespace string) truth {
	match := func(string) truth { return maybe }
	switch c.GetKey() {
	case "source.principal":
		match = r.principal
	case "source.namespace":
		match = r.namespace
	case "source.serviceAccount":
		match = func(v string) truth { return r.account(v, namespace) }
	case "destination.port":
		match = r.port
	}
	out := yes
	if len(c.GetValues()) > 0 {
		out = anyOf(c.GetValues(), match)
	}
	if len(c.GetNotValues()) > 0 {
		out = min(out, not(anyOf(c.GetNotValues(), match)))
	}
	return out
}

func (r request) principal(value string) truth {
	if len(r.Hints) > 0 {
		return r.hinted(value)
	}
	if r.plain() {
		return no
	}
	path := "/ns/" + r.Namespace + "/sa/" + r.Account
	if len(r.TrustDomains) == 0 {
		_, rest, _ := strings.Cut(value, "/")
		if known(path, "/"+rest) == yes || known("x"+path, value) == yes || value == "*" {
			return yes
		}
		return no
	}
	for _, td := range r.TrustDomains {
		if known(td+path, value) == yes {
			return yes
		}
	}
	return no
}

func (r request) namespace(value string) truth {
	if len(r.Hints) > 0 {
		return r.hinted(value)
	}
	if r.plain() {
		return no
	}
	return wildcard(r.Namespace, value)
}

func (r request) account(value, namespace string) truth {
	if len(r.Hints) > 0 {
		return r.hinted(value)
	}
	ns, name, qualified := strings.Cut(value, "/")
	if !qualified {
		ns, name = namespace, value
	}
	return boolean(!r.plain() && r.Namespace == ns && r.Account == name)
}

// identified is the answer for what every peer with mutual TLS has.
func (r request) identified(string) truth {
	if r.plain() {
		return no
	}
	return maybe
}

// hinted is the answer for a caller of whom only a part of its name is known.
func (r request) hinted(value string) truth {
	return min(maybe, boolean(strings.Contains(value, "*") ||
		slices.ContainsFunc(r.Hints, func(h string) bool { return strings.Contains(value, h) })))
}

func (r request) port(value string) truth {
	if r.Port == 0 {
		return maybe
	}
	return boolean(value == strconv.Itoa(int(r.Port)))
}

func anyOf(values []string, match func(string) truth) truth {
	out := no
	for _, v := range values {
		out = max(out, match(v))
	}
	return out
}

func boolean(b bool) truth {
	if b {
		return yes
	}
	return no
}

// known matches a text the way Istio does: exactly, by a prefix ("abc*"), by a
// suffix ("*abc") or by being there ("*"); pilot/pkg/security/authz/matcher.
// A text that is not known may match.
func known(text, pattern string) truth {
	if text == "" {
		return maybe
	}
	if suffix, wild := strings.CutPrefix(pattern, "*"); wild {
		return boolean(strings.HasSuffix(text, suffix))
	}
	if prefix, wild := strings.CutSuffix(pattern, "*"); wild {
		return boolean(strings.HasPrefix(text, prefix))
	}
	return boolean(text == pattern)
}

// wildcard matches namespaces, where "*" stands for anything wherever it is.
func wildcard(text, pattern string) truth {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return boolean(text == pattern)
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) || len(text) < len(first)+len(last) || !strings.HasSuffix(text, last) {
		return no
	}
	text = text[len(first) : len(text)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, p)
		if !found {
			return no
		}
		text = after
	}
	return yes
}
