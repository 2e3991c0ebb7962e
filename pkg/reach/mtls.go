// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// MTLSOptions say which part of the table is wanted.
type MTLSOptions struct {
	// Namespaces limit it to targets in one of them; empty for all.
	Namespaces []string
}

// MTLSTable says how every known edge is encrypted.
type MTLSTable struct {
	// Edges are sorted: conflicts first, then what is unknown, then plain text.
	Edges []Edge
	// Workloads say who could demand mutual TLS, sorted by name.
	Workloads []Strictness
	// Unknowns say what could not be told, once each.
	Unknowns []string
}

// Edge is a caller of a port.
type Edge struct {
	// From is the caller: "shop/deploy/frontend"; "any sidecar" where none is known.
	From string
	// To is the target: "shop/deploy/backend", Port the pod's port.
	To   string
	Port int32
	// Service is what is called; the zero Ref where pods are called directly.
	Service ref.Ref
	// Declared are what says that the edge exists, one place each; empty of a
	// caller that is made up.
	Declared []verdict.Decider
	// TLS holds the modes of both sides, who decides them and the result.
	TLS mesh.TLS
	// Hop explains the result.
	Hop verdict.Hop

	target *model.Workload
}

// Strictness says whether a workload could demand mutual TLS.
type Strictness struct {
	Workload ref.Ref
	// Text is its canonical spelling.
	Text string
	// Mode is its mode today.
	Mode mesh.ServerMode
	// Verdict is None where it demands mutual TLS already or has no proxy, Allow
	// where it could, Deny where a known caller would break, Unknown where nobody
	// can tell.
	Verdict verdict.Verdict
	// Breaks are the callers that would break, or why nobody can tell.
	Breaks []string
}

// MTLS returns the table of the edges that objects declare, see calls; a target
// without a known caller has one edge from a sidecar that is made up.
func (e *Engine) MTLS(o MTLSOptions) MTLSTable {
	in := func(ns string) bool { return len(o.Namespaces) == 0 || slices.Contains(o.Namespaces, ns) }
	var edges []Edge
	for _, c := range e.calls() {
		edges = append(edges, e.edges(c)...)
	}
	edges = merged(edges)
	out := MTLSTable{}
	called := map[*model.Workload][]Edge{}
	for _, x := range edges {
		called[x.target] = append(called[x.target], x)
		if in(x.target.Ref.Namespace) {
			out.Edges = append(out.Edges, x)
		}
	}
	for _, w := range e.s.Workloads("") {
		if !in(w.Ref.Namespace) {
			continue
		}
		if len(called[w]) == 0 {
			out.Edges = append(out.Edges, e.anyCaller(w)...)
		}
		out.Workloads = append(out.Workloads, e.strictness(w, called[w]))
	}
	slices.SortStableFunc(out.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(concern(a), concern(b)), cmp.Compare(a.To, b.To), cmp.Compare(a.Port, b.Port), cmp.Compare(a.From, b.From))
	})
	for _, k := range []*model.Kind{model.PeerAuthentications.Kind, model.DestinationRules.Kind, model.Services.Kind} {
		if gap, hidden := e.s.Gap(k.GroupKind, ""); hidden {
			out.Unknowns = append(out.Unknowns, gap.Reason)
		}
	}
	if e.config.Unknown != "" {
		out.Unknowns = append(out.Unknowns, "mesh configuration: "+e.config.Unknown)
	}
	return out
}

// concern orders results by how much they matter.
func concern(x Edge) int {
	return slices.Index([]mesh.Result{mesh.Fail, mesh.ResultUnknown, mesh.Plain, mesh.AppTLS, mesh.Mutual}, x.TLS.Result)
}

