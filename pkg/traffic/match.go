// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
)

// httpMatch describes the matches of an http route in one short phrase:
// "uri prefix /api or header x-user". It is for people; routes are told apart
// by their place and content.
func httpMatch(matches []*networking.HTTPMatchRequest) string {
	var ways []string
	for _, m := range matches {
		var all []string
		if m.Uri != nil {
			all = append(all, "uri "+stringMatch(m.Uri))
		}
		if m.Method != nil {
			all = append(all, "method "+stringMatch(m.Method))
		}
		if m.Authority != nil {
			all = append(all, "authority "+stringMatch(m.Authority))
		}
		for _, h := range slices.Sorted(maps.Keys(m.Headers)) {
			all = append(all, strings.TrimSpace("header "+h+" "+stringMatch(m.Headers[h])))
		}
		for _, h := range slices.Sorted(maps.Keys(m.WithoutHeaders)) {
			all = append(all, "no header "+h)
		}
		for _, q := range slices.Sorted(maps.Keys(m.QueryParams)) {
			all = append(all, strings.TrimSpace("query "+q+" "+stringMatch(m.QueryParams[q])))
		}
		all = append(all, scope(m.Port, m.Gateways, m.SourceLabels, m.SourceNamespace)...)
		ways = append(ways, strings.Join(all, " and "))
	}
	return strings.Join(slices.DeleteFunc(ways, func(s string) bool { return s == "" }), " or ")
}

// byHeader reports whether each of a route's matches asks for a header.
func byHeader(matches []*networking.HTTPMatchRequest) bool {
	return len(matches) > 0 && !slices.ContainsFunc(matches, func(m *networking.HTTPMatchRequest) bool { return len(m.Headers) == 0 })
}

func tlsMatch(matches []*networking.TLSMatchAttributes) string {
	var ways []string
	for _, m := range matches {
		var all []string
		if len(m.SniHosts) > 0 {
			all = append(all, "sni "+strings.Join(m.SniHosts, ","))
		}
		ways = append(ways, strings.Join(append(all, scope(m.Port, m.Gateways, m.SourceLabels, m.SourceNamespace)...), " and "))
	}
	return strings.Join(ways, " or ")
}

func tcpMatch(matches []*networking.L4MatchAttributes) string {
	var ways []string
	for _, m := range matches {
		ways = append(ways, strings.Join(scope(m.Port, m.Gateways, m.SourceLabels, m.SourceNamespace), " and "))
	}
	return strings.Join(ways, " or ")
}

// scope describes the attributes that all protocols share.
func scope(port uint32, gateways []string, source map[string]string, namespace string) []string {
	var all []string
	if port != 0 {
		all = append(all, fmt.Sprintf("port %d", port))
	}
	if len(gateways) > 0 {
		all = append(all, "gateway "+strings.Join(gateways, ","))
	}
	for _, l := range slices.Sorted(maps.Keys(source)) {
		all = append(all, "caller "+l+"="+source[l])
	}
	if namespace != "" {
		all = append(all, "from namespace "+namespace)
	}
	return all
}

func stringMatch(m *networking.StringMatch) string {
	switch m.GetMatchType().(type) {
	case *networking.StringMatch_Exact:
		return m.GetExact()
	case *networking.StringMatch_Prefix:
		return m.GetPrefix() + "*"
	case *networking.StringMatch_Regex:
		return "~" + m.GetRegex()
	}
	return ""
}
