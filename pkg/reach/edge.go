// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// edgeTLS is why PeerAuthentication has no say at a gateway: the proxy of a
// gateway listens where its Gateways say, with the TLS of their servers
// (pilot/pkg/networking/core/gateway.go).
const edgeTLS = "a gateway: the tls of its servers decides, not PeerAuthentication"

// gatewayLabel is the label of the pods of a Gateway of the Gateway API.
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// findDoorways are the workloads whose pods are gateways.
func (e *Engine) findDoorways() map[*model.Workload]bool {
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

// edge reports whether a port of a pod is one of a gateway.
func (e *Engine) edge(p model.Peer, port int32) bool {
	if slices.Contains([]int32{15008, 15020, 15021, 15090}, port) {
		return false
	}
	return p.Labels[gatewayLabel] != "" || p.Workload != nil && e.doorways()[p.Workload]
}

// admits is what the mesh makes of all requests from one peer to another.
func (e *Engine) admits(from, to model.Peer, port int32) mesh.Summary {
	if !e.edge(to, port) {
		return e.mesh.Admits(from, to, port)
	}
	out := mesh.Summary{Answer: mesh.Yes}
	for _, h := range e.mesh.Authorize(mesh.Request{From: from, To: to, Port: port}) {
		switch {
		case h.Verdict == verdict.Deny:
			return mesh.Summary{Answer: mesh.No, Words: h.Reason, By: h.Object}
		case h.Verdict == verdict.Unknown && out.Answer == mesh.Yes:
			out = mesh.Summary{Answer: mesh.Conditions, Words: h.Reason, By: h.Object}
		}
	}
	return out
}
