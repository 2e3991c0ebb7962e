// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// truth is an answer about a request of which not all is known.
type truth int

const (
	no truth = iota
	maybe
	yes
)

// words are what a route asks of one request.
type words struct {
	method, path, authority string
	headers                 map[string]string
	port                    int32
	src                     model.Peer
	// gateway is what routes call the way in: "mesh", or "namespace/name".
	gateway string
}

// anyOf is yes where a list is empty or one of it is yes.
func anyOf[T any](list []T, test func(T) truth) truth {
	out := no
	for _, x := range list {
		out = max(out, test(x))
	}
	if len(list) == 0 {
		return yes
	}
	return out
}

// matches tells whether a match of an http route takes the request. A field of
// the request that is empty stands for any value.
func (q words) matches(m *networkingv1.HTTPMatchRequest, namespace string) truth {
	path, query, _ := strings.Cut(q.path, "?")
	out := min(
		q.caller(m.GetPort(), m.GetSourceLabels(), m.GetSourceNamespace(), m.GetGateways(), namespace),
		matchText(m.GetUri(), path, m.GetIgnoreUriCase()),
		matchText(m.GetMethod(), q.method, false),
		matchText(m.GetAuthority(), q.authority, false),
	)
	if m.GetScheme() != nil {
		out = min(out, maybe)
	}
	for name, want := range m.GetHeaders() {
		out = min(out, q.header(name, want))
	}
	for name, want := range m.GetWithoutHeaders() {
		out = min(out, yes-q.header(name, want))
	}
	if len(m.GetQueryParams()) == 0 {
		return out
	}
	if q.path == "" {
		return min(out, maybe)
	}
	values, _ := url.ParseQuery(query)
	for name, want := range m.GetQueryParams() {
		if !values.Has(name) {
			return no
		}
		out = min(out, matchGiven(want, values.Get(name), false))
	}
	return out
}

// header tells whether a header is there and fits; without headers given, nobody knows.
func (q words) header(name string, want *networkingv1.StringMatch) truth {
	if q.headers == nil {
		return maybe
	}
	for _, k := range slices.Sorted(maps.Keys(q.headers)) {
		if strings.EqualFold(k, name) {
			return matchGiven(want, q.headers[k], false)
		}
	}
	return no
}

// caller compares what the matches of all protocols have in common.
func (q words) caller(port uint32, set map[string]string, from string, gateways []string, namespace string) truth {
	switch {
	case port != 0 && q.port != 0 && int32(port) != q.port,
		len(set) > 0 && !labels.SelectorFromSet(set).Matches(q.src.Labels),
		from != "" && from != q.src.Namespace,
		len(gateways) > 0 && !slices.ContainsFunc(gateways, func(g string) bool { return gatewayName(g, namespace) == q.gateway }):
		return no
	case port != 0 && q.port == 0:
		return maybe
	}
	return yes
}

// gatewayName is what an entry of a list of gateways names.
func gatewayName(g, namespace string) string {
	if g == "mesh" {
		return g
	}
	r := model.GatewayRef(g, namespace)
	return r.Namespace + "/" + r.Name
}

// matchText compares a text of which the empty one stands for any.
func matchText(m *networkingv1.StringMatch, text string, fold bool) truth {
	switch {
	case m.GetMatchType() == nil, m.GetPrefix() == "/", m.GetRegex() == ".*":
		return yes
	case text == "":
		return maybe
	}
	return matchGiven(m, text, fold)
}

// matchGiven compares a text that is known; an empty condition asks for nothing.
func matchGiven(m *networkingv1.StringMatch, text string, fold bool) truth {
	norm := func(s string) string {
		if fold {
			return strings.ToLower(s)
		}
		return s
	}
	ok := true
	switch m.GetMatchType().(type) {
	case *networkingv1.StringMatch_Exact:
		ok = norm(text) == norm(m.GetExact())
	case *networkingv1.StringMatch_Prefix:
		ok = strings.HasPrefix(norm(text), norm(m.GetPrefix()))
	case *networkingv1.StringMatch_Regex: // Envoy's is RE2 too, and matches the whole
		re, err := regexp.Compile("^(?:" + m.GetRegex() + ")$")
		if err != nil {
			return maybe
		}
		ok = re.MatchString(text)
	}
	if ok {
		return yes
	}
	return no
}
