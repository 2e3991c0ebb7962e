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
	excludeRanges   = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
	includeRanges   = "traffic.sidecar.istio.io/includeOutboundIPRanges"
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
func left(p model.Peer, port int32) bool {
	return port != 0 && listed(p.Annotations[excludeOutbound], port)
}

// outboundRanges is the annotation by which a pod hands only some addresses to
// its sidecar, which no file tells of a Service; empty for none.
func outboundRanges(p model.Peer) string {
	if p.Annotations[excludeRanges] != "" {
		return excludeRanges
	}
	if only, set := p.Annotations[includeRanges]; set && only != "*" {
		return includeRanges
	}
	return ""
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

// Ports are the ports of a pod that mutual TLS treats differently from those
// that nothing names, sorted: with a mode of their own, or past the proxy.
func (e *Engine) Ports(p model.Peer) []int32 {
	var out []int32
	for _, one := range e.peers().at(place{namespace: p.Namespace, labels: p.Labels}).policies {
		for port := range one.Value.Spec.GetPortLevelMtls() {
			out = append(out, int32(port))
		}
	}
	for _, list := range []string{p.Annotations[excludeInbound], p.Annotations[includeInbound]} {
		for text := range strings.SplitSeq(list, ",") {
			if n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16); err == nil {
				out = append(out, int32(n))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
