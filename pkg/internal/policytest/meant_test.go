// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

func (r *random) node(id string) *node {
	i := slices.IndexFunc(r.nodes, func(n *node) bool { return n.id() == id })
	if i < 0 {
		return nil
	}
	return r.nodes[i]
}

// meant reports whether the intents of both ends let a request through.
func (r *random) meant(q question) bool {
	from, to := r.node(q.from), r.node(q.to)
	return r.sends(from, to, q.port) && r.takes(q, from, to)
}

// mixed reports whether the ends are in the mesh in two different ways.
func (r *random) mixed(q question) bool {
	at := "sidecar" // the gateway
	if from := r.node(q.from); from != nil {
		at = from.plane
	}
	to := r.node(q.to).plane
	return at != to && at != "none" && to != "none" && q.from != "watch/deploy/prometheus"
}

// sends reports whether the caller's end lets a call out. Where others have
// closed it and its intent is silent, that of the target speaks for both.
func (r *random) sends(from, to *node, number int32) bool {
	switch {
	case from == nil:
		return true
	case from.intent != nil && from.intent.Spec.Calls != nil:
		return from.calls(to, number)
	case !r.closed[from.namespace]:
		return true
	}
	return to.intent != nil && slices.ContainsFunc(to.intent.Spec.Callers, func(c api.Caller) bool {
		return r.is(c, from.id(), to) && (to.serves(c, number) || tunnelled(from, to))
	})
}

// calls reports whether the intent of a node has it call a port of another.
func (n *node) calls(to *node, number int32) bool {
	return slices.ContainsFunc(n.intent.Spec.Calls, func(c api.Call) bool {
		name, port, _ := strings.Cut(c.To, ":")
		if !strings.HasPrefix(name, to.namespace+"/") {
			name = n.namespace + "/" + name
		}
		switch {
		case name != to.namespace+"/svc/"+to.name:
			return false
		case tunnelled(n, to):
			return true
		}
		return port != "81" && number == to.web || (port == "" || port == "81") && number == to.raw
	})
}

// tunnelled reports whether NetworkPolicies see the port of the tunnel and none
// of the application.
func tunnelled(from, to *node) bool { return from.plane == "ambient" && to.plane == "ambient" }

// serves reports whether a caller gets a port of a node.
func (n *node) serves(c api.Caller, number int32) bool {
	if len(c.Ports) > 0 {
		return slices.Contains(c.Ports, number)
	}
	return number == n.web || number == n.raw && (n.plane == "none" || len(c.HTTP) == 0)
}

// takes reports whether the end of the target lets a request in.
func (r *random) takes(q question, from, to *node) bool {
	if to.intent == nil || to.intent.Spec.Callers == nil {
		if !r.closed[to.namespace] {
			return true
		}
		if from == nil || from.intent == nil || from.intent.Spec.Calls == nil || !from.calls(to, q.port) {
			return false
		}
		return !tunnelled(from, to) || r.granted(q, from, to)
	}
	// NetworkPolicies go by who and port. AuthorizationPolicies do by who and
	// request, but cannot tell those apart that have no identity.
	network, access := false, to.plane == "none"
	for _, c := range to.intent.Spec.Callers {
		is, port := r.is(c, q.from, to), to.serves(c, q.port)
		network = network || is && (port || from != nil && tunnelled(from, to))
		access = access || port && (is || r.open(c)) && asked(c, q)
	}
	return network && access
}

// granted reports whether an AuthorizationPolicy of a closed namespace lets a
// port of a call in: of those that name it, or of those without an identity.
func (r *random) granted(q question, from, to *node) bool {
	for _, n := range r.nodes {
		if n.intent == nil || n != from && n.plane != "none" {
			continue
		}
		plain := *n
		plain.plane = "none"
		if plain.calls(to, q.port) {
			return true
		}
	}
	return false
}

// is reports whether a caller of a node is who asks.
func (r *random) is(c api.Caller, id string, to *node) bool {
	switch c.From {
	case "gateway/edge/entry":
		return id == "edge/deploy/proxy"
	case "prometheus":
		return id == "watch/deploy/prometheus"
	}
	from := r.node(id)
	return from != nil && c.From == from.from(to)
}

// open reports whether a caller has no identity.
func (r *random) open(c api.Caller) bool {
	if c.From == "internet" || c.From == "prometheus" {
		return true
	}
	return slices.ContainsFunc(r.nodes, func(n *node) bool { return n.plane == "none" && (c.From == n.id() || c.From == "deploy/"+n.name) })
}

func asked(c api.Caller, q question) bool {
	if len(c.HTTP) == 0 {
		return true
	}
	get := q.method == "GET" && q.path == "/a/x"
	return get || q.method == "POST" && len(c.HTTP) > 1
}
