// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// dice makes small random worlds in which much meets: few keys, values, ports
// and ranges.
type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func (d dice) labels() map[string]string {
	out := map[string]string{}
	for _, key := range []string{"a", "b", "c"} {
		if d.chance(60) {
			out[key] = pick(d, "x", "y", "z")
		}
	}
	return out
}

func (d dice) selector() *metav1.LabelSelector {
	out := &metav1.LabelSelector{}
	if d.chance(40) {
		out.MatchLabels = map[string]string{pick(d, "a", "b"): pick(d, "x", "y")}
	}
	if d.chance(40) {
		e := metav1.LabelSelectorRequirement{Key: pick(d, "a", "b", "c", "nowhere"), Operator: pick(d,
			metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)}
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			e.Values = pick(d, []string{"x"}, []string{"x", "z"}, []string{"w"})
		}
		out.MatchExpressions = append(out.MatchExpressions, e)
	}
	return out
}

// spaces selects namespaces, now and then by name.
func (d dice) spaces() *metav1.LabelSelector {
	if d.chance(25) {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": pick(d, "n0", "n1")}}
	}
	return d.selector()
}

var cidrs = []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.2/32", "198.51.100.0/24", "::/0", "fd00::/8"}

func (d dice) ipBlock() *networkingv1.IPBlock {
	b := &networkingv1.IPBlock{CIDR: pick(d, cidrs...)}
	switch {
	case d.chance(6):
		b.CIDR = "10.0.0.300/8"
	case b.CIDR == "0.0.0.0/0" && d.chance(50):
		b.Except = []string{pick(d, "10.0.0.0/8", "198.51.100.0/25")}
	case b.CIDR == "10.0.0.0/8" && d.chance(50):
		b.Except = []string{"10.0.0.0/30", "10.1.0.0/16"}
	}
	return b
}

func (d dice) peers() []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range d.IntN(3) {
		var p networkingv1.NetworkPolicyPeer
		switch d.IntN(4) {
		case 0:
			p.PodSelector = d.selector()
		case 1:
			p.NamespaceSelector = d.spaces()
		case 2:
			p.PodSelector, p.NamespaceSelector = d.selector(), d.spaces()
		default:
			p.IPBlock = d.ipBlock()
		}
		out = append(out, p)
	}
	return out
}

func (d dice) ports() []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range d.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if d.chance(50) {
			p.Protocol = new(pick(d, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP))
		}
		switch d.IntN(4) {
		case 0:
			p.Port = new(intstr.FromInt32(pick[int32](d, 80, 81)))
		case 1:
			p.Port = new(intstr.FromString(pick(d, "http", "dns")))
		case 2:
			p.Port, p.EndPort = new(intstr.FromInt32(pick[int32](d, 79, 80))), new(pick[int32](d, 80, 90))
		}
		out = append(out, p)
	}
	return out
}

func (d dice) policy() networkingv1.NetworkPolicySpec {
	out := networkingv1.NetworkPolicySpec{PodSelector: *d.selector()}
	for range d.IntN(3) {
		out.Ingress = append(out.Ingress, networkingv1.NetworkPolicyIngressRule{From: d.peers(), Ports: d.ports()})
	}
	for range d.IntN(3) {
		out.Egress = append(out.Egress, networkingv1.NetworkPolicyEgressRule{To: d.peers(), Ports: d.ports()})
	}
	out.PolicyTypes = pick(d, nil, []networkingv1.PolicyType{"Ingress"}, []networkingv1.PolicyType{"Egress"}, []networkingv1.PolicyType{"Ingress", "Egress"})
	return out
}

func (d dice) subject() model.ClusterPolicySubject {
	if d.chance(50) {
		return model.ClusterPolicySubject{Namespaces: d.spaces()}
	}
	return model.ClusterPolicySubject{Pods: &model.ClusterPolicyPods{NamespaceSelector: *d.spaces(), PodSelector: *d.selector()}}
}

func (d dice) clusterPeers(egress bool) []model.ClusterPolicyPeer {
	var out []model.ClusterPolicyPeer
	for range 1 + d.IntN(2) {
		var p model.ClusterPolicyPeer
		switch n := d.IntN(10); {
		case n < 4 || !egress && n < 6:
			p.Namespaces = d.spaces()
		case n < 7:
			p.Pods = &model.ClusterPolicyPods{NamespaceSelector: *d.spaces(), PodSelector: *d.selector()}
		case !egress || n == 7 && d.chance(20): // a field of a newer version
		case d.chance(10):
			p.Nodes = d.selector()
		case d.chance(10):
			p.DomainNames = []string{"example.com"}
		default:
			p.Networks = []string{pick(d, cidrs...), pick(d, cidrs...)}
		}
		out = append(out, p)
	}
	return out
}

func (d dice) adminRules(egress, base bool) []model.AdminNetworkPolicyRule {
	actions := []string{"Allow", "Deny", "Pass"}
	if base {
		actions = actions[:2]
	}
	var out []model.AdminNetworkPolicyRule
	for range d.IntN(3) {
		r := model.AdminNetworkPolicyRule{Action: pick(d, actions...)}
		if r.From = d.clusterPeers(egress); egress {
			r.From, r.To = nil, r.From
		}
		for range d.IntN(3) {
			r.Ports = append(r.Ports, pick(d,
				model.AdminNetworkPolicyPort{PortNumber: &model.AdminNetworkPolicyPortNumber{Protocol: pick(d, corev1.ProtocolTCP, corev1.ProtocolUDP), Port: 80}},
				model.AdminNetworkPolicyPort{NamedPort: new(pick(d, "http", "dns"))},
				model.AdminNetworkPolicyPort{PortRange: &model.AdminNetworkPolicyPortRange{Protocol: "TCP", Start: 80, End: 85}}))
		}
		out = append(out, r)
	}
	return out
}

