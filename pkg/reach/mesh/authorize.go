// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// point is where policies are enforced on the way of a request.
type point struct {
	name  string
	at    place
	facts facts
	notes []string
	// none says why nothing is enforced there; empty if it is.
	none string
}

// Authorize tells what the AuthorizationPolicies say, one hop for each point
// that enforces them, in the order of the packet: the gateway of Request.Via,
// the waypoint, and the server's sidecar or ztunnel.
//
// A part of the request that is left empty stands for any value. The answer is
// then allow if every such request is allowed, deny if none is, and else unknown,
// with a Reason that begins with "depends on". The parts are weighed rule by
// rule: that two rules cover all methods only together is not seen.
func (e *Engine) Authorize(r Request) []verdict.Hop {
	var out []verdict.Hop
	for _, p := range e.points(r) {
		out = append(out, e.enforced(p))
	}
	return out
}

// enforced is the answer of one point, doubted where something changes its proxy.
func (e *Engine) enforced(p point) verdict.Hop {
	hop := e.decide(p)
	if p.none == "" && p.facts.chain != ztunnelChain {
		e.doubted(&hop, p.at, changesHTTP)
	}
	return hop
}

func (e *Engine) points(r Request) []point {
	var out []point
	if r.Via != nil {
		out = append(out, e.gatewayPoint(r))
	}
	way, passed := e.waypoint(r)
	if passed {
		out = append(out, e.waypointPoint(r, way))
	}
	return append(out, e.serverPoint(r, way, passed))
}

func (e *Engine) facts(r Request, at place) facts {
	f := facts{Request: r, config: &e.config, domainWhy: e.domainWhy, source: r.From, token: e.tokenAt(r, at)}
	if r.Protocol == TCP {
		f.chain = tcpChain
	}
	return f
}

// gatewayPoint is the gateway that the request enters by.
func (e *Engine) gatewayPoint(r Request) point {
	at := e.podPlace(*r.Via)
	p := point{name: "AuthorizationPolicy gateway", at: at, facts: e.facts(r, at)}
	p.facts.Port = 0 // the request tells the server's port, not the gateway's
	p.facts.peer = principal{none: true}
	if r.From.IsPod() && !r.Plaintext {
		p.facts.peer = e.identityOf(r.From, edgePeer)
	}
	return p
}

// waypointPoint is the waypoint of the server.
func (e *Engine) waypointPoint(r Request, w way) point {
	p := point{name: "AuthorizationPolicy waypoint", at: w.place, facts: e.facts(r, w.place)}
	if r.ServicePort != r.Port {
		p.facts.Port = 0 // whether it is the port of the Service or of the pod is not documented
	}
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	p.facts.source, p.facts.peer = client, e.identityOf(client, "")
	return p
}

// serverPoint is the proxy of the server.
func (e *Engine) serverPoint(r Request, w way, passed bool) point {
	at := e.podPlace(r.To)
	p := point{name: "AuthorizationPolicy", at: at, facts: e.facts(r, at)}
	if r.Via != nil {
		p.facts.source = *r.Via
	}
	d, why := e.Dataplane(r.To)
	switch {
	case e.probed(r) != "":
		p.none = e.probed(r)
	case d == model.NoProxy:
		p.none = "no proxy, no policy: " + why
	case d == model.SidecarProxy && !captured(r.To, r.Port):
		p.none = fmt.Sprintf("port %d does not pass the proxy", r.Port)
	case d == model.AmbientProxy:
		p.name, p.facts.chain = "AuthorizationPolicy ztunnel", ztunnelChain
		p.facts.token = token{absent: true}
		p.notes = e.waypointNotes(r, passed)
	case d == model.DataplaneUnknown:
		p.notes = []string{fmt.Sprintf("whether %s has a proxy is not known (%s): without one no policy is enforced", peerName(r.To), why)}
	}
	p.facts.peer = e.peerOf(r)
	if passed {
		p.facts.peer, p.facts.source = w.as, w.pod
	}
	return p
}

// identityOf is the identity of a pod with a proxy, of which why may say that
// it does not show.
func (e *Engine) identityOf(p model.Peer, why string) principal {
	if !p.IsPod() {
		return principal{none: true}
	}
	d, _ := e.Dataplane(p)
	switch {
	case d == model.NoProxy:
		return principal{none: true}
	case d == model.DataplaneUnknown && why == "":
		why = "whether " + peerName(p) + " has a proxy"
	}
	out := e.principal(p)
	out.why = why
	return out
}

// peerOf is who the server's proxy takes the direct caller for: the identity of
// its certificate, if TLS came to mutual.
func (e *Engine) peerOf(r Request) principal {
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	if !client.IsPod() {
		return principal{none: true}
	}
	if e.edge(r.To, r.Port) {
		if r.Plaintext && r.Via == nil {
			return principal{none: true}
		}
		return e.identityOf(client, edgePeer)
	}
	mode, _ := e.Server(r.To, r.Port)
	mutual, other, why := false, false, ""
	for _, c := range e.choices(r) {
		for _, s := range e.servers(r, mode) {
			if s == ServerNoProxy || !e.mayMeet(r, c, s) {
				continue // nobody asks where the server has no proxy
			}
			got := e.results(r, c, s)
			mutual = mutual || slices.Contains(got, Mutual) || slices.Contains(got, ResultUnknown)
			other = other || slices.ContainsFunc(got, func(x Result) bool { return x != Mutual })
		}
	}
	switch {
	case !mutual:
		return principal{none: true}
	case other:
		why = "whether " + peerName(client) + " reaches " + peerName(r.To) + " with mutual TLS is not known"
		if d, reason := e.Dataplane(client); d == model.DataplaneUnknown {
			why = "whether " + peerName(client) + " has a proxy is not known (" + reason + ")"
		}
	}
	out := e.principal(client)
	out.why = why
	return out
}
