// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// arrive goes the rest of the way, to one endpoint: hops 6 to 11.
func (p *path) arrive(dst model.Peer, at place) {
	p.dst = dst
	sp, ok := p.portHop(at)
	if !ok {
		p.dead = true
		return
	}
	p.network(sp)
	p.meshHops(sp)
	p.arrival(at)
}

// portHop is hop 6: the pod's port behind the port that is called.
func (p *path) portHop(at place) (*corev1.ServicePort, bool) {
	if at.service == nil {
		p.port = p.t.number
		if p.port == 0 {
			p.say(verdict.Port, verdict.Unknown, "no port is declared: name one (%s:PORT)", peerText(p.dst))
			return nil, true
		}
		p.say(verdict.Port, verdict.None, "%s %d, called directly", p.t.protocol, p.port)
		return nil, true
	}
	svc := *at.service
	i := p.servicePort(svc)
	if i < 0 {
		var has []string
		for _, sp := range svc.Value.Spec.Ports {
			has = append(has, portText(sp))
		}
		h := p.by(verdict.Port, verdict.Deny, decider(svc.Object, svc.Existing("/spec", "/ports"), "", "no %s port %d: it has %s", p.t.protocol, p.wanted(), orNone(has)))
		h.ID = "KM8008"
		return nil, false
	}
	sp := &svc.Value.Spec.Ports[i]
	where := svc.Existing(patch.Pointer("spec", "ports", i), "/targetPort", "/port")
	number, found := podPortOf(*sp, p.dst)
	if !found {
		if p.dst.Workload == nil && p.dst.IsPod() { // a stand-in: its ports are not known
			p.by(verdict.Port, verdict.Unknown, decider(svc.Object, where, "", "targetPort %s is the name of a port of pods that are not in view", sp.TargetPort.String()))
			return sp, true
		}
		h := p.by(verdict.Port, verdict.Deny, decider(svc.Object, where, "", "%s has no port named %s", peerText(p.dst), sp.TargetPort.String()))
		h.ID = "KM3003"
		return nil, false
	}
	p.port = number
	h := p.by(verdict.Port, verdict.Allow, decider(svc.Object, where, "", "%s leads to pod port %d (%s)", portText(*sp), number, protocolText(*sp)))
	if declared := containerPorts(p.dst); len(declared) > 0 && !slices.ContainsFunc(declared, func(c corev1.ContainerPort) bool { return c.ContainerPort == number }) {
		h.Notes = append(h.Notes, fmt.Sprintf("no container declares port %d", number))
	}
	if policy := svc.Value.Spec.InternalTrafficPolicy; policy != nil && *policy == corev1.ServiceInternalTrafficPolicyLocal {
		h.Notes = append(h.Notes, "internalTrafficPolicy Local: only pods of the caller's node are reached")
	}
	return sp, true
}

