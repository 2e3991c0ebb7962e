// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"

	istiosecurity "istio.io/api/security/v1beta1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// The protocols in which a proxy sees requests. Of the others it sees connections.
var (
	httpProtocols = []string{"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"}
	grpcProtocols = []string{"grpc", "grpc-web"}
)

func (p port) isHTTP() bool { return slices.Contains(httpProtocols, p.spoken) }

// asks is what a caller may ask for, on ports as the one who carries the rule out
// knows them; no ports are all.
func (c call) asks(ports []string) []*istiosecurity.Rule_To {
	var out []*istiosecurity.Rule_To
	for _, a := range c.to.allowed(c) {
		out = append(out, &istiosecurity.Rule_To{Operation: &istiosecurity.Operation{Methods: a.Methods, Paths: a.Paths, Ports: ports}})
	}
	if len(out) == 0 && len(ports) > 0 {
		out = append(out, &istiosecurity.Rule_To{Operation: &istiosecurity.Operation{Ports: ports}})
	}
	return out
}

// allowed is what narrows a call; nothing where the caller may ask for anything.
func (s *service) allowed(c call) []api.Allow {
	var out []api.Allow
	for _, a := range s.Allow {
		if a.From == c.from.name && c.port.isHTTP() {
			out = append(out, a)
		}
	}
	return out
}
