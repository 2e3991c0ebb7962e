// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// noun is what a test is about, for people.
func (t test) noun() string {
	switch t.attribute {
	case byPrincipal:
		return "principal"
	case byNamespace:
		return "namespace"
	case byAccount:
		return "ServiceAccount"
	case byTrustDomain:
		return "trust domain"
	case byToken:
		return "token of"
	case bySourceIP:
		return "source address"
	case byRemoteIP:
		return "client address"
	case byHost:
		return "host"
	case byPort:
		return "port"
	case byMethod:
		return "method"
	case byPath:
		return "path"
	case byHeader:
		return "header " + t.claim[0]
	case byClaim:
		return "claim " + strings.Join(t.claim, ".")
	case byAudience:
		return "audience"
	case byPresenter:
		return "presenter"
	case byDestinationIP:
		return "destination address"
	case bySNI:
		return "SNI"
	}
	return "condition " + t.key
}

// words is what the test asks for: "principal a or b", "method not GET".
func (t test) words() string {
	if t.not {
		return t.noun() + " not " + list(t.values, "or")
	}
	return t.noun() + " " + list(t.values, "or")
}

// words is what a rule asks for.
func words(r rule) string {
	var out []string
	for _, group := range r.groups {
		var elements []string
		for _, e := range group {
			if text := e.words(); text != "" {
				elements = append(elements, text)
			}
		}
		if len(elements) > 0 {
			out = append(out, strings.Join(elements, ", or "))
		}
	}
	if len(out) == 0 {
		return "everything"
	}
	return strings.Join(out, "; ")
}

// words is what an element asks for; methods and paths are written the way
// requests are: "GET or POST /orders".
func (e element) words() string {
	var methods, paths string
	var rest []string
	for _, t := range e {
		switch {
		case t.attribute == byMethod && !t.not && methods == "":
			methods = list(t.values, "or")
		case t.attribute == byPath && !t.not && paths == "":
			paths = list(t.values, "or")
		default:
			rest = append(rest, t.words())
		}
	}
	head := strings.TrimSpace(methods + " " + paths)
	if head != "" {
		rest = slices.Insert(rest, 0, head)
	}
	return strings.Join(rest, ", ")
}

// residual is what a rule that depends on something still asks for: the parts
// of it that are open.
func residual(m match) string {
	var out []string
	for _, group := range m.rule.groups {
		var elements []string
		for _, e := range group {
			var left element
			for _, t := range e {
				if slices.ContainsFunc(m.opens, func(o open) bool { return o.Field != "" && o.Field == t.field() }) {
					left = append(left, t)
				}
			}
			if text := left.words(); text != "" {
				elements = append(elements, text)
			}
		}
		if len(elements) > 0 {
			out = append(out, strings.Join(elements, ", or "))
		}
	}
	return strings.Join(out, ", ")
}

// field is the part of the request that the test looks at, as open calls it.
func (t test) field() string {
	switch {
	case t.token():
		return "token"
	case t.attribute == byHeader:
		return "header " + strings.ToLower(t.claim[0])
	}
	return t.noun()
}

// has is what the request brings where the test wants something else.
func (f facts) has(t test) string {
	switch t.attribute {
	case byPrincipal, byNamespace, byAccount, byTrustDomain:
		return f.who(t.attribute)
	case byHost:
		return "host is " + f.Authority
	case byPort:
		return fmt.Sprintf("port is %d", f.Port)
	case byMethod:
		return "method is " + f.Method
	case byPath:
		path := normalize(f.Path, f.config.PathNormalization)
		if path != f.Path {
			return fmt.Sprintf("path is %s (%s as the policy sees it)", path, f.Path)
		}
		return "path is " + path
	case byHeader:
		for k, v := range f.Headers {
			if strings.EqualFold(k, t.claim[0]) {
				return fmt.Sprintf("header %s is %s", t.claim[0], v)
			}
		}
		return "header " + t.claim[0] + " is not sent"
	case bySourceIP:
		return "caller comes from " + addresses(f)
	case byRemoteIP:
		return "client address is " + f.FromIP.String()
	}
	if t.token() {
		return f.token.has(t)
	}
	return t.noun() + " is another"
}

func addresses(f facts) string {
	var out []string
	for _, p := range prefixes(f.source) {
		if p.IsSingleIP() {
			out = append(out, p.Addr().String())
		} else {
			out = append(out, p.String())
		}
	}
	return list(out, "and")
}

// who is the direct caller, as identity fields see it.
func (f facts) who(by attribute) string {
	caller := f.From
	if f.source.IsPod() {
		caller = f.source
	}
	if f.peer.none {
		return "caller has no identity (" + peerName(caller) + " comes without mutual TLS)"
	}
	text := "caller is " + f.peer.text
	switch by {
	case byNamespace:
		return "caller is in namespace " + f.peer.namespace
	case byAccount:
		text = "caller is " + f.peer.namespace + "/" + f.peer.account
	case byTrustDomain:
		return "caller is of trust domain " + f.peer.domain
	}
	if note := accountNote(caller); note != "" {
		text += " (" + note + ")"
	}
	return text
}

// has is what the token brings.
func (t token) has(by test) string {
	switch {
	case t.absent:
		return "no token, or no RequestAuthentication that looks for one"
	case by.attribute == byToken:
		return "token is of " + list(t.texts("iss"), "or") + "/" + list(t.texts("sub"), "or")
	}
	path := map[attribute][]string{byAudience: {"aud"}, byPresenter: {"azp"}, byClaim: by.claim}[by.attribute]
	if texts := t.texts(path...); len(texts) > 0 {
		return by.noun() + " is " + list(texts, "and")
	}
	return by.noun() + " is not in the token"
}