func protocolText(sp corev1.ServicePort) string {
	if orTCP(sp.Protocol) != corev1.ProtocolTCP {
		return string(sp.Protocol)
	}
	switch protocolOf(sp) {
	case mesh.HTTP:
		return "HTTP"
	case mesh.TCP:
		return "TCP"
	}
	return "protocol not named"
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// wanted is the number of the Service's port that is called.
func (p *path) wanted() int32 {
	if p.leg.port != 0 {
		return p.leg.port
	}
	return p.t.number
}

// servicePort finds the port of a Service, or its only one.
func (p *path) servicePort(svc model.Item[corev1.Service]) int {
	ports := svc.Value.Spec.Ports
	i := slices.IndexFunc(ports, func(sp corev1.ServicePort) bool { return sp.Port == p.wanted() && orTCP(sp.Protocol) == p.t.protocol })
	if i < 0 && p.leg.port == 0 && p.leg.host != p.t.host && len(ports) == 1 {
		return 0 // a route to a Service with one port leads there
	}
	return i
}

// stretch is a part of the way that the network sees as one connection.
type stretch struct {
	from, to model.Peer
	port     int32
	// text tells the parts apart, empty if there is one.
	text string
}

// stretches are the connections that a request is made of: one, on the pod's
// port or, in ambient mode, that of the tunnel; two where a waypoint is between.
func (p *path) stretches(sp *corev1.ServicePort) []stretch {
	plane, _ := p.e.mesh.Dataplane(p.dst)
	if p.plane != model.AmbientProxy || p.past || p.t.protocol != corev1.ProtocolTCP {
		return []stretch{{p.src, p.dst, p.port, ""}}
	}
	server := int32(hbone)
	if plane != model.AmbientProxy {
		server = p.port
	}
	if point, found := p.e.waypoint(p.meshRequest(sp)); found {
		return []stretch{{p.src, point, hbone, " to the waypoint"}, {point, p.dst, server, " from the waypoint"}}
	}
	return []stretch{{p.src, p.dst, server, ""}}
}

// network is hop 7.
func (p *path) network(sp *corev1.ServicePort) {
	for _, s := range p.stretches(sp) {
		egress, ingress := p.e.net.Decide(network.Connection{From: s.from, To: s.to, Protocol: p.t.protocol, Port: s.port})
		for _, h := range []verdict.Hop{egress, ingress} {
			h.Name += s.text
			switch {
			case h.Verdict != verdict.Deny:
			case s.port == 0:
				h.Verdict = verdict.Unknown
				h.Reason = "the port is not known: " + h.Reason
			case p.dst.Block == outside.Block && p.leg.host != "":
				h.Verdict = verdict.Unknown
				h.Reason = fmt.Sprintf("the addresses of %s are not known; others are denied: %s", p.leg.host, h.Reason)
			}
			if s.port == hbone && p.port != hbone && h.Verdict != verdict.None {
				h.Notes = append(h.Notes, "ambient: the network sees port 15008 of the tunnel in place of the pod's")
				if h.Verdict == verdict.Deny {
					h.ID = "KM7004"
				}
			}
			p.add(h)
		}
	}
}

// meshHops are hops 8 to 10.
func (p *path) meshHops(sp *corev1.ServicePort) {
	r := p.meshRequest(sp)
	_, tls := p.e.mesh.TLS(r)
	p.add(tls)
	p.add(p.e.mesh.JWT(r))
	authorized := p.e.mesh.Authorize(r)
	if len(authorized) == 0 {
		p.say(verdict.Authorization, verdict.None, "nothing enforces policies")
	}
	for _, h := range authorized {
		p.add(inPart(h))
	}
}

// inPart is a hop of which some requests get through: whether one end may call
// the other is then a yes, with what it takes.
func inPart(h verdict.Hop) verdict.Hop {
	if h.Verdict == verdict.Unknown && len(h.Open) > 0 {
		h.Verdict = verdict.Allow
	}
	return h
}

// meshRequest is the request as the mesh sees it.
func (p *path) meshRequest(sp *corev1.ServicePort) mesh.Request {
	r := mesh.Request{
		From: p.src, To: p.dst, Host: p.leg.host, Subset: p.leg.subset, Port: p.port, Method: p.r.Method, Path: p.r.Path,
		Authority: p.r.Host, Headers: p.r.Headers, Plaintext: p.past,
	}
	switch {
	case sp != nil:
		r.ServicePort, r.Protocol = sp.Port, protocolOf(*sp)
	case p.t.protocol != corev1.ProtocolTCP:
		r.Protocol = mesh.TCP
	}
	if p.r.Claims != nil {
		r.Claims = map[string]any{}
		for k, values := range p.r.Claims {
			if len(values) == 1 {
				r.Claims[k] = values[0]
				continue
			}
			list := []any{}
			for _, v := range values {
				list = append(list, v)
			}
			r.Claims[k] = list
		}
	}
	if a, err := netip.ParseAddr(p.r.FromIP); err == nil {
		r.FromIP = a
	}
	return r
}

// arrival is hop 11: whether somebody listens, as far as a live world shows.
func (p *path) arrival(at place) {
	w := p.dst.Workload
	switch {
	case !p.dst.IsPod():
		p.say(verdict.Arrival, verdict.None, "not a pod")
	case p.dst.Pod.Value != nil && model.PodEnded(p.dst.Pod.Value):
		p.by(verdict.Arrival, verdict.Deny, decider(p.dst.Pod.Object, "/status/phase", "", "the pod has ended"))
	case at.unready:
		p.by(verdict.Arrival, verdict.Deny, decider(p.dst.Pod.Object, "/status/conditions", "", "no pod behind %s is ready (UH)", text(at.service.Ref))).ID = "KM3002"
	case unready(p.dst):
		h := p.by(verdict.Arrival, verdict.Allow, decider(p.dst.Pod.Object, "/status/conditions", "", "runs"))
		h.Notes = append(h.Notes, "the pod is not ready")
	case p.dst.Pod.Value != nil:
		p.by(verdict.Arrival, verdict.Allow, decider(p.dst.Pod.Object, "", "", "ready"))
	case w != nil && p.e.emptied(w):
		h := p.by(verdict.Arrival, verdict.None, decider(w.Object, "", "", "runs no pods"))
		h.Notes = append(h.Notes, "its template stands in for the pods")
	default:
		p.say(verdict.Arrival, verdict.None, "nothing runs yet")
	}
}
