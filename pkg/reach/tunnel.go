// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
)

// hbone is the port of the tunnels between ambient pods.
const hbone = 15008

// waypoint is the pod of the waypoint that a request passes.
func (e *Engine) waypoint(r mesh.Request) (model.Peer, bool) {
	ns, name, _ := strings.Cut(e.mesh.Waypoint(r), "/")
	gw, found := model.Gateways.Get(e.s, ns, name)
	if !found {
		return model.Peer{}, false
	}
	return e.apiGateway(gw.Object, string(gw.Value.Spec.GatewayClassName)).Peers[0], true
}

// waypoints are the pods of all waypoints, as ends of a matrix.
func (e *Engine) waypoints() []extraEnd {
	var out []extraEnd
	for _, gw := range model.Gateways.In(e.s, "") {
		if class := string(gw.Value.Spec.GatewayClassName); class == "istio-waypoint" {
			end := e.apiGateway(gw.Object, class)
			out = append(out, extraEnd{gw.Ref.Namespace + "/" + gw.Ref.Name, end.Peers[0]})
		}
	}
	return out
}

// reached is what the network lets through between all pods of two units: of TCP
// between ambient pods it is the port of the tunnel that counts, and with a
// waypoint the way to it and the way from it.
func (t *table) reached(u, v *unit) (allowed, unknown network.PortSet) {
	allowed, unknown = t.ports(u.classes, v.classes)
	if u.plane == model.AmbientProxy && len(v.workloads) > 0 {
		sure, unsure := t.tunnelled(u, v, allowed, unknown)
		tcp := network.NewPortSet(network.PortRange{Protocol: corev1.ProtocolTCP, Last: lastPort})
		allowed, unknown = allowed.Minus(tcp).Or(sure.And(tcp)), unknown.Minus(tcp).Or(unsure.And(tcp))
	} else if len(u.classes) == 1 && len(v.classes) == 1 {
		return allowed, unknown // of the matrix, which makes each set once
	}
	return t.same(allowed), t.same(unknown)
}

// same is the one set of these ports that keys may be made of.
func (t *table) same(s network.PortSet) network.PortSet {
	key := s.String()
	known, found := t.known[key]
	if !found {
		known, t.known[key] = s, s
	}
	return known
}

// tunnelled is what ambient pods reach over TCP, given what the network lets
// through between the ends themselves.
func (t *table) tunnelled(u, v *unit, sure, unsure network.PortSet) (network.PortSet, network.PortSet) {
	way, passes := t.waypoints[v.waypoint]
	if passes {
		sure, unsure = t.ports(way, v.classes)
	}
	if v.plane == model.AmbientProxy {
		sure, unsure = throughTunnel(sure, unsure)
	}
	if !passes {
		return sure, unsure
	}
	first, perhaps := throughTunnel(t.ports(u.classes, way))
	some := sure.Or(unsure).And(first.Or(perhaps))
	sure = sure.And(first)
	return sure, some.Minus(sure)
}

// throughTunnel is every port where the port of the tunnel is open, else none.
func throughTunnel(sure, unsure network.PortSet) (network.PortSet, network.PortSet) {
	switch {
	case sure.Contains(corev1.ProtocolTCP, hbone):
		return network.AllPorts(), network.PortSet{}
	case unsure.Contains(corev1.ProtocolTCP, hbone):
		return network.PortSet{}, network.AllPorts()
	}
	return network.PortSet{}, network.PortSet{}
}
