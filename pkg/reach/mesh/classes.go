// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// classes are those of a peer.
type classes struct {
	// source and target are what Classes returns; kind is the source class but
	// for the identity.
	source, target, kind int
	// who is the identity, which counts if proxied is true.
	who     principal
	proxied bool
}

// Classes numbers the peers by what the mesh can tell apart: two peers of one
// source class are alike as callers, two of one target class as servers.
func (e *Engine) Classes(p model.Peer) (source, target int) {
	c := e.class(p)
	return c.source, c.target
}

func (e *Engine) class(p model.Peer) classes {
	if p.Workload == nil && p.Pod.Object == nil {
		return e.classify(p)
	}
	return e.classOf.get(planeKey{p.Workload, p.Pod.Object}, func() classes { return e.classify(p) })
}

func (e *Engine) classify(p model.Peer) classes {
	d, why := e.Dataplane(p)
	wishes := ""
	if d == model.DataplaneUnknown {
		wishes = fmt.Sprint(p.Namespace, wishesOf(p)) // see mayMeet
	} else {
		why = ""
	}
	traits := e.traits()
	common := []string{d.String(), why, wishes}
	if traits.addresses || !p.IsPod() {
		common = append(common, fmt.Sprint(prefixes(p), p.Node))
	}
	kind := append([]string{"source", p.Annotations[excludeOutbound], outboundRanges(p), fmt.Sprint(sendsHBONE(p))}, common...)
	if traits.hosts {
		kind = append(kind, p.Namespace)
	}
	at := e.podPlace(p)
	if len(e.filters().byNamespace) > 0 {
		common = append(common, e.filters().class(at))
		kind = append(kind, common[len(common)-1])
	}
	target := append([]string{
		"target", p.Namespace, e.authz().class(at), e.tokens().class(at), e.peers().class(place{namespace: p.Namespace, labels: p.Labels}),
		p.Annotations[excludeInbound], p.Annotations[includeInbound], p.Annotations[rewriteProbes], p.Labels[tunnelLabel],
		p.Labels["security.istio.io/tlsMode"], p.Labels[useWaypoint], p.Labels[useWaypointIn],
	}, common...)
	if e.doorway(p) {
		target = append(target, "gateway")
	}
	if traits.hosts {
		target = append(target, e.hostOf(Request{To: p}))
	}
	out := classes{kind: e.number(kind), target: e.number(target), proxied: p.IsPod() && d != model.NoProxy}
	if out.proxied {
		out.who = e.principal(p)
	}
	out.source = e.number(append(kind, "as", out.who.text))
	return out
}

func (e *Engine) number(parts []string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := strings.Join(parts, "\x00")
	n, ok := e.numbers[key]
	if !ok {
		n = len(e.numbers)
		e.numbers[key] = n
	}
	return n
}

// traits are what objects of the mesh tell peers apart by, besides labels.
type traits struct {
	// addresses is true if some policy looks at addresses.
	addresses bool
	// hosts is true if it matters which Service is called, and from where.
	hosts bool
}

func (e *Engine) readTraits() traits {
	_, hidden := e.s.Gap(model.DestinationRules.GroupKind, "")
	out := traits{hosts: hidden || len(model.DestinationRules.In(e.s, "")) > 0 || len(model.Gateways.In(e.s, "")) > 0}
	for _, svc := range model.Services.In(e.s, "") {
		out.hosts = out.hosts || svc.Value.Spec.ClusterIP == "None"
	}
	for _, policies := range e.authz().byNamespace {
		for _, p := range policies {
			for _, r := range p.rules[httpChain] {
				out.addresses = out.addresses || r.any(func(t test) bool { return t.attribute == bySourceIP || t.attribute == byDestinationIP })
			}
		}
	}
	return out
}

// naming are the values by which the policies of a server tell callers apart.
type naming struct {
	values []nameValue
	facts  facts
}

type nameValue struct {
	test
	value, namespace string
	chain            chain
}

// named collects the values that the policies of a class of servers have: those
// of the pod's own proxy and of the waypoint in front of it.
func (e *Engine) named(target int, to model.Peer) *naming {
	return e.namings.get(target, func() *naming {
		out := &naming{facts: facts{config: &e.config, domainWhy: e.domainWhy}}
		seen := map[string]bool{}
		add := func(at place, c chain) {
			for _, p := range e.authz().at(at).policies {
				for _, r := range p.rules[c] {
					out.add(p, r, c, seen)
				}
			}
		}
		c := httpChain
		if d, _ := e.Dataplane(to); d == model.AmbientProxy {
			c = ztunnelChain
		}
		add(e.podPlace(to), c)
		if way, found := e.waypointOf(Request{To: to}); found {
			add(way.place, httpChain)
		}
		return out
	})
}

func (n *naming) add(p *policy, r rule, c chain, seen map[string]bool) {
	r.any(func(t test) bool {
		for _, v := range t.values {
			one := nameValue{t, v, p.Ref.Namespace, c}
			key := fmt.Sprint(t.attribute, v, one.namespace, c)
			if t.identity() && !seen[key] {
				seen[key] = true
				n.values = append(n.values, one)
			}
		}
		return false
	})
}

// of is which of the values a caller has, a bit for each; ok is false where
// there are too many.
func (n *naming) of(who principal) (bits uint64, ok bool) {
	if len(n.values) > 64 {
		return 0, false
	}
	f := n.facts
	f.peer = who
	for i, v := range n.values {
		f.chain, f.namespace = v.chain, v.namespace
		if f.identity(v.test, v.value).truth != no {
			bits |= 1 << i
		}
	}
	return bits, true
}
