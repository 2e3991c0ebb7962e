// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Request is what one end sends to the other. A field that is left empty stands
// for any value: what depends on it makes the answer unknown.
type Request struct {
	// Method, Path (which may have a query) and Host, the authority, are those of
	// an HTTP request.
	Method, Path, Host string
	// Headers are by name, in any case; nil for any.
	Headers map[string]string
	// Claims are those of a valid token; nil for any or none, empty for no token.
	Claims map[string][]string
	// FromIP is the original client's address, as X-Forwarded-For has it.
	FromIP string
	// Protocol is TCP if empty, or that of the port that is called.
	Protocol corev1.Protocol
	// Port overrides that of the target.
	Port int32
	// Plaintext is true when the caller sends past its proxy.
	Plaintext bool
	// Direct is true when the caller dials pods, not a Service in front of them, as
	// Prometheus does.
	Direct bool
}

// Answer is whether a request gets through.
type Answer struct {
	From, To End
	// Request is what was asked, with the port and protocol filled in.
	Request Request
	// Verdict is the worst of all Groups.
	Verdict verdict.Verdict
	// Hops are those of the first Group, in the order of the packet. The first
	// that denies decides; what denies later is there too.
	Hops []verdict.Hop
	// Groups are the pairs of pods that fare differently, the worst first; one if
	// all fare alike.
	Groups []Group
	// Unknowns say what could not be told, once each.
	Unknowns []string
	// Nearest are the rules by which the hop that decides would have let the
	// request through, but for the fewest fields.
	Nearest []verdict.Miss
	// Notes should be known besides, one sentence each.
	Notes []string
}

// Decides returns the hop that decides: the first that denies, else the first
// that is unknown.
func (a Answer) Decides() (verdict.Hop, bool) {
	if h, denied := verdict.First(a.Hops, verdict.Deny); denied {
		return h, true
	}
	return verdict.First(a.Hops, verdict.Unknown)
}

// Open is what the request leaves open and the answer hangs on, such as "method"
// and "path", where it is a yes: some requests get through and others do not.
func (a Answer) Open() []string {
	var out []string
	for _, g := range a.Groups {
		for _, h := range g.Hops {
			for _, o := range h.Open {
				if a.Verdict == verdict.Allow && !slices.Contains(out, o) {
					out = append(out, o)
				}
			}
		}
	}
	return out
}

// Group is pairs of pods for which all hops answer alike.
type Group struct {
	// Text counts them, "2 of 3 pods", and names what sets them apart; empty if
	// there is one group.
	Text string
	// From and To are the names of pods, workloads or addresses.
	From, To []string
	// Port is the pod's port, 0 if it is not known.
	Port    int32
	Verdict verdict.Verdict
	Hops    []verdict.Hop

	paths []*path
}

// Check answers whether a request of one end gets through to another.
func (e *Engine) Check(from, to End, r Request) Answer {
	t := e.aim(from, to, r)
	a := Answer{From: from, To: to, Request: r, Notes: slices.Concat(from.Notes, t.notes)}
	a.Request.Port, a.Request.Protocol = t.number, t.protocol
	var all []*path
	for _, src := range from.Peers {
		all = append(all, e.paths(from, t, r, src)...)
	}
	if len(from.Peers) == 0 {
		p := &path{e: e, from: from, t: t, r: r}
		p.say(verdict.Source, verdict.Unknown, "%s has no pods in view", from.Text)
		all = append(all, p)
	}
	a.Groups = grouped(all)
	a.Verdict, a.Hops = a.Groups[0].Verdict, a.Groups[0].Hops
	if h, found := a.Decides(); found {
		a.Nearest = h.Nearest
	}
	for _, g := range a.Groups {
		for _, h := range g.Hops {
			if u := h.Name + ": " + h.Reason; h.Verdict == verdict.Unknown && !slices.Contains(a.Unknowns, u) {
				a.Unknowns = append(a.Unknowns, u)
			}
		}
	}
	return a
}

// paths are all ways that a request of one pod may take.
func (e *Engine) paths(from End, t target, r Request, src model.Peer) []*path {
	p := &path{e: e, from: from, t: t, r: r, src: src}
	p.plane, p.planeWhy = e.mesh.Dataplane(src)
	p.source()
	p.name()
	p.scope()
	legs := p.route()
	if p.t.only != nil {
		legs = p.reaching(legs)
	}
	if len(legs) == 0 {
		p.dead = true
		return []*path{p}
	}
	var out []*path
	for _, l := range legs {
		q := p.branch()
		at := q.destination(l)
		if len(at.peers) == 0 {
			out = append(out, q)
			continue
		}
		for _, dst := range at.peers {
			one := q.branch()
			one.arrive(dst, at)
			out = append(out, one)
		}
	}
	return out
}

// reaching leaves the legs that lead to the pods that were asked for. Where a
// route sends them nothing, the question is still whether they may be called.
func (p *path) reaching(legs []leg) []leg {
	var out []leg
	for _, l := range legs {
		if len(p.branch().destination(l).peers) > 0 {
			out = append(out, l)
		}
	}
	if len(out) > 0 || p.dead {
		return out
	}
	h := &p.hops[len(p.hops)-1]
	h.Notes = append(h.Notes, "the route sends nothing to these pods now")
	return p.straight()
}

// grouped puts paths that fare alike together, the worst first.
func grouped(all []*path) []Group {
	var out []Group
	places := map[string]int{}
	for _, p := range all {
		k := p.key()
		i, seen := places[k]
		if !seen {
			i = len(out)
			places[k] = i
			out = append(out, Group{Port: p.port, Verdict: verdict.Of(p.hops), Hops: p.hops})
		}
		out[i].paths = append(out[i].paths, p)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(b.Verdict, a.Verdict) })
	from, to := distinct(all, (*path).fromText), distinct(all, (*path).toText)
	for i := range out {
		g := &out[i]
		g.From, g.To = distinct(g.paths, (*path).fromText), distinct(g.paths, (*path).toText)
		if len(out) > 1 {
			g.Text = g.count(len(from), len(to), len(all))
		}
	}
	return out
}

// count says which part of the pairs a group is.
func (g Group) count(from, to, pairs int) string {
	var out string
	switch {
	case len(g.From) < from && len(g.To) == to:
		out = fmt.Sprintf("%d of %d callers", len(g.From), from)
	case len(g.To) < to && len(g.From) == from:
		out = fmt.Sprintf("%d of %s", len(g.To), amount(to, "pod"))
	default:
		out = fmt.Sprintf("%d of %d pairs of pods", len(g.paths), pairs)
	}
	if l := g.paths[0].leg; l.subset != "" {
		out += ", subset " + l.subset
	}
	return out
}

func (p *path) fromText() string { return peerText(p.src) }

func (p *path) toText() string {
	if p.dead {
		return "no pod"
	}
	return peerText(p.dst)
}

func distinct(all []*path, name func(*path) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range all {
		if n := name(p); !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// key is equal for paths that fare alike: reasons may name pods, and are left out.
func (p *path) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s|", p.port, p.leg.host, p.leg.subset)
	for _, h := range p.hops {
		object := h.Object
		if h.Number == verdict.Source || h.Number == verdict.Arrival {
			object.Name, object.Namespace = "", ""
		}
		fmt.Fprintf(&b, "%d %s %d %s %s %s|", h.Number, h.Name, h.Verdict, object, h.Pointer, h.Rule)
	}
	return b.String()
}
