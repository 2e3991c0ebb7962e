// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"maps"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// match is one way into a route of any protocol. Its covers reports whether it
// takes every request that another takes; a false answer may only mean that
// nobody can tell, as with regular expressions.
type match struct {
	http *networkingv1.HTTPMatchRequest
	tls  *networkingv1.TLSMatchAttributes
	tcp  *networkingv1.L4MatchAttributes
}

// way is a route with its matches; one that lists none has one that takes all.
type way struct {
	protocol string
	index    int
	matches  []match
	// explicit is false when the route lists no match.
	explicit bool
	// delegates is true where the matches of another VirtualService narrow it.
	delegates bool
}

// ways returns the routes of a VirtualService by protocol, in their order.
func ways(vs *networkingv1.VirtualService) [][]way {
	http, tls, tcp := []way{}, []way{}, []way{}
	for i, r := range vs.GetHttp() {
		x := way{protocol: "http", index: i, delegates: r.GetDelegate() != nil}
		for _, m := range r.GetMatch() {
			x.matches = append(x.matches, match{http: m})
		}
		http = append(http, x.orAll(match{http: &networkingv1.HTTPMatchRequest{}}))
	}
	for i, r := range vs.GetTls() {
		x := way{protocol: "tls", index: i}
		for _, m := range r.GetMatch() {
			x.matches = append(x.matches, match{tls: m})
		}
		tls = append(tls, x.orAll(match{tls: &networkingv1.TLSMatchAttributes{}}))
	}
	for i, r := range vs.GetTcp() {
		x := way{protocol: "tcp", index: i}
		for _, m := range r.GetMatch() {
			x.matches = append(x.matches, match{tcp: m})
		}
		tcp = append(tcp, x.orAll(match{tcp: &networkingv1.L4MatchAttributes{}}))
	}
	return [][]way{http, tls, tcp}
}

func (x way) orAll(all match) way {
	if x.explicit = len(x.matches) > 0; !x.explicit {
		x.matches = []match{all}
	}
	return x
}

// caller is what the matches of all protocols have in common.
type caller interface {
	GetPort() uint32
	GetSourceLabels() map[string]string
	GetGateways() []string
	GetSourceNamespace() string
}

func (m match) caller() caller {
	switch {
	case m.http != nil:
		return m.http
	case m.tls != nil:
		return m.tls
	}
	return m.tcp
}

// covers compares within a VirtualService that is bound to the given gateways.
func (m match) covers(o match, gateways []string) bool {
	if !coversCaller(m.caller(), o.caller(), gateways) {
		return false
	}
	switch {
	case m.http != nil && o.http != nil:
		return coversHTTP(m.http, o.http)
	case m.tls != nil && o.tls != nil:
		return coversTLS(m.tls, o.tls)
	case m.tcp != nil && o.tcp != nil:
		return coversAll(m.tcp.GetDestinationSubnets(), o.tcp.GetDestinationSubnets()) &&
			(m.tcp.GetSourceSubnet() == "" || m.tcp.GetSourceSubnet() == o.tcp.GetSourceSubnet())
	}
	return false
}

func coversCaller(a, b caller, gateways []string) bool {
	for k, v := range a.GetSourceLabels() {
		if got, has := b.GetSourceLabels()[k]; !has || got != v {
			return false
		}
	}
	of := func(c caller) []string {
		switch {
		case len(c.GetGateways()) > 0:
			return c.GetGateways()
		case len(gateways) > 0:
			return gateways
		}
		return []string{"mesh"}
	}
	return (a.GetPort() == 0 || a.GetPort() == b.GetPort()) && contains(of(a), of(b)) &&
		(a.GetSourceNamespace() == "" || a.GetSourceNamespace() == b.GetSourceNamespace())
}

func coversHTTP(a, b *networkingv1.HTTPMatchRequest) bool {
	return coversPath(a, b) &&
		coversText(a.GetScheme(), b.GetScheme(), false) && coversText(a.GetMethod(), b.GetMethod(), false) &&
		coversText(a.GetAuthority(), b.GetAuthority(), false) &&
		coversTexts(a.GetHeaders(), b.GetHeaders()) && coversTexts(a.GetQueryParams(), b.GetQueryParams()) &&
		withoutSame(a.GetWithoutHeaders(), b.GetWithoutHeaders())
}

