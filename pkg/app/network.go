// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var bothWays = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}

// The ports of Istio.
const (
	// istiodPort is where proxies get their configuration and certificates.
	istiodPort = 15012
	// mergedPort is where a sidecar serves the metrics of the program and its own.
	mergedPort = 15020
	// tunnelPort is where ztunnel takes in what goes to the pods of an ambient mesh.
	tunnelPort = 15008
)

// kubelets are where probes come from in an ambient mesh, whatever the node.
var kubelets = []string{"169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"}

// networkPolicy lets in who is known to call, and out to what is known to be
// called. Its ports are those of the pods: Services are gone when it is asked.
func (s *service) networkPolicy() *networkingv1.NetworkPolicy {
	out := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: s.meta(),
		Spec: networkingv1.NetworkPolicySpec{
			Egress: s.egress(), Ingress: s.ingressRules(), PolicyTypes: bothWays,
			PodSelector: metav1.LabelSelector{MatchLabels: s.selects()},
		},
	}
	if len(out.Spec.Ingress) == 0 {
		out.Name += "-isolated" // a policy without rules looks like one that forgot them
	}
	return out
}

func (s *service) egress() []networkingv1.NetworkPolicyEgressRule {
	out := []networkingv1.NetworkPolicyEgressRule{toDNS()}
	for _, c := range s.calls {
		if !c.byWaypoint() {
			out = append(out, networkingv1.NetworkPolicyEgressRule{To: c.to.peer(), Ports: s.of.onPods(c.port)})
		}
	}
	if slices.ContainsFunc(s.calls, call.byWaypoint) {
		out = append(out, networkingv1.NetworkPolicyEgressRule{To: s.of.waypointPeer(), Ports: []networkingv1.NetworkPolicyPort{numbered(tunnelPort, corev1.ProtocolTCP)}})
	}
	for _, o := range s.of.outside {
		if o.calledBy(s) {
			out = append(out, s.of.reach(o))
		}
	}
	if s.of.Platform.Mesh == meshSidecar {
		out = append(out, toIstiod())
	}
	return out
}

// toDNS lets pods ask for names.
func toDNS() networkingv1.NetworkPolicyEgressRule {
	return networkingv1.NetworkPolicyEgressRule{
		Ports: []networkingv1.NetworkPolicyPort{numbered(53, corev1.ProtocolUDP), numbered(53, corev1.ProtocolTCP)},
		To:    []networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed("kube-system"), PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}}}},
	}
}

// toIstiod lets proxies get their configuration and certificates.
func toIstiod() networkingv1.NetworkPolicyEgressRule {
	return networkingv1.NetworkPolicyEgressRule{
		Ports: []networkingv1.NetworkPolicyPort{numbered(istiodPort, corev1.ProtocolTCP)},
		To:    []networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed("istio-system"), PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "istiod"}}}},
	}
}

func (s *service) ingressRules() []networkingv1.NetworkPolicyIngressRule {
	var out []networkingv1.NetworkPolicyIngressRule
	add := func(from []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
		out = append(out, networkingv1.NetworkPolicyIngressRule{From: from, Ports: ports})
	}
	for _, c := range s.callers {
		if !c.byWaypoint() {
			add(c.from.peer(), s.of.onPods(c.port))
		}
	}
	if s.behindWaypoint() {
		add(s.of.waypointPeer(), s.of.onPods(s.called()...))
	}
	if s.Open {
		add([]networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}, s.of.onPods(s.serving()...))
	}
	if s.reachedFromOutside() {
		add(nil, s.of.onPods(s.serving()...))
	}
	if s.Expose != nil {
		add([]networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed(s.of.gatewayNS)}}, s.of.onPods(*s.main()))
	}
	if m := s.metrics(); m != nil {
		ports := s.of.onPods(*m)
		if s.of.Platform.Mesh == meshSidecar {
			ports = append(ports, numbered(mergedPort, corev1.ProtocolTCP))
		}
		add([]networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed(s.of.Platform.Monitoring.Namespace)}}, ports)
	}
	if s.of.Platform.Mesh == meshAmbient && len(s.ports) > 0 && !s.reachedFromOutside() {
		var from []networkingv1.NetworkPolicyPeer
		for _, cidr := range kubelets {
			from = append(from, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
		}
		ports := []networkingv1.NetworkPolicyPort{}
		for _, p := range s.ports {
			ports = append(ports, numbered(p.target, p.protocol))
		}
		add(from, ports)
	}
	return out
}

// onPods are ports of pods, as a policy sees them on the wire: in an ambient mesh
// they come through the tunnel, but for callers without a mesh.
func (y *system) onPods(ports ...port) []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for _, p := range ports {
		out = append(out, numbered(p.target, p.protocol))
	}
	if y.Platform.Mesh == meshAmbient {
		out = append(out, numbered(tunnelPort, corev1.ProtocolTCP))
	}
	return out
}

// serving are the ports that are there for callers, not for Prometheus.
func (s *service) serving() []port {
	return slices.DeleteFunc(slices.Clone(s.ports), port.isMetrics)
}

// reachedFromOutside reports whether the Service itself has an address outside.
func (s *service) reachedFromOutside() bool {
	return s.ServiceType != "" && s.ServiceType != "ClusterIP"
}

func (s *service) peer() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{MatchLabels: s.selects()}}}
}

func namespaceNamed(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}}
}

func numbered(number int32, protocol corev1.Protocol) networkingv1.NetworkPolicyPort {
	port := intstr.FromInt32(number)
	return networkingv1.NetworkPolicyPort{Port: &port, Protocol: &protocol}
}
