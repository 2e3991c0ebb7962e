// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// outside is what services depend on and this system does not run. Either
// external or backing is set.
type outside struct {
	// name is its key in the file; host is a full DNS name, and only without a mesh it
	// may be an IP address.
	name, host string
	// port is what callers dial, spoken what they speak there: https, tcp, postgres.
	port     int32
	spoken   string
	external *api.External
	backing  *api.Backing
	// callers are by name, each once.
	callers []*service
}

// neighbours are all that the file names, whether called or not, by name.
func (y *system) neighbours() []outside {
	var out []outside
	for _, name := range slices.Sorted(maps.Keys(y.External)) {
		e := y.External[name]
		out = append(out, outside{name: name, host: e.Host, port: e.Port, spoken: cmp.Or(e.Protocol, "https"), external: &e})
	}
	for _, name := range slices.Sorted(maps.Keys(y.Backing)) {
		b := y.Backing[name]
		// With the domain it is one lookup: without it a resolver tries its own first.
		host := strings.TrimSuffix(b.Host, clusterDomain) + clusterDomain
		out = append(out, outside{name: name, host: host, port: b.Port, spoken: cmp.Or(b.Protocol, "tcp"), backing: &b})
	}
	slices.SortFunc(out, func(a, b outside) int { return strings.Compare(a.name, b.name) })
	return out
}

// clusterDomain is what follows NAME.NAMESPACE.svc.
const clusterDomain = ".cluster.local"

// at is the JSON Pointer of where the file has it.
func (o outside) at() string {
	if o.external != nil {
		return patch.Join("/external", o.name)
	}
	return patch.Join("/backing", o.name)
}

// namespace is where a backing store is.
func (o outside) namespace() string { return strings.Split(o.host, ".")[1] }

// service is the name of its Service.
func (o outside) service() string { return strings.Split(o.host, ".")[0] }

// calledBy reports whether a service, or an edition of it, depends on it.
func (o outside) calledBy(s *service) bool {
	return slices.ContainsFunc(o.callers, func(c *service) bool { return c.name == s.name })
}

// nowhere are the addresses that are in no public network: those of private ones,
// of carriers, and of the node itself, where clouds serve credentials.
var nowhere = map[string][]string{
	"0.0.0.0/0": {"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"},
	"::/0":      {"fc00::/7", "fe80::/10"},
}

// reach lets pods out to what is outside, on the port that it is reached at.
func (y *system) reach(o outside) networkingv1.NetworkPolicyEgressRule {
	out := networkingv1.NetworkPolicyEgressRule{Ports: []networkingv1.NetworkPolicyPort{numbered(o.port, corev1.ProtocolTCP)}}
	if o.backing != nil {
		// Its pods may be in the mesh too, behind the tunnel.
		out.Ports = y.onPods(port{target: cmp.Or(o.backing.Target, o.port), protocol: corev1.ProtocolTCP})
		peer := networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed(o.namespace())}
		if len(o.backing.Labels) > 0 {
			peer.PodSelector = &metav1.LabelSelector{MatchLabels: o.backing.Labels}
		}
		out.To = append(out.To, peer)
		return out
	}
	add := func(block networkingv1.IPBlock) {
		out.To = append(out.To, networkingv1.NetworkPolicyPeer{IPBlock: &block})
	}
	addresses := o.external.Addresses
	if _, err := netip.ParseAddr(o.host); err == nil && len(addresses) == 0 {
		addresses = []string{o.host}
	}
	for _, a := range addresses {
		prefix, _ := prefixOf(a) // was checked
		add(networkingv1.IPBlock{CIDR: prefix.String()})
	}
	if len(addresses) == 0 {
		for _, all := range slices.Sorted(maps.Keys(nowhere)) {
			add(networkingv1.IPBlock{CIDR: all, Except: nowhere[all]})
		}
	}
	return out
}

// prefixOf reads an address, which is a network of one, or a network.
func prefixOf(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}
