// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// blocks are peers of a policy as ends of a connection.
func blocks(peers []peer) []model.Peer {
	var out []model.Peer
	for _, p := range peers {
		if prefix, err := netip.ParsePrefix(p.block); err == nil {
			out = append(out, model.Peer{Block: prefix})
		}
	}
	return out
}

// dns checks INV-DNS: pods reach the servers of names on their pod ports, over
// UDP and TCP, and the cache of the node.
func (c *checker) dns(of *model.Workload) {
	if p := of.Spec().DNSPolicy; p != "" && p != corev1.DNSClusterFirst {
		return
	}
	v := Violation{
		ID: invDNS, Object: of.Ref, Reason: of.Ref.Short() + " could not ask the cluster's DNS",
		Fix: "allow egress to the pods behind kube-system/kube-dns on their pod ports, UDP and TCP",
	}
	servers, found := c.after.nameServers(), false
	for _, server := range c.after.Workloads("") {
		if ports := servers[server]; len(ports) > 0 {
			found = true
			c.require(v, ends(of), ends(server), ports, Question{})
		}
	}
	if !found {
		c.require(v, ends(of), usual("kube-system", "k8s-app", "kube-dns"), dnsPorts(53), Question{})
	}
	if cached := blocks(c.after.localDNS()); len(cached) > 0 {
		v.Reason, v.Fix = of.Ref.Short()+" could not ask the DNS cache of its node", "allow egress to ipBlock 169.254.20.10/32, UDP and TCP 53"
		c.require(v, ends(of), cached, dnsPorts(53), Question{})
	}
}

// istiod checks INV-ISTIOD: sidecars reach the control plane.
func (c *checker) istiod(of *model.Workload) {
	if d, _ := c.after.dataplane(of); d != Sidecar {
		return
	}
	to := endsOfAll(c.after.SelectAnywhere(labels.SelectorFromSet(labels.Set{"app": "istiod"})))
	if len(to) == 0 {
		to = usual(c.after.RootNamespace, "app", "istiod")
	}
	c.require(Violation{
		ID: invIstiod, Object: of.Ref, Reason: "the sidecar of " + of.Ref.Short() + " could not reach istiod",
		Fix: fmt.Sprintf("allow egress to pods app=istiod of namespace %s on TCP %d", c.after.RootNamespace, istiodPort),
	}, ends(of), to, tcp(istiodPort), Question{})
}

// apiServer checks INV-APISERVER: pods whose account has rights reach the API
// server at its endpoints.
func (c *checker) apiServer(of *model.Workload) {
	if !c.after.callsAPI(of) {
		return
	}
	n := c.after.apiServer()
	c.require(Violation{
		ID: invAPIServer, Object: of.Ref,
		Reason: fmt.Sprintf("%s runs as %s, which has rights, and could not call the API server", of.Ref.Short(), of.Account()),
		Fix:    "allow egress to the endpoints of Service default/kubernetes: calls: [{to: default/svc/kubernetes}]",
	}, ends(of), blocks(n.peers), n.ports, Question{})
}

// probes checks INV-PROBE: those of the kubelet get through. A sidecar that
// answers them does so on a port of its own.
func (c *checker) probes(of *model.Workload) {
	v := Violation{
		ID: invProbe, Object: of.Ref, Reason: "the kubelet's probes of " + of.Ref.Short() + " would fail",
		Fix: "let the sidecar answer them: remove the annotation sidecar.istio.io/rewriteAppHTTPProbers, or add \"from: kubelet\" to the callers",
	}
	from := []model.Peer{{Node: true}}
	d, _ := c.after.dataplane(of)
	if d == Ambient {
		from = blocks(probeBlocks[:1])
		v.Fix = "allow ingress from ipBlock 169.254.7.127/32, where ztunnel lets probes come from"
	}
	probed := probePorts(of)
	for _, n := range slices.Sorted(maps.Keys(probed)) {
		q := Question{Plaintext: true}
		if path := probed[n]; path != "" {
			q.Method, q.Path = "GET", path
		}
		if d == Sidecar && rewritten(of) {
			n, q.Path = mergedMetrics, ""
			q.Method = ""
		}
		was := len(c.out)
		c.require(v, from, ends(of), tcp(n), q)
		if len(c.out) > was {
			return
		}
	}
}

// webhooks checks INV-WEBHOOK: the API server reaches webhooks and aggregated
// APIs, without an identity.
func (c *checker) webhooks(of *model.Workload) {
	if !c.concerns(of.Ref.Namespace) {
		return
	}
	for _, h := range c.after.hooks(of) {
		from := blocks(c.after.apiServer().peers)
		c.require(Violation{
			ID: invWebhook, Object: of.Ref, Reason: fmt.Sprintf("the API server could not call %s, as %s has it do", of.Ref.Short(), h.by),
			Fix: "allow ingress on the port without from, in plaintext for the mesh",
		}, from, ends(of), h.ports, Question{Plaintext: true})
	}
}
