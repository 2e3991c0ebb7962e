// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import "github.com/kubectl-micro/kubectl-micro/pkg/model"

// wishes are what a pod says by itself about joining the mesh; the rest of the
// answer is on its namespace.
type wishes struct{ inject, injectNote, mode, revision string }

func wishesOf(p model.Peer) wishes {
	const inject = "sidecar.istio.io/inject"
	return wishes{p.Labels[inject], p.Annotations[inject], p.Labels["istio.io/dataplane-mode"], p.Labels["istio.io/rev"]}
}

// mayMeet reports whether a client's choice and a server's mode may come
// together. Files often leave the Namespace out, so that nobody knows whether
// its pods are in the mesh; two pods of it that wish for the same are in it both
// or neither, which leaves most answers known.
func (e *Engine) mayMeet(r Request, c clientChoice, s ServerMode) bool {
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	if r.Plaintext || client.Namespace != r.To.Namespace || wishesOf(client) != wishesOf(r.To) {
		return true
	}
	from, _ := e.Dataplane(client)
	to, _ := e.Dataplane(r.To)
	if from != model.DataplaneUnknown || to != model.DataplaneUnknown {
		return true
	}
	return (c.mode == ClientNoProxy) == (s == ServerNoProxy)
}
