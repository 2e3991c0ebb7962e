// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

type virtualService = model.Item[istionetv1.VirtualService]

// leg is one place that a route sends requests to.
type leg struct {
	host, subset string
	// port is that of the destination, 0 for the one that was called.
	port int32
	// text says which part of the requests it gets, empty for all.
	text string
	// by is the route, at the place of the destination in it; nil without one.
	by *model.Object
	at string
	// r is the request as the route passes it on.
	r Request
}

// straight is the way of a request that no route touches.
func (p *path) straight() []leg { return []leg{{host: p.t.host, r: p.r}} }

// route is hop 4: the VirtualService of the host and its route for the request.
func (p *path) route() []leg {
	gateway := gatewayOf(p.from)
	applies, _ := p.proxied()
	switch {
	case p.t.host == "" || !applies:
		p.say(verdict.Route, verdict.None, "no proxy of the caller routes it")
		return p.straight()
	case p.t.service == nil && gateway.Name == "" && len(p.t.peers) == 0 && !p.e.routed(p.t.host):
		p.say(verdict.Route, verdict.None, "no VirtualService is about the host")
		return p.straight()
	}
	if gap, hidden := p.e.s.Gap(model.VirtualServices.GroupKind, p.src.Namespace); hidden {
		p.say(verdict.Route, verdict.Unknown, "%s", gap.Reason)
		return p.straight()
	}
	if gateway.Name != "" {
		return p.gatewayRoute(gateway.Namespace + "/" + gateway.Name)
	}
	vs, found := p.e.meshRoute(p.t.host, p.src)
	if !found {
		h := p.say(verdict.Route, verdict.None, "no VirtualService is about the host")
		p.meshHTTPRoutes(h)
		return p.straight()
	}
	if p.t.service != nil && p.t.port == nil && p.t.number != 0 {
		return p.astray(vs)
	}
	return p.through(vs, "mesh")
}

// astray goes on where a VirtualService has the host and its Service lacks the port.
// Proxies have a host's routes at the ports of its Service alone, whatever ports the
// routes lead to. HTTP that meets a port of other Services is routed all the same, if
// it is 80 or they share the VirtualService (Istio's separateVSHostsAndServices): on
// that nobody should build.
func (p *path) astray(vs virtualService) []leg {
	shared := slices.ContainsFunc(model.Services.In(p.e.s, ""), func(svc model.Item[corev1.Service]) bool {
		return (p.t.number == 80 || p.e.takes(vs, p.e.s.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name)) != "") &&
			slices.ContainsFunc(svc.Value.Spec.Ports, func(sp corev1.ServicePort) bool { return sp.Port == p.t.number && protocolOf(sp) != mesh.TCP })
	})
	if !shared || len(vs.Value.Spec.GetHttp()) == 0 {
		p.by(verdict.Route, verdict.None, decider(vs.Object, "/spec/hosts", "", "routes the ports that %s has, and %d is none of them", text(p.t.service.Ref), p.t.number))
		return p.straight()
	}
	legs := p.through(vs, "mesh")
	if h := &p.hops[len(p.hops)-1]; h.Verdict == verdict.Allow {
		h.Verdict = verdict.Unknown
		h.Reason = fmt.Sprintf("%s has no port %d: proxies route it only where other Services bring it", text(p.t.service.Ref), p.t.number)
	}
	return legs
}

// routed reports whether some VirtualService names a host.
func (e *Engine) routed(host string) bool {
	return slices.ContainsFunc(model.VirtualServices.In(e.s, ""), func(vs virtualService) bool { return e.takes(vs, host) != "" })
}

// takes returns the most specific host of a VirtualService that covers a host.
func (e *Engine) takes(vs virtualService, host string) string {
	best := ""
	for _, h := range vs.Value.Spec.GetHosts() {
		if h = e.s.FQDN(h, vs.Ref.Namespace); model.Covers(h, host) && specific(h, best) > 0 {
			best = h
		}
	}
	return best
}

// specific orders host patterns: names before wildcards, then the longer first.
func specific(a, b string) int {
	wild := func(s string) int {
		if strings.HasPrefix(s, "*") || s == "" {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(wild(a), wild(b)), cmp.Compare(len(a), len(b)))
}

// meshRoute is the one VirtualService that the sidecar of a pod goes by for a
// host: that of the most specific host, of several the oldest.
func (e *Engine) meshRoute(host string, src model.Peer) (virtualService, bool) {
	s, limited := e.sidecarOf(src)
	var all []virtualService
	for _, vs := range model.VirtualServices.In(e.s, "") {
		gateways := vs.Value.Spec.GetGateways()
		if e.takes(vs, host) == "" || len(gateways) > 0 && !slices.Contains(gateways, "mesh") ||
			!model.Exported(vs.Value.Spec.GetExportTo(), vs.Ref.Namespace, src.Namespace) ||
			limited && !imports(s, src.Namespace, vs.Ref.Namespace, host) {
			continue
		}
		all = append(all, vs)
	}
	if len(all) == 0 {
		return virtualService{}, false
	}
	return slices.MinFunc(all, func(a, b virtualService) int {
		return cmp.Or(specific(e.takes(b, host), e.takes(a, host)), a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time))
	}), true
}

