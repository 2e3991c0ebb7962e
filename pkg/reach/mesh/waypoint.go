// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// The labels and the class of waypoints
// (https://istio.io/latest/docs/ambient/usage/waypoint/).
const (
	waypointClass     = "istio-waypoint"
	useWaypoint       = "istio.io/use-waypoint"
	useWaypointIn     = "istio.io/use-waypoint-namespace"
	waypointFor       = "istio.io/waypoint-for"
	ingressUsesPoints = "istio.io/ingress-use-waypoint"
)

// way is a waypoint that a request passes.
type way struct {
	place place
	// as is who the waypoint is towards the server.
	as principal
	// pod is one of its pods, or nothing but a name.
	pod  model.Peer
	name string
}

// isWaypoint reports whether a Gateway is a waypoint.
func (e *Engine) isWaypoint(namespace, name string) bool {
	gw, found := model.Gateways.Get(e.s, namespace, name)
	return found && gw.Value.Spec.GatewayClassName == waypointClass
}

// Waypoint names the waypoint, "namespace/name", that a request passes between
// the ztunnels of both ends; empty if it passes none.
func (e *Engine) Waypoint(r Request) string {
	if way, found := e.waypoint(r); found {
		return way.name
	}
	return ""
}

// WaypointOf names the waypoint in front of a peer, "namespace/name", for calls
// of the only Service in front of it; empty if there is none.
func (e *Engine) WaypointOf(to model.Peer) string {
	if way, found := e.waypointOf(Request{To: to}); found {
		return way.name
	}
	return ""
}

// waypoint finds the waypoint of a request: that of the Service which is called,
// or of its namespace; where no Service is called, that of the pod. Clients in
// ambient mode pass it, and gateways where the Service says so; clients with a
// sidecar or without any proxy do not.
func (e *Engine) waypoint(r Request) (way, bool) {
	if r.Plaintext || !e.passes(r) {
		return way{}, false
	}
	return e.waypointOf(r)
}

// waypointOf finds the waypoint of the server, whoever calls.
func (e *Engine) waypointOf(r Request) (way, bool) {
	ns, name, isService := e.s.ServiceName(e.hostOf(r))
	svc, found := model.Services.Get(e.s, ns, name)
	isService = isService && found
	var on map[string]string
	kind := "workload"
	if isService {
		on, kind = svc.Value.Labels, "service"
	} else {
		on, ns = r.To.Labels, r.To.Namespace
	}
	wpNamespace, wp := e.wanted(on, ns)
	if wp == "" {
		return way{}, false
	}
	gw, found := model.Gateways.Get(e.s, wpNamespace, wp)
	if !found || gw.Value.Spec.GatewayClassName != waypointClass {
		return way{}, false
	}
	if serves := gw.Value.Labels[waypointFor]; serves != kind && serves != "all" && (serves != "" || kind != "service") {
		return way{}, false
	}
	out := e.wayOf(wpNamespace, wp)
	if isService {
		out.place.serviceKind, out.place.serviceNamespace, out.place.service = "Service", ns, name
	}
	return out, true
}

// passes reports whether the client hands its requests to waypoints.
func (e *Engine) passes(r Request) bool {
	if r.Via == nil {
		d, _ := e.Dataplane(r.From)
		return d == model.AmbientProxy
	}
	ns, name, _ := e.s.ServiceName(e.hostOf(r))
	if svc, found := model.Services.Get(e.s, ns, name); found && svc.Value.Labels[ingressUsesPoints] != "" {
		return svc.Value.Labels[ingressUsesPoints] == "true"
	}
	space, found := model.Namespaces.Get(e.s, "", ns)
	return found && space.Value.Labels[ingressUsesPoints] == "true"
}

// wanted is the waypoint that labels ask for: those of the object, then those of
// its namespace; "none" asks for none.
func (e *Engine) wanted(on map[string]string, namespace string) (wpNamespace, name string) {
	if on[useWaypoint] == "" {
		space, found := model.Namespaces.Get(e.s, "", namespace)
		if !found {
			return "", ""
		}
		on = space.Value.Labels
	}
	if on[useWaypoint] == "none" {
		return "", ""
	}
	if in := on[useWaypointIn]; in != "" {
		namespace = in
	}
	return namespace, on[useWaypoint]
}

// wayOf is a waypoint as a point of enforcement and as a client. Without a pod
// in view it runs as the ServiceAccount that Istio makes for it, of its name.
func (e *Engine) wayOf(namespace, name string) way {
	set := labels.Set{gatewayLabel: name}
	out := way{
		name:  namespace + "/" + name,
		place: place{namespace: namespace, labels: set, gateway: name, waypoint: true},
		as:    principalOf(e.config.TrustDomain, namespace, name),
		pod:   model.Peer{Namespace: namespace, Labels: set, Spec: &corev1.PodSpec{ServiceAccountName: name}},
	}
	for _, w := range e.s.Select(namespace, labels.SelectorFromSet(set)).Workloads {
		if peers := w.Peers(); len(peers) > 0 {
			out.pod, out.as = peers[0], e.principal(peers[0])
			out.place.labels = peers[0].Labels
			break
		}
	}
	return out
}

// waypointNotes are what to know about a server in ambient mode that calls may
// reach past its waypoint, or whose policies of ztunnel see the waypoint only.
func (e *Engine) waypointNotes(r Request, passed bool) []string {
	if passed {
		return []string{"behind a waypoint ztunnel sees the waypoint's identity, not the client's"}
	}
	asked := r
	asked.Plaintext, asked.Via = false, nil
	ns, name := e.wanted(r.To.Labels, r.To.Namespace)
	if svcNS, svc, ok := e.s.ServiceName(e.hostOf(asked)); ok {
		if item, found := model.Services.Get(e.s, svcNS, svc); found {
			ns, name = e.wanted(item.Value.Labels, svcNS)
		}
	}
	if name == "" {
		return nil
	}
	if !e.isWaypoint(ns, name) {
		return []string{fmt.Sprintf("waypoint %s/%s is not there: its policies are not enforced", ns, name)}
	}
	return []string{fmt.Sprintf("this call passes by waypoint %s/%s: its policies are not enforced", ns, name)}
}
