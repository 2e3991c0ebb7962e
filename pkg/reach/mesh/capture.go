// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// proxyPorts are those of the sidecar itself, where no policy is met: health and
// merged metrics, health of the proxy, its own metrics.
var proxyPorts = []int32{15020, 15021, 15090}

// The annotations that take ports out of the proxy's hands, or name those in it.
const (
	excludeInbound  = "traffic.sidecar.istio.io/excludeInboundPorts"
	includeInbound  = "traffic.sidecar.istio.io/includeInboundPorts"
	excludeOutbound = "traffic.sidecar.istio.io/excludeOutboundPorts"
	rewriteProbes   = "sidecar.istio.io/rewriteAppHTTPProbers"
)

// captured reports whether connections to a port of a pod with a sidecar pass it.
func captured(p model.Peer, port int32) bool {
	if port == 0 {
		return true
	}
	if slices.Contains(proxyPorts, port) {
		return false
	}
	if only, set := p.Annotations[includeInbound]; set && only != "*" {
		return listed(only, port)
	}
	return !listed(p.Annotations[excludeInbound], port)
}

// left reports whether calls of a pod to a port pass by its sidecar.
func left(p model.Peer, ports ...int32) bool {
	return slices.ContainsFunc(ports, func(port int32) bool { return port != 0 && listed(p.Annotations[excludeOutbound], port) })
}

func listed(ports string, port int32) bool {
	return slices.ContainsFunc(strings.Split(ports, ","), func(s string) bool {
		return strings.TrimSpace(s) == strconv.Itoa(int(port))
	})
}

// probed says why a probe of the kubelet meets no policy; empty if it does. A
// sidecar answers probes on port 15020, and the node's network rules let them
// pass by ztunnel (cni/pkg/iptables).
func (e *Engine) probed(r Request) string {
	if !r.From.Node {
		return ""
	}
	switch d, _ := e.Dataplane(r.To); {
	case d == model.SidecarProxy && r.To.Annotations[rewriteProbes] != "false":
		return "probes are rewritten to port 15020 of the proxy"
	case d == model.AmbientProxy:
		return "probes come from 169.254.7.127 and pass by ztunnel"
	}
	return ""
}
