// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// attribute is what of a request a field of a policy looks at.
type attribute int

const (
	byPrincipal attribute = iota
	byNamespace
	byAccount
	byTrustDomain
	byToken // request principal
	bySourceIP
	byRemoteIP
	byHost
	byPort
	byMethod
	byPath
	byHeader
	byClaim
	byAudience
	byPresenter
	byDestinationIP
	bySNI
	byOther // a key that nobody here knows
)

// http reports whether only HTTP has the attribute.
func (a attribute) http() bool {
	switch a {
	case byToken, byHost, byMethod, byPath, byHeader, byClaim, byAudience, byPresenter:
		return true
	}
	return false
}

// identity reports whether only a peer with mutual TLS has the attribute.
func (a attribute) identity() bool { return a <= byTrustDomain }

// token reports whether only a request with a valid token has the attribute.
func (a attribute) token() bool {
	return a == byToken || a == byClaim || a == byAudience || a == byPresenter
}

// l4 reports whether ztunnel knows the attribute, in a condition or elsewhere
// (pilot/pkg/serviceregistry/ambient/authorization.go handleRule).
func (a attribute) l4(condition bool) bool {
	switch a {
	case byPrincipal, byNamespace, bySourceIP, byPort:
		return true
	case byAccount:
		return !condition
	case byDestinationIP:
		return condition
	}
	return false
}

// test is one list of values in a policy: any of them, or none of them.
type test struct {
	attribute
	// key is the condition's, or the name of the header or claim in it.
	key string
	// claim is the path of a claim.
	claim   []string
	not     bool
	values  []string
	pointer string
}

// element holds tests that are joined by and: a source, an operation or a condition.
type element []test

// rule is a rule of a policy: every group of elements has to match, of which
// one element is enough.
type rule struct {
	number  int
	pointer string
	groups  [][]element
	// when is the index of the first group that is a condition.
	when int
	// void is why the rule never matches where it is; empty as a rule.
	void string
}

// ruleOf compiles the rule of a policy at a pointer.
func ruleOf(r *securityv1.Rule, number int, pointer string) rule {
	out := rule{number: number, pointer: pointer}
	var from, to []element
	for i, f := range r.GetFrom() {
		from = append(from, sourceOf(f.GetSource(), pointer+patch.Pointer("from", i, "source")))
	}
	for i, t := range r.GetTo() {
		to = append(to, operationOf(t.GetOperation(), pointer+patch.Pointer("to", i, "operation")))
	}
	for _, group := range [][]element{from, to} {
		if len(group) > 0 {
			out.groups = append(out.groups, group)
		}
	}
	out.when = len(out.groups)
	for i, c := range r.GetWhen() {
		out.groups = append(out.groups, []element{conditionOf(c, pointer+patch.Pointer("when", i))})
	}
	return out
}

// adder collects the tests of an element.
type adder struct {
	element
	at string
}

func (a *adder) add(by attribute, name string, values []string, notName string, notValues []string) {
	if len(values) > 0 {
		a.element = append(a.element, test{attribute: by, key: name, values: values, pointer: a.at + "/" + name})
	}
	if len(notValues) > 0 {
		a.element = append(a.element, test{attribute: by, key: name, not: true, values: notValues, pointer: a.at + "/" + notName})
	}
}

func sourceOf(s *securityv1.Source, at string) element {
	a := adder{at: at}
	a.add(byPrincipal, "principals", s.GetPrincipals(), "notPrincipals", s.GetNotPrincipals())
	a.add(byToken, "requestPrincipals", s.GetRequestPrincipals(), "notRequestPrincipals", s.GetNotRequestPrincipals())
	a.add(byAccount, "serviceAccounts", s.GetServiceAccounts(), "notServiceAccounts", s.GetNotServiceAccounts())
	a.add(byTrustDomain, "trustDomains", s.GetTrustDomains(), "notTrustDomains", s.GetNotTrustDomains())
	a.add(byNamespace, "namespaces", s.GetNamespaces(), "notNamespaces", s.GetNotNamespaces())
	a.add(bySourceIP, "ipBlocks", s.GetIpBlocks(), "notIpBlocks", s.GetNotIpBlocks())
	a.add(byRemoteIP, "remoteIpBlocks", s.GetRemoteIpBlocks(), "notRemoteIpBlocks", s.GetNotRemoteIpBlocks())
	return a.element
}

func operationOf(o *securityv1.Operation, at string) element {
	a := adder{at: at}
	a.add(byMethod, "methods", o.GetMethods(), "notMethods", o.GetNotMethods())
	a.add(byPath, "paths", o.GetPaths(), "notPaths", o.GetNotPaths())
	a.add(byHost, "hosts", o.GetHosts(), "notHosts", o.GetNotHosts())
	a.add(byPort, "ports", o.GetPorts(), "notPorts", o.GetNotPorts())
	return a.element
}

// conditionKeys are the keys of conditions without brackets
// (https://istio.io/latest/docs/reference/config/security/conditions/).
var conditionKeys = map[string]attribute{
	"source.ip": bySourceIP, "remote.ip": byRemoteIP, "source.namespace": byNamespace, "source.principal": byPrincipal,
	"source.serviceAccount": byAccount, "source.trustDomain": byTrustDomain, "request.auth.principal": byToken,
	"request.auth.audiences": byAudience, "request.auth.presenter": byPresenter, "destination.ip": byDestinationIP,
	"destination.port": byPort, "connection.sni": bySNI,
}

func conditionOf(c *securityv1.Condition, at string) element {
	t := test{attribute: byOther, key: c.GetKey()}
	if by, known := conditionKeys[c.GetKey()]; known {
		t.attribute = by
	} else if name, ok := bracketed(c.GetKey(), "request.headers"); ok {
		t.attribute, t.claim = byHeader, name[:1]
	} else if path, ok := bracketed(c.GetKey(), "request.auth.claims"); ok {
		t.attribute, t.claim = byClaim, path
	}
	var out element
	if len(c.GetValues()) > 0 {
		t.values, t.pointer = c.GetValues(), at+"/values"
		out = append(out, t)
	}
	if len(c.GetNotValues()) > 0 {
		t.values, t.pointer, t.not = c.GetNotValues(), at+"/notValues", true
		out = append(out, t)
	}
	if len(out) == 0 && t.attribute == byOther {
		out = append(out, t)
	}
	return out
}

// bracketed reads what stands in brackets after a name: "a[b][c]" is [b c].
func bracketed(key, name string) ([]string, bool) {
	rest, ok := strings.CutPrefix(key, name)
	if !ok || !strings.HasPrefix(rest, "[") || !strings.HasSuffix(rest, "]") {
		return nil, false
	}
	path := strings.Split(rest[1:len(rest)-1], "][")
	return path, path[0] != ""
}

// any reports whether some test of a rule has a property.
func (r rule) any(is func(test) bool) bool {
	for _, group := range r.groups {
		for _, e := range group {
			for _, t := range e {
				if is(t) {
					return true
				}
			}
		}
	}
	return false
}
