// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	securityv1 "istio.io/api/security/v1"
)

// The actions, by short names.
const (
	allow  = securityv1.AuthorizationPolicy_ALLOW
	deny   = securityv1.AuthorizationPolicy_DENY
	audit  = securityv1.AuthorizationPolicy_AUDIT
	custom = securityv1.AuthorizationPolicy_CUSTOM
)

type action = securityv1.AuthorizationPolicy_Action

// chain is what carries out a policy: it decides which attributes there are.
type chain int

const (
	httpChain chain = iota
	// tcpChain is a port that Envoy takes for TCP.
	tcpChain
	// ztunnelChain is the proxy of the node, which knows no HTTP at all.
	ztunnelChain
)

// String names the chain in words for people.
func (c chain) String() string { return [...]string{"HTTP", "TCP", "ztunnel"}[c] }

// on is what becomes of a rule in a chain. Envoy, on TCP, leaves a rule of an
// ALLOW policy out if it looks at HTTP, and takes what looks at HTTP out of a
// rule of the others, which widens it (pilot/pkg/security/authz/model/model.go
// checkError).
func (r rule) on(c chain, a action) rule {
	switch c {
	case tcpChain:
		return r.onTCP(a)
	case ztunnelChain:
		return r.onZtunnel(a)
	}
	return r
}

func (r rule) onTCP(a action) rule {
	if !r.any(func(t test) bool { return t.http() }) {
		return r
	}
	if a == allow {
		r.void = "it looks at HTTP, and the port is TCP"
		return r
	}
	return r.without(func(t test, _ bool) bool { return t.http() })
}

// onZtunnel follows pilot/pkg/serviceregistry/ambient/authorization.go: a rule
// of an ALLOW policy that looks at more than ztunnel sees never matches; of a
// DENY policy the element loses what ztunnel does not see, and an element that
// is left empty matches nothing.
func (r rule) onZtunnel(a action) rule {
	blind := func(t test, condition bool) bool { return !t.l4(condition) && t.attribute != byTrustDomain }
	found := false
	for i, group := range r.groups {
		for _, e := range group {
			for _, t := range e {
				found = found || blind(t, r.condition(i))
			}
		}
	}
	if found && a == allow {
		r.void = "it looks at more than ztunnel sees"
		return r
	}
	out := r.without(blind)
	for i, group := range out.groups {
		var kept []element
		for _, e := range group {
			if len(e) > 0 {
				kept = append(kept, e)
			}
		}
		if len(kept) == 0 {
			out.void = "ztunnel sees nothing of what it looks at"
		}
		out.groups[i] = kept
	}
	return out
}

// condition reports whether a group is one of "when".
func (r rule) condition(group int) bool { return group >= r.when }

// without is the rule without some tests.
func (r rule) without(drop func(t test, condition bool) bool) rule {
	out := r
	out.groups = nil
	for i, group := range r.groups {
		var elements []element
		for _, e := range group {
			var kept element
			for _, t := range e {
				if !drop(t, r.condition(i)) {
					kept = append(kept, t)
				}
			}
			elements = append(elements, kept)
		}
		out.groups = append(out.groups, elements)
	}
	return out
}