// edges are those of one call: one for each workload and port behind it.
func (e *Engine) edges(c call) []Edge {
	if c.to != nil {
		return []Edge{e.edgeOf(c, c.to, c.to.Peers()[0], nil, c.port)}
	}
	var out []Edge
	peers, _ := e.behind(c.service)
	for i := range c.service.Value.Spec.Ports {
		sp := &c.service.Value.Spec.Ports[i]
		if c.port != 0 && sp.Port != c.port || orTCP(sp.Protocol) != corev1.ProtocolTCP {
			continue
		}
		for _, p := range peers {
			if n, ok := podPortOf(*sp, p); ok && p.Workload != nil {
				out = append(out, e.edgeOf(c, p.Workload, p, sp, n))
			}
		}
	}
	return out
}

func (e *Engine) edgeOf(c call, w *model.Workload, to model.Peer, sp *corev1.ServicePort, port int32) Edge {
	r := mesh.Request{From: c.from, To: to, Port: port}
	x := Edge{From: c.text, To: text(w.Ref), Port: port, target: w}
	if c.by.Reason != "" {
		x.Declared = []verdict.Decider{c.by}
	}
	if sp != nil {
		x.Service = c.service.Ref
		r.Host, r.ServicePort, r.Protocol = e.s.ServiceFQDN(c.service.Ref.Namespace, c.service.Ref.Name), sp.Port, protocolOf(*sp)
		if c.text == "prometheus" { // it takes the addresses from the Service, and calls the pods
			r.Host, r.ServicePort = "", 0
		}
	}
	x.TLS, x.Hop = e.mesh.TLS(r)
	return x
}

// merged puts edges of the same ends together, the worst result of several pods
// counts.
func merged(edges []Edge) []Edge {
	type ends struct {
		from, to string
		service  ref.Ref
		port     int32
	}
	places := map[ends]int{}
	var out []Edge
	for _, x := range edges {
		k := ends{x.From, x.To, x.Service, x.Port}
		i, seen := places[k]
		if !seen {
			places[k] = len(out)
			out = append(out, x)
			continue
		}
		declared := out[i].Declared
		for _, d := range x.Declared {
			if !slices.Contains(declared, d) {
				declared = append(declared, d)
			}
		}
		if concern(x) < concern(out[i]) {
			out[i] = x
		}
		out[i].Declared = declared
	}
	return out
}

// anyCaller are the edges of a workload that nobody is known to call: at each
// port of its Services, from a sidecar of its own namespace.
func (e *Engine) anyCaller(w *model.Workload) []Edge {
	var out []Edge
	client := proxyPeer(w.Ref.Namespace, nil, "")
	for _, svc := range e.s.InFront(w) {
		out = append(out, slices.DeleteFunc(e.edges(call{from: client, text: "any sidecar", service: svc}), func(x Edge) bool { return x.target != w })...)
	}
	return merged(out)
}

// strictness says whether a workload could demand mutual TLS.
func (e *Engine) strictness(w *model.Workload, callers []Edge) Strictness {
	peer := w.Peers()[0]
	out := Strictness{Workload: w.Ref, Text: text(w.Ref)}
	out.Mode, _ = e.mesh.Server(peer, 0)
	plane, why := e.mesh.Dataplane(peer)
	switch {
	case out.Mode == mesh.ServerStrict || plane == model.NoProxy:
		return out
	case plane == model.DataplaneUnknown:
		out.Verdict, out.Breaks = verdict.Unknown, []string{"whether it has a proxy is not known: " + why}
		return out
	}
	out.Verdict = verdict.Allow
	for _, x := range callers {
		switch x.TLS.Result {
		case mesh.Plain, mesh.AppTLS:
			out.Verdict = verdict.Deny
			out.Breaks = append(out.Breaks, fmt.Sprintf("%s calls port %d without mutual TLS", x.From, x.Port))
		case mesh.ResultUnknown:
			out.Verdict = max(out.Verdict, verdict.Unknown)
			out.Breaks = append(out.Breaks, fmt.Sprintf("how %s calls port %d is not known", x.From, x.Port))
		}
	}
	if len(callers) == 0 {
		out.Verdict, out.Breaks = verdict.Unknown, []string{"no caller is known"}
	}
	return out
}
