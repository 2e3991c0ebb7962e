// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"net/netip"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Protocol is what Istio takes the server's port for.
type Protocol int

// The protocols. ProtocolUnknown is one: a port that says nothing is looked at
// by the proxy, so that both HTTP and TCP may come.
const (
	ProtocolUnknown Protocol = iota
	HTTP
	TCP
)

// Request is one request, or connection, from one end to another. A field that
// is left empty stands for any value: see Engine.Authorize.
type Request struct {
	From, To model.Peer
	// Via is the pod of the gateway that the request passes on its way; nil if
	// none does. Of a Service with a waypoint the engine finds it by itself.
	Via *model.Peer
	// Host is the FQDN that is called. Empty stands for the Service in front of the
	// server, if there is one and no other.
	Host string
	// Subset is that of the route, if any.
	Subset string
	// Port is the port of the workload, ServicePort that of the Service; 0 for any.
	Port, ServicePort int32
	Protocol          Protocol
	// Method and Path are those of HTTP; the path may have a query.
	Method, Path string
	// Authority is what the client sends as Host; empty for any.
	Authority string
	// Headers are what the client sends: nil for any, otherwise one that is not
	// named is not sent. Names ignore case.
	Headers map[string]string
	// Claims are those of the valid token that the client sends: nil for any or
	// none, empty for no token.
	Claims map[string]any
	// FromIP is the address of the client that X-Forwarded-For shows.
	FromIP netip.Addr
	// Plaintext makes the client send without the mesh's mutual TLS, as if it had
	// no proxy: so do init containers, and calls to the address of a pod.
	Plaintext bool
}

// noToken reports that the request certainly has no token.
func (r Request) noToken() bool { return r.Claims != nil && len(r.Claims) == 0 }
