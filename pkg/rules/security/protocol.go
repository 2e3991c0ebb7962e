// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// protocol is what Istio takes a port for.
type protocol int

// unknownProtocol is a port that says nothing: the proxy finds out by itself.
const (
	unknownProtocol protocol = iota
	httpProtocol
	tcpProtocol
)

// protocolOf follows Istio's protocol selection: appProtocol, else the name up
// to the first dash (pkg/config/kube/conversion.go ConvertProtocol). TLS that
// the proxy does not end is TCP to it, and so are databases.
func protocolOf(p corev1.ServicePort) protocol {
	if p.Protocol == corev1.ProtocolUDP {
		return unknownProtocol
	}
	name, _, _ := strings.Cut(p.Name, "-")
	if p.AppProtocol != nil {
		name = *p.AppProtocol
	} else if strings.HasPrefix(p.Name, "grpc-web") {
		name = "grpc-web"
	}
	switch name = strings.ToLower(name); {
	case slices.Contains([]string{"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws", "gateway.networking.k8s.io/h2c"}, name):
		return httpProtocol
	case slices.Contains([]string{"tcp", "tls", "https", "mongo", "mysql", "redis"}, name):
		return tcpProtocol
	}
	return unknownProtocol
}
