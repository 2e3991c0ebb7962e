// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// path is the way of one request from one pod (or address) to another, as far
// as it has come.
type path struct {
	e    *Engine
	from End
	t    target
	// r is the request as it is now: a route may rewrite it.
	r   Request
	src model.Peer
	// plane is what stands between the source and the network, and why.
	plane    model.Dataplane
	planeWhy string
	// past is true where the request goes past the proxy of the source.
	past bool
	// leg is where the route sends the request.
	leg leg
	dst model.Peer
	// port is that of the destination's pod, 0 if it is not known.
	port int32
	hops []verdict.Hop
	// dead is true when there is no destination to look any further at.
	dead bool
}

// branch is a copy that goes on by itself.
func (p *path) branch() *path {
	out := *p
	out.hops = slices.Clone(p.hops)
	return &out
}

func (p *path) add(h verdict.Hop) { p.hops = append(p.hops, h) }

// say adds a hop that no object decides.
func (p *path) say(n verdict.Number, v verdict.Verdict, format string, args ...any) *verdict.Hop {
	return p.by(n, v, verdict.Decider{Reason: fmt.Sprintf(format, args...)})
}

// by adds a hop that an object decides.
func (p *path) by(n verdict.Number, v verdict.Verdict, d verdict.Decider) *verdict.Hop {
	p.add(verdict.Hop{Number: n, Name: stations[n], Verdict: v, Decider: d})
	return &p.hops[len(p.hops)-1]
}

// stations are the names of the hops that this package decides itself.
var stations = map[verdict.Number]string{
	verdict.Source: "source", verdict.Name: "name", verdict.EgressScope: "egress scope", verdict.Route: "route",
	verdict.Destination: "destination", verdict.Port: "port", verdict.Arrival: "arrival",
	verdict.NetworkPolicy: "NetworkPolicy", verdict.MTLS: "mTLS", verdict.JWT: "JWT", verdict.Authorization: "AuthorizationPolicy",
}

// decider names an object and one of its fields.
func decider(o *model.Object, pointer, rule, format string, args ...any) verdict.Decider {
	return verdict.Decider{Object: o.Ref, Pointer: pointer, Where: o.Where(pointer), Rule: rule, Reason: fmt.Sprintf(format, args...)}
}

// proxied reports whether a sidecar of the source takes the request; sure is
// false where nobody can tell.
func (p *path) proxied() (applies, sure bool) {
	if p.past || !p.src.IsPod() {
		return false, true
	}
	return p.plane == model.SidecarProxy || p.plane == model.DataplaneUnknown, p.plane != model.DataplaneUnknown
}

// ifProxied weakens a denial of the sidecar where nobody knows whether there is one.
func (p *path) ifProxied(h *verdict.Hop) {
	if _, sure := p.proxied(); sure {
		return
	}
	if h.Verdict == verdict.Deny {
		h.Verdict = verdict.Unknown
	}
	h.Notes = append(h.Notes, "holds if the caller has a sidecar, which is not known: "+p.planeWhy)
}

// source is hop 1.
func (p *path) source() {
	src := p.src
	switch {
	case src.Node:
		p.say(verdict.Source, verdict.None, "the node of the target")
		return
	case !src.IsPod():
		p.say(verdict.Source, verdict.None, "%s is outside of the cluster, without an identity", p.from.Text)
		return
	case src.Pod.Value != nil && model.PodEnded(src.Pod.Value):
		p.by(verdict.Source, verdict.Deny, decider(src.Pod.Object, "", "", "the pod has ended (%s)", src.Pod.Value.Status.Phase))
		return
	}
	proxy := "no proxy"
	switch p.plane {
	case model.SidecarProxy:
		proxy = "sidecar"
	case model.AmbientProxy:
		proxy = "ambient"
	case model.DataplaneUnknown:
		proxy = "proxy not known: " + p.planeWhy
	}
	d := verdict.Decider{Reason: fmt.Sprintf("runs as ServiceAccount %s/%s; %s", src.Namespace, src.Account(), proxy)}
	if o := objectOf(src); o != nil {
		d.Object, d.Where = o.Ref, o.Where("")
	}
	h := p.by(verdict.Source, verdict.Allow, d)
	switch {
	case p.r.Plaintext:
		p.past = true
		h.Notes = append(h.Notes, "sends past its proxy, as was asked")
	case p.plane == model.SidecarProxy && p.excluded():
		p.past = true
		h.Notes = append(h.Notes, fmt.Sprintf("its annotations exclude port %d from the sidecar: the request goes out as it is", p.t.number))
	}
	if src.HostNetwork() {
		h.Notes = append(h.Notes, "uses the network of its node: what policies make of that depends on the network plugin")
	}
}

// excluded reports whether annotations take the port out of the sidecar's hands.
func (p *path) excluded() bool {
	return lists(p.src.Annotations["traffic.sidecar.istio.io/excludeOutboundPorts"], p.t.number)
}

// lists reports whether a list of an annotation names a port.
func lists(list string, port int32) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool { return strings.TrimSpace(s) == strconv.Itoa(int(port)) })
}

// objectOf is the object that describes a pod: its workload, else itself.
func objectOf(p model.Peer) *model.Object {
	switch {
	case p.Workload != nil:
		return p.Workload.Object
	case p.Pod.Object != nil:
		return p.Pod.Object
	}
	return nil
}

// peerText is a pod or address for people.
func peerText(p model.Peer) string {
	switch {
	case p.Node:
		return "kubelet"
	case p.Pod.Object != nil:
		return p.Pod.Ref.Namespace + "/pod/" + p.Pod.Ref.Name
	case p.Workload != nil:
		return text(p.Workload.Ref)
	case p.IsPod():
		return "a pod of " + p.Namespace
	case p.Block == outside.Block:
		return "internet"
	case p.Block.IsSingleIP():
		return p.Block.Addr().String()
	}
	return p.Block.String()
}

// unready reports a live pod that takes no traffic.
func unready(p model.Peer) bool {
	return p.Pod.Value != nil && !model.PodReady(p.Pod.Value)
}

// gatewayOf is the Gateway that an end is; the zero Ref for others.
func gatewayOf(x End) ref.Ref {
	if x.Object.Kind == model.Gateways.Kind.Kind {
		return x.Object
	}
	return ref.Ref{}
}

// headless reports whether a Service has no address of its own.
func headless(svc *corev1.Service) bool { return svc.Spec.ClusterIP == corev1.ClusterIPNone }