// coversPath knows that every path starts with a slash, as Istio does
// (IsCatchAllRoute in pilot/pkg/networking/core/route/route.go).
func coversPath(a, b *networkingv1.HTTPMatchRequest) bool {
	if allPaths(a.GetUri()) {
		return true
	}
	if b.GetIgnoreUriCase() && !a.GetIgnoreUriCase() {
		return false
	}
	return coversText(a.GetUri(), b.GetUri(), a.GetIgnoreUriCase())
}

func allPaths(uri *networkingv1.StringMatch) bool {
	return uri.GetMatchType() == nil || uri.GetPrefix() == "/" || uri.GetRegex() == ".*"
}

// coversText compares two conditions on one text; nil or an empty one is none.
func coversText(a, b *networkingv1.StringMatch, fold bool) bool {
	norm := func(s string) string {
		if fold {
			return strings.ToLower(s)
		}
		return s
	}
	switch a.GetMatchType().(type) {
	case nil:
		return true
	case *networkingv1.StringMatch_Exact:
		_, same := b.GetMatchType().(*networkingv1.StringMatch_Exact)
		return same && norm(a.GetExact()) == norm(b.GetExact())
	case *networkingv1.StringMatch_Prefix:
		switch b.GetMatchType().(type) {
		case *networkingv1.StringMatch_Exact:
			return strings.HasPrefix(norm(b.GetExact()), norm(a.GetPrefix()))
		case *networkingv1.StringMatch_Prefix:
			return strings.HasPrefix(norm(b.GetPrefix()), norm(a.GetPrefix()))
		}
		return false
	}
	_, same := b.GetMatchType().(*networkingv1.StringMatch_Regex)
	return same && a.GetRegex() == b.GetRegex()
}

// coversTexts compares conditions on headers or parameters: the names in a have
// to be in b as well, since an empty condition still asks for the name.
func coversTexts(a, b map[string]*networkingv1.StringMatch) bool {
	for k, want := range a {
		got, asked := b[k]
		if !asked || !coversText(want, got, false) {
			return false
		}
	}
	return true
}

// withoutSame reports whether b excludes at least what a excludes.
func withoutSame(a, b map[string]*networkingv1.StringMatch) bool {
	for k, want := range a {
		got, asked := b[k]
		if !asked || !coversText(got, want, false) {
			return false
		}
	}
	return true
}

func coversTLS(a, b *networkingv1.TLSMatchAttributes) bool {
	for _, sni := range b.GetSniHosts() {
		if !slices.ContainsFunc(a.GetSniHosts(), func(p string) bool { return model.Covers(p, sni) }) && len(a.GetSniHosts()) > 0 {
			return false
		}
	}
	return (len(a.GetSniHosts()) == 0 || len(b.GetSniHosts()) > 0) && coversAll(a.GetDestinationSubnets(), b.GetDestinationSubnets())
}

// coversAll compares lists of which one item has to match; an empty one is no condition.
func coversAll(a, b []string) bool { return len(a) == 0 || (len(b) > 0 && contains(a, b)) }

// takesAll reports whether Istio puts the match at the end of its virtual host:
// it asks for nothing in the request (IsCatchAllRoute).
func (m match) takesAll() bool {
	h := m.http
	return h != nil && allPaths(h.GetUri()) && h.GetScheme() == nil && h.GetMethod() == nil && h.GetAuthority() == nil &&
		len(h.GetHeaders())+len(h.GetQueryParams())+len(h.GetWithoutHeaders()) == 0
}

// String describes what a match asks for first, for people.
func (m match) String() string {
	uri := m.http.GetUri()
	switch uri.GetMatchType().(type) {
	case *networkingv1.StringMatch_Exact:
		return "path " + uri.GetExact()
	case *networkingv1.StringMatch_Prefix:
		return "prefix " + uri.GetPrefix()
	case *networkingv1.StringMatch_Regex:
		return "regex " + uri.GetRegex()
	}
	if headers := slices.Sorted(maps.Keys(m.http.GetHeaders())); len(headers) > 0 {
		return "header " + strings.Join(headers, ", ")
	}
	return "every path"
}