// through follows a VirtualService.
func (p *path) through(vs virtualService, gateway string) []leg {
	spec := &vs.Value.Spec
	kind := mesh.ProtocolUnknown
	if p.t.port != nil {
		kind = protocolOf(*p.t.port)
	}
	if kind == mesh.ProtocolUnknown && (p.r.Method != "" || p.r.Path != "") {
		kind = mesh.HTTP
	}
	switch {
	case len(spec.GetHttp()) > 0 && kind != mesh.TCP:
		return p.httpRoutes(vs, gateway)
	case len(spec.GetTcp()) > 0 && kind != mesh.HTTP:
		return p.tcpRoutes(vs, gateway)
	case len(spec.GetTls()) > 0 && kind != mesh.HTTP:
		p.by(verdict.Route, verdict.Unknown, decider(vs.Object, "/spec/tls", "", "routes by the server name of TLS, which is not known"))
	default:
		p.by(verdict.Route, verdict.None, decider(vs.Object, "", "", "has no routes for this protocol"))
	}
	return p.straight()
}

// gatewayRoute finds the routes of a Gateway that lead to the target.
func (p *path) gatewayRoute(gateway string) []leg {
	for _, vs := range model.VirtualServices.In(p.e.s, "") {
		bound := slices.ContainsFunc(vs.Value.Spec.GetGateways(), func(g string) bool { return gatewayName(g, vs.Ref.Namespace) == gateway })
		named := p.r.Host == "" || slices.ContainsFunc(vs.Value.Spec.GetHosts(), func(h string) bool { return model.Covers(h, p.r.Host) })
		if bound && named && p.e.leads(vs, p.t.host) {
			return p.through(vs, gateway)
		}
	}
	h := p.say(verdict.Route, verdict.None, "no VirtualService of the Gateway leads to it")
	p.gatewayHTTPRoutes(h)
	return p.straight()
}

// leads reports whether some route of a VirtualService has a host as destination.
func (e *Engine) leads(vs virtualService, host string) bool {
	for _, r := range vs.Value.Spec.GetHttp() {
		for _, d := range r.GetRoute() {
			if e.s.FQDN(d.GetDestination().GetHost(), vs.Ref.Namespace) == host {
				return true
			}
		}
		if r.GetDelegate() != nil {
			return true
		}
	}
	for _, r := range vs.Value.Spec.GetTcp() {
		for _, d := range r.GetRoute() {
			if e.s.FQDN(d.GetDestination().GetHost(), vs.Ref.Namespace) == host {
				return true
			}
		}
	}
	return false
}

// meshHTTPRoutes says that a route of the Gateway API is about the Service: such
// routes are not followed.
func (p *path) meshHTTPRoutes(h *verdict.Hop) {
	if p.t.service == nil {
		return
	}
	svc := p.t.service.Ref
	for _, route := range model.HTTPRoutes.In(p.e.s, "") {
		for _, parent := range route.Value.Spec.ParentRefs {
			if parent.Kind != nil && *parent.Kind == "Service" && string(parent.Name) == svc.Name && model.NamespaceOf(parent.Namespace, route.Ref.Namespace) == svc.Namespace {
				h.Verdict = verdict.Unknown
				h.Decider = decider(route.Object, "/spec/rules", "", "routes of the Gateway API inside the mesh are not followed")
				return
			}
		}
	}
}

// gatewayHTTPRoutes names the HTTPRoute by which a Gateway leads to the target.
func (p *path) gatewayHTTPRoutes(h *verdict.Hop) {
	if p.t.service == nil {
		return
	}
	svc := p.t.service.Ref
	for _, route := range model.HTTPRoutes.In(p.e.s, "") {
		ours := false
		for _, parent := range route.Value.Spec.ParentRefs {
			ours = ours || string(parent.Name) == p.from.Object.Name && model.NamespaceOf(parent.Namespace, route.Ref.Namespace) == p.from.Object.Namespace
		}
		for i := range route.Value.Spec.Rules {
			for _, b := range route.Value.Spec.Rules[i].BackendRefs {
				if ours && string(b.Name) == svc.Name && model.NamespaceOf(b.Namespace, route.Ref.Namespace) == svc.Namespace {
					h.Verdict = verdict.Allow
					h.Decider = decider(route.Object, "/spec/rules", "", "leads to %s", text(svc))
					h.Notes = append(h.Notes, "which requests its rules take is not looked at")
					return
				}
			}
		}
	}
}
