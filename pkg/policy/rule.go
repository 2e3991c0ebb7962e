// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// peer is one end in a NetworkPolicy: pods of a namespace by labels, or a block.
type peer struct {
	namespace string
	labels    map[string]string
	block     string
}

// value renders a peer in a policy of a namespace.
func (p peer) value(own string) map[string]any {
	if p.block != "" {
		return map[string]any{"ipBlock": map[string]any{"cidr": p.block}}
	}
	out := map[string]any{"podSelector": selects(p.labels)}
	if p.namespace != own {
		out["namespaceSelector"] = selects(map[string]string{corev1.LabelMetadataName: p.namespace})
	}
	return out
}

// selects renders a label selector.
func selects(by map[string]string) map[string]any {
	if len(by) == 0 {
		return map[string]any{}
	}
	return map[string]any{"matchLabels": texts(by)}
}

func texts(by map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range by {
		out[k] = v
	}
	return out
}

// anywhere is every address, of both families.
var anywhere = []peer{{block: "0.0.0.0/0"}, {block: "::/0"}}

// netRule lets peers and ports meet. Without ports it is all ports.
type netRule struct {
	peers []peer
	ports []port
}

// value renders a rule; side is "from" or "to".
func (r netRule) value(side, own string) map[string]any {
	out := map[string]any{}
	var peers, ports []any
	for _, p := range r.peers {
		if v := p.value(own); !slices.ContainsFunc(peers, func(other any) bool { return patch.Equal(other, v) }) {
			peers = append(peers, v)
		}
	}
	out[side] = peers
	for _, p := range r.ports {
		ports = append(ports, map[string]any{"port": int64(p.number), "protocol": string(cmp.Or(p.protocol, corev1.ProtocolTCP))})
	}
	if len(ports) > 0 {
		out["ports"] = ports
	}
	return out
}

// mergeNet joins rules for the same ports into one.
func mergeNet(rules []netRule) []netRule {
	var out []netRule
	for _, r := range rules {
		if len(r.peers) == 0 {
			continue // no peers would mean everybody
		}
		r.ports = tidy(slices.Clone(r.ports))
		i := slices.IndexFunc(out, func(o netRule) bool { return slices.EqualFunc(o.ports, r.ports, same) })
		if i < 0 {
			out = append(out, netRule{slices.Clone(r.peers), r.ports})
			continue
		}
		out[i].peers = append(out[i].peers, r.peers...)
	}
	return out
}

// netValues renders rules as a policy has them.
func netValues(rules []netRule, side, own string) []any {
	out := []any{}
	for _, r := range mergeNet(rules) {
		out = append(out, r.value(side, own))
	}
	return out
}

// accessRule lets requests through an AuthorizationPolicy.
type accessRule struct {
	// principals are who; empty for anybody, with or without an identity.
	principals []string
	// ports are those of the pods; empty for all.
	ports []int32
	http  []api.HTTPRequests
	user  *api.User
}

// value renders a rule.
func (r accessRule) value() map[string]any {
	out := map[string]any{}
	source := map[string]any{}
	if len(r.principals) > 0 {
		source["principals"] = list(r.principals)
	}
	if r.user != nil {
		source["requestPrincipals"] = []any{r.user.Issuer + "/" + cmp.Or(r.user.Subject, "*")}
	}
	if len(source) > 0 {
		out["from"] = []any{map[string]any{"source": source}}
	}
	if to := r.operations(); len(to) > 0 {
		out["to"] = to
	}
	if r.user != nil && len(r.user.Claims) > 0 {
		var when []any
		for _, claim := range slices.Sorted(maps.Keys(r.user.Claims)) {
			when = append(when, map[string]any{"key": claimKey(claim), "values": list(r.user.Claims[claim])})
		}
		out["when"] = when
	}
	return out
}

func claimKey(claim string) string {
	if !strings.HasPrefix(claim, "[") {
		claim = "[" + claim + "]"
	}
	return "request.auth.claims" + claim
}

func (r accessRule) operations() []any {
	var numbers []string
	for _, n := range r.ports {
		numbers = append(numbers, strconv.Itoa(int(n)))
	}
	requests := r.http
	if len(requests) == 0 {
		requests = []api.HTTPRequests{{}}
	}
	var out []any
	for _, h := range requests {
		op := map[string]any{}
		for field, values := range map[string][]string{"ports": numbers, "methods": h.Methods, "paths": h.Paths} {
			if len(values) > 0 {
				op[field] = list(values)
			}
		}
		if len(op) > 0 {
			out = append(out, map[string]any{"operation": op})
		}
	}
	return out
}

func list(values []string) []any {
	out := make([]any, 0, len(values))
	for _, v := range values {
		out = append(out, v)
	}
	return out
}

// mergeAccess joins rules that differ in who only.
func mergeAccess(rules []accessRule) []accessRule {
	var out []accessRule
	for _, r := range rules {
		like := func(o accessRule) bool {
			bare, other := r, o
			bare.principals, other.principals = nil, nil
			return (len(r.principals) == 0) == (len(o.principals) == 0) && patch.Equal(bare.value(), other.value())
		}
		i := slices.IndexFunc(out, like)
		if i < 0 {
			r.principals = slices.Clone(r.principals)
			out = append(out, r)
			continue
		}
		for _, p := range r.principals {
			if !slices.Contains(out[i].principals, p) {
				out[i].principals = append(out[i].principals, p)
			}
		}
	}
	return out
}

func accessValues(rules []accessRule) []any {
	var out []any
	for _, r := range mergeAccess(rules) {
		out = append(out, r.value())
	}
	return out
}
