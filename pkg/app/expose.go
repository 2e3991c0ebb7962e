// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// kubeService is the Service, for pods that somebody calls.
func (s *service) kubeService() []runtime.Object {
	if len(s.ports) == 0 || s.onlyMeasured() {
		return nil
	}
	out := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: s.meta(),
		Spec:       corev1.ServiceSpec{Selector: s.selects(), Type: corev1.ServiceType(cmp.Or(s.ServiceType, string(corev1.ServiceTypeClusterIP)))},
	}
	if on := out.Spec.Type; on != corev1.ServiceTypeClusterIP {
		out.Annotations = map[string]string{
			"ignore-check.kube-linter.io/exposed-services": "reached from outside of the cluster by a " + string(on) + ", as serviceType says",
			"kube-score/ignore":                            "service-type",
		}
	}
	if s.headless() {
		out.Spec.ClusterIP = corev1.ClusterIPNone
		// Pods that form a cluster find each other before any of them is ready.
		out.Spec.PublishNotReadyAddresses = s.Kind == kindStateful
	}
	for _, p := range s.ports {
		one := corev1.ServicePort{Name: p.name, Port: p.number, Protocol: p.protocol, TargetPort: intstr.FromString(p.name)}
		if p.spoken != "" {
			one.AppProtocol = &p.spoken
		}
		out.Spec.Ports = append(out.Spec.Ports, one)
	}
	like := *out.Spec.DeepCopy()
	if s.behindWaypoint() {
		out.Labels[waypointUse] = waypointName
	}
	return append([]runtime.Object{out}, s.versionServices(like)...)
}

func (s *service) headless() bool { return s.Headless || s.Kind == kindStateful && s.ServiceType == "" }

// host is under which name the service is reached from outside.
func (s *service) host() string { return cmp.Or(s.Expose.Host, s.of.Platform.Ingress.Host) }

func (s *service) paths() []string {
	if len(s.Expose.Paths) == 0 {
		return []string{"/"}
	}
	return s.Expose.Paths
}

// route lets requests in from outside of the cluster.
func (s *service) route() []runtime.Object {
	switch {
	case s.Expose == nil:
		return nil
	case s.of.Platform.Ingress.API == edgeIngress:
		return []runtime.Object{s.ingress()}
	case s.of.Platform.Ingress.API == edgeIstio: // one for each host
		return nil
	}
	match := gatewayv1.PathMatchPathPrefix
	rule := gatewayv1.HTTPRouteRule{BackendRefs: s.backends(*s.main()), Timeouts: s.timeouts()}
	for _, p := range s.paths() {
		rule.Matches = append(rule.Matches, gatewayv1.HTTPRouteMatch{Path: &gatewayv1.HTTPPathMatch{Type: &match, Value: &p}})
	}
	ns := gatewayv1.Namespace(s.of.gatewayNS)
	return []runtime.Object{&gatewayv1.HTTPRoute{
		TypeMeta:   metav1.TypeMeta{APIVersion: gatewayv1.GroupVersion.String(), Kind: "HTTPRoute"},
		ObjectMeta: s.meta(),
		Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: gatewayv1.ObjectName(s.of.gateway), Namespace: &ns}}},
			Hostnames:       []gatewayv1.Hostname{gatewayv1.Hostname(s.host())},
			Rules:           []gatewayv1.HTTPRouteRule{rule},
		},
	}}
}

func (s *service) ingress() runtime.Object {
	prefix := networkingv1.PathTypePrefix
	var paths []networkingv1.HTTPIngressPath
	for _, p := range s.paths() {
		paths = append(paths, networkingv1.HTTPIngressPath{Path: p, PathType: &prefix, Backend: networkingv1.IngressBackend{
			Service: &networkingv1.IngressServiceBackend{Name: s.name, Port: networkingv1.ServiceBackendPort{Name: s.main().name}},
		}})
	}
	return &networkingv1.Ingress{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "Ingress"},
		ObjectMeta: s.meta(),
		Spec: networkingv1.IngressSpec{
			IngressClassName: new(s.of.Platform.Ingress.Class),
			Rules:            []networkingv1.IngressRule{{Host: s.host(), IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths}}}},
			TLS:              []networkingv1.IngressTLS{{Hosts: []string{s.host()}, SecretName: tlsSecret([]*service{s})}},
		},
	}
}