func (d dice) clusterRules(egress bool) []model.ClusterNetworkPolicyRule {
	var out []model.ClusterNetworkPolicyRule
	for range d.IntN(3) {
		r := model.ClusterNetworkPolicyRule{Action: pick(d, "Accept", "Deny", "Pass")}
		if r.From = d.clusterPeers(egress); egress {
			r.From, r.To = nil, r.From
		}
		for range d.IntN(3) {
			transport := pick(d, &model.ClusterNetworkPolicyTransport{},
				&model.ClusterNetworkPolicyTransport{DestinationPort: &model.ClusterNetworkPolicyPort{Number: 80}},
				&model.ClusterNetworkPolicyTransport{DestinationPort: &model.ClusterNetworkPolicyPort{Range: &model.ClusterNetworkPolicyPortRange{Start: 80, End: 85}}})
			r.Protocols = append(r.Protocols, pick(d,
				model.ClusterNetworkPolicyProtocol{TCP: transport}, model.ClusterNetworkPolicyProtocol{UDP: transport},
				model.ClusterNetworkPolicyProtocol{SCTP: transport}, model.ClusterNetworkPolicyProtocol{DestinationNamedPort: pick(d, "http", "dns")}))
		}
		out = append(out, r)
	}
	return out
}

func (d dice) pod(i int) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", i), Namespace: fmt.Sprintf("n%d", d.IntN(3)), Labels: d.labels()}}
	p.Spec.HostNetwork = d.chance(10)
	c := corev1.Container{Name: "c"}
	if d.chance(70) {
		c.Ports = append(c.Ports, corev1.ContainerPort{Name: "http", ContainerPort: pick[int32](d, 80, 81, 8080)})
	}
	if d.chance(40) {
		c.Ports = append(c.Ports, corev1.ContainerPort{Name: "dns", ContainerPort: 81, Protocol: pick(d, corev1.ProtocolUDP, corev1.ProtocolTCP)})
	}
	if d.chance(20) {
		p.Spec.InitContainers = []corev1.Container{{Name: "i", RestartPolicy: new(corev1.ContainerRestartPolicyAlways), Ports: c.Ports}}
		c.Ports = nil
	}
	p.Spec.Containers = []corev1.Container{c}
	if d.chance(85) {
		p.Status.PodIP = fmt.Sprintf("10.0.0.%d", i)
		p.Status.PodIPs = []corev1.PodIP{{IP: p.Status.PodIP}}
		if d.chance(10) {
			p.Status.PodIPs = append(p.Status.PodIPs, corev1.PodIP{IP: fmt.Sprintf("fd00::%d", i)})
		}
	}
	return p
}

// world is a random Snapshot; the peers are its pods and some addresses.
func (d dice) world(tb testing.TB) (*model.Snapshot, []model.Peer) {
	tb.Helper()
	b := model.NewBuilder(model.Options{})
	add := func(k *model.Kind, o runtime.Object, namespace, name string) {
		b.Add(model.FromTyped(k, o, namespace, name))
	}
	for i := range 1 + d.IntN(3) {
		name := fmt.Sprintf("n%d", i)
		add(model.Namespaces.Kind, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: d.labels()}}, "", name)
	}
	for i := range 2 + d.IntN(5) {
		p := d.pod(i)
		add(model.Pods.Kind, p, p.Namespace, p.Name)
	}
	for i := range d.IntN(4) {
		name, ns := fmt.Sprintf("np%d", i), fmt.Sprintf("n%d", d.IntN(3))
		add(model.NetworkPolicies.Kind, &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: ns}, Spec: d.policy()}, ns, name)
	}
	for i := range d.IntN(3) {
		name := fmt.Sprintf("anp%d", i)
		add(model.AdminNetworkPolicies.Kind, &model.AdminNetworkPolicy{Spec: model.AdminNetworkPolicySpec{
			Priority: new(pick[int32](d, 1, 2, 3)), Subject: d.subject(), Ingress: d.adminRules(false, false), Egress: d.adminRules(true, false),
		}}, "", name)
	}
	for i := range d.IntN(3) {
		name := fmt.Sprintf("cnp%d", i)
		add(model.ClusterNetworkPolicies.Kind, &model.ClusterNetworkPolicy{Spec: model.ClusterNetworkPolicySpec{
			Tier: pick(d, "Admin", "Baseline"), Priority: new(pick[int32](d, 0, 1, 2, 3)), Subject: d.subject(),
			Ingress: d.clusterRules(false), Egress: d.clusterRules(true),
		}}, "", name)
	}
	if d.chance(30) {
		add(model.BaselineAdminNetworkPolicies.Kind, &model.BaselineAdminNetworkPolicy{Spec: model.AdminNetworkPolicySpec{
			Subject: d.subject(), Ingress: d.adminRules(false, true), Egress: d.adminRules(true, true),
		}}, "", "default")
	}
	s, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	peers := s.Peers("")
	for _, a := range []string{"198.51.100.7", "198.51.100.200", "10.0.0.2", "10.1.2.3", "203.0.113.9", "fd00::2", "2001:db8::1"} {
		addr := netip.MustParseAddr(a)
		peers = append(peers, model.Peer{Block: netip.PrefixFrom(addr, addr.BitLen())})
	}
	return s, peers
}
