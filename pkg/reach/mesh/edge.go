// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// ServerGateway is the mode of a gateway's ports: the proxy of a gateway listens
// where its Gateways say, with the TLS of their servers, whatever
// PeerAuthentications say (pilot/pkg/networking/core/gateway.go).
const ServerGateway ServerMode = "gateway"

// The reasons of what depends on the servers of a gateway.
const (
	edgeTLS  = "a gateway: the tls of its servers decides, not PeerAuthentication"
	edgePeer = "whether the gateway asks callers for the mesh's certificates"
)

// readDoorways are the workloads whose pods are gateways of Istio.
func (e *Engine) readDoorways() map[*model.Workload]bool {
	out := map[*model.Workload]bool{}
	for _, gw := range model.IstioGateways.In(e.s, "") {
		if selector := gw.Value.Spec.GetSelector(); len(selector) > 0 {
			for _, w := range e.s.SelectAnywhere(labels.SelectorFromSet(selector)) {
				out[w] = true
			}
		}
	}
	return out
}

// doorway reports whether a pod is a gateway.
func (e *Engine) doorway(p model.Peer) bool {
	if name := p.Labels[gatewayLabel]; name != "" {
		return !e.isWaypoint(p.Namespace, name)
	}
	return p.Workload != nil && e.doorways()[p.Workload]
}

// edge reports whether a port of a pod is one of a gateway, not of the proxy itself.
func (e *Engine) edge(p model.Peer, port int32) bool {
	return port != 15008 && !slices.Contains(proxyPorts, port) && e.doorway(p)
}
