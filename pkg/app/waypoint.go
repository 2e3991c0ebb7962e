// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"
	"strconv"

	istiosecurity "istio.io/api/security/v1beta1"
	istiotype "istio.io/api/type/v1beta1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// What Istio documents of waypoints
// (https://istio.io/latest/docs/ambient/usage/waypoint/). Everything that istiod
// makes of a Gateway has its name: the ServiceAccount, and the label of the pods.
const (
	waypointName  = "waypoint"
	waypointClass = "istio-waypoint"
	waypointUse   = "istio.io/use-waypoint"
	waypointFor   = "istio.io/waypoint-for"
	waypointPods  = "gateway.networking.k8s.io/gateway-name"
)

// waypointDeployment changes what istiod makes of the Gateway, which takes it from
// Istio 1.26 on (spec.infrastructure.parametersRef). The namespace lets in no pod
// without a seccomp profile, and two pods survive the loss of a node.
const waypointDeployment = `spec:
  replicas: 2
  template:
    spec:
      securityContext:
        seccompProfile:
          type: RuntimeDefault
`

// waypointBudget lets one of the two pods go at a time.
const waypointBudget = "spec:\n  maxUnavailable: 1\n"

// behindWaypoint reports whether callers reach a service by way of the waypoint:
// only it carries out, in an ambient mesh, what is about requests.
func (s *service) behindWaypoint() bool {
	shaped := len(s.Allow) > 0 || len(s.Versions) > 0 || s.Traffic != (api.Traffic{})
	return s.of.Platform.Mesh == meshAmbient && shaped && len(s.called()) > 0
}

// byWaypoint reports whether a call goes by way of the waypoint. Pods that form a
// cluster dial each other, and not the Service.
func (c call) byWaypoint() bool { return c.from != c.to && c.to.behindWaypoint() }

// called are the ports on which others call the Service, by name.
func (s *service) called() []port {
	return slices.DeleteFunc(slices.Clone(s.ports), func(p port) bool {
		by := func(c call) bool { return c.from.name != s.name && c.port == p }
		return !slices.ContainsFunc(s.callers, by) && !(s.Open && !p.isMetrics())
	})
}

// waypoint is the proxy that the services of a system share which need one, with
// what it needs itself.
func (y *system) waypoint() []runtime.Object {
	if !slices.ContainsFunc(y.services, (*service).behindWaypoint) {
		return nil
	}
	meta := metav1.ObjectMeta{Name: waypointName, Namespace: y.Metadata.Namespace, Labels: y.labels()}
	gateway := &gatewayv1.Gateway{
		TypeMeta:   metav1.TypeMeta{APIVersion: gatewayv1.GroupVersion.String(), Kind: "Gateway"},
		ObjectMeta: meta,
		Spec: gatewayv1.GatewaySpec{
			GatewayClassName: waypointClass,
			Infrastructure:   &gatewayv1.GatewayInfrastructure{ParametersRef: &gatewayv1.LocalParametersReference{Kind: "ConfigMap", Name: waypointName}},
			Listeners:        []gatewayv1.Listener{{Name: "mesh", Port: tunnelPort, Protocol: "HBONE"}},
		},
	}
	gateway.Labels = y.labels()
	gateway.Labels[waypointFor] = "service"
	options := &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta,
		Data: map[string]string{"deployment": waypointDeployment, "podDisruptionBudget": waypointBudget},
	}
	return []runtime.Object{options, y.waypointNetwork(meta), gateway}
}

// waypointNetwork lets in the callers of those behind the waypoint, and out to
// these.
func (y *system) waypointNetwork(meta metav1.ObjectMeta) runtime.Object {
	const why = "istiod makes the pods, of Gateway/" + waypointName
	meta.Annotations = map[string]string{
		"ignore-check.kube-linter.io/dangling-networkpolicy": why,
		"kube-score/ignore": "networkpolicy-targets-pod",
	}
	out := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: meta,
		Spec: networkingv1.NetworkPolicySpec{
			Egress:      []networkingv1.NetworkPolicyEgressRule{toDNS(), toIstiod()},
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{waypointPods: waypointName}},
			PolicyTypes: bothWays,
		},
	}
	spec, tunnel := &out.Spec, []networkingv1.NetworkPolicyPort{numbered(tunnelPort, corev1.ProtocolTCP)}
	for _, s := range y.services {
		if s.behindWaypoint() {
			spec.Egress = append(spec.Egress, networkingv1.NetworkPolicyEgressRule{To: s.peer(), Ports: y.onPods(s.called()...)})
		}
		if slices.ContainsFunc(s.calls, call.byWaypoint) {
			spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: s.peer(), Ports: tunnel})
		}
	}
	if slices.ContainsFunc(y.services, func(s *service) bool { return s.Open && s.behindWaypoint() }) {
		all := []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}
		spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: all, Ports: tunnel})
	}
	spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{
		From:  []networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed(y.Platform.Monitoring.Namespace)}},
		Ports: []networkingv1.NetworkPolicyPort{numbered(mergedPort, corev1.ProtocolTCP)},
	})
	return out
}

// waypointPeer is the waypoint in NetworkPolicies. The namespace is said, as its
// pods are not in the set.
func (y *system) waypointPeer() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{{
		NamespaceSelector: namespaceNamed(y.Metadata.Namespace),
		PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{waypointPods: waypointName}},
	}}
}

// atWaypoint is the policy that the waypoint carries out: it sees the callers,
// where ztunnel sees the waypoint. It goes with the policy of ztunnel, which keeps
// out those who dial the pods.
func (s *service) atWaypoint() []runtime.Object {
	if !s.behindWaypoint() {
		return nil
	}
	out := &istiosecv1.AuthorizationPolicy{TypeMeta: metav1.TypeMeta{APIVersion: istioSecurity, Kind: "AuthorizationPolicy"}, ObjectMeta: s.meta()}
	out.Name += "-" + waypointName
	out.Spec.TargetRefs = []*istiotype.PolicyTargetReference{{Kind: "Service", Name: s.name}}
	for _, c := range s.callers {
		if c.byWaypoint() {
			out.Spec.Rules = append(out.Spec.Rules, rule(c.from.identity(), c.asks(waypointPorts(c.port))...))
		}
	}
	if s.Open {
		from := &istiosecurity.Source{Namespaces: []string{s.of.Metadata.Namespace}}
		out.Spec.Rules = append(out.Spec.Rules, rule(from))
	}
	return []runtime.Object{out}
}

// waypointPorts are the numbers of a port in rules at the waypoint: the Service's
// is what callers dial, and the pods' is what Istio documents. They are said where
// only one port is called, too: what one caller may do does not hang on another.
func waypointPorts(p port) []string {
	both := []string{strconv.Itoa(int(p.number)), strconv.Itoa(int(p.target))}
	return slices.Compact(both)
}
