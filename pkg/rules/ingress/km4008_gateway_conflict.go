// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4008", Slug: "gateway-conflict", Severity: finding.Error,
	Short: "Istio Gateways claim the same host and port of the same proxies",
	Why: `Istio merges the Gateways of a proxy port by port, the oldest first. It leaves out a TLS server
whose host another already has, and a server whose protocol does not go with that of the port:
its certificate is never used and its VirtualServices get no traffic. Plain HTTP servers of the same
host are merged, so that nobody can say which one's settings count.`,
	Fix:       `Let one Gateway have the host, and bind the VirtualServices of both to it.`,
	Reference: "https://istio.io/latest/docs/ops/common-problems/network-issues/",
	Aliases:   []string{"IST0145", "KIA0301"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.IstioGateways.Kind}),
	Check:     checkGatewayConflict,
})

// claim is a server of a Gateway on one set of proxies.
type claim struct {
	gw     model.Item[istionetv1.Gateway]
	server *networkingv1.Server
	index  int
}

// socket is where a server listens.
type socket struct {
	proxies, bind string
	port          uint32
}

func checkGatewayConflict(w *rules.World, emit rules.Emit) {
	gateways := model.IstioGateways.In(w.Snapshot, "")
	slices.SortStableFunc(gateways, func(a, b model.Item[istionetv1.Gateway]) int {
		return cmp.Or(a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time), ref.Compare(a.Ref, b.Ref))
	})
	pods := newProxies(w)
	before := map[socket][]claim{}
	for _, gw := range gateways {
		where := proxyKeys(gw, pods)
		for i, server := range gw.Value.Spec.Servers {
			if server.GetPort().GetNumber() == 0 {
				continue
			}
			c := claim{gw, server, i}
			reported := false
			for _, proxies := range where {
				at := socket{proxies, server.GetBind(), server.GetPort().GetNumber()}
				reported = reported || conflict(emit, c, before[at])
				before[at] = append(before[at], c)
			}
		}
	}
}

// proxyKeys says which proxies a Gateway is for: the workloads, or where these
// are not known, its selector.
func proxyKeys(gw model.Item[istionetv1.Gateway], pods *proxies) []string {
	workloads := pods.of(gw.Value)
	if len(workloads) == 0 {
		return []string{labels.Set(gw.Value.Spec.Selector).String()}
	}
	var out []string
	for _, workload := range workloads {
		out = append(out, workload.Ref.String())
	}
	return out
}

// conflict reports the first of the earlier servers that a later one cannot be
// merged with.
func conflict(emit rules.Emit, c claim, before []claim) bool {
	for _, b := range before {
		both := sharedHosts(b, c)
		at, f := patch.Pointer("spec", "servers", c.index), (*finding.Finding)(nil)
		port := c.server.GetPort().GetNumber()
		switch {
		case protocolClass(b.server) != protocolClass(c.server):
			f = emit(c.gw.Object, at+"/port/protocol", "port %d speaks %s here and %s in %s: Istio leaves out the later", port,
				c.server.GetPort().GetProtocol(), b.server.GetPort().GetProtocol(), other(b, c))
		case len(both) == 0:
			continue
		case terminates(c.server):
			f = emit(c.gw.Object, at+"/hosts", "host %s on port %d is taken by %s: Istio leaves out the later", strings.Join(both, ", "), port, other(b, c))
		case b.server.GetTls().GetHttpsRedirect() != c.server.GetTls().GetHttpsRedirect():
			f = emit(c.gw.Object, at+"/tls/httpsRedirect", "host %s on port %d redirects to HTTPS in only one of this and %s", strings.Join(both, ", "), port, other(b, c))
			f.Severity, f.Confidence = finding.Warning, finding.Likely
		default:
			f = emit(c.gw.Object, at+"/hosts", "host %s on port %d is also served by %s", strings.Join(both, ", "), port, other(b, c))
			f.Severity = finding.Info
		}
		if !b.gw.Ref.Same(c.gw.Ref) {
			f.Related = []ref.Ref{b.gw.Ref}
		}
		return true
	}
	return false
}

// other names the server that was there before.
func other(b, c claim) string {
	if b.gw.Ref.Same(c.gw.Ref) {
		return fmt.Sprintf("server %d of the same Gateway", b.index)
	}
	return b.gw.Ref.String()
}

// protocolClass tells the protocols of a port apart that Istio cannot merge.
func protocolClass(s *networkingv1.Server) string {
	switch p := strings.ToUpper(s.GetPort().GetProtocol()); p {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB":
		return "HTTP"
	case "HTTPS", "TLS":
		return "TLS"
	default:
		return p
	}
}

// terminates reports whether a server ends TLS or looks into it: there, a host
// can be had once.
func terminates(s *networkingv1.Server) bool {
	return protocolClass(s) == "TLS" && s.GetTls().GetMode() != networkingv1.ServerTLSSettings_AUTO_PASSTHROUGH
}

// sharedHosts are the hosts that two servers both name, for VirtualServices of
// the same namespaces.
func sharedHosts(a, b claim) []string {
	var out []string
	for _, host := range a.server.GetHosts() {
		for _, h := range b.server.GetHosts() {
			if plain(host, a.gw.Ref.Namespace) == plain(h, b.gw.Ref.Namespace) {
				out = append(out, h)
			}
		}
	}
	return out
}

// plain writes a server's host in one way: "*/" is the default, "./" the
// Gateway's own namespace.
func plain(host, namespace string) string {
	scope, name := splitHost(host)
	if scope == "." {
		scope = namespace
	}
	return scope + "/" + strings.ToLower(name)
}
