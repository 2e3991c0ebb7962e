// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"strconv"

	istiosecurity "istio.io/api/security/v1beta1"
	istiotype "istio.io/api/type/v1beta1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

const istioSecurity = "security.istio.io/v1"

// strict demands mutual TLS of the namespace: without it, the principals of
// policies are empty.
func (y *system) strict() []runtime.Object {
	if y.Platform.Mesh == meshNone {
		return nil
	}
	out := &istiosecv1.PeerAuthentication{
		TypeMeta:   metav1.TypeMeta{APIVersion: istioSecurity, Kind: "PeerAuthentication"},
		ObjectMeta: metav1.ObjectMeta{Name: "default", Namespace: y.Metadata.Namespace, Labels: y.labels()},
	}
	out.Spec.Mtls = &istiosecurity.PeerAuthentication_MutualTLS{Mode: istiosecurity.PeerAuthentication_MutualTLS_STRICT}
	return []runtime.Object{out}
}

// access is the AuthorizationPolicy of a service: who may call, by identity, on
// which of the pods' ports. It has no HTTP in it, which ztunnel would deny. One
// without rules lets nobody in.
func (s *service) access() []runtime.Object {
	if s.of.Platform.Mesh == meshNone || len(s.ports) == 0 {
		return nil
	}
	out := &istiosecv1.AuthorizationPolicy{TypeMeta: metav1.TypeMeta{APIVersion: istioSecurity, Kind: "AuthorizationPolicy"}, ObjectMeta: s.meta()}
	spec := &out.Spec
	spec.Selector = &istiotype.WorkloadSelector{MatchLabels: s.selects()}
	add := func(from *istiosecurity.Source, ports ...port) {
		rule := &istiosecurity.Rule{To: []*istiosecurity.Rule_To{{Operation: &istiosecurity.Operation{Ports: numbers(ports)}}}}
		if from != nil {
			rule.From = []*istiosecurity.Rule_From{{Source: from}}
		}
		spec.Rules = append(spec.Rules, rule)
	}
	namespace, domain := s.of.Metadata.Namespace, s.of.Platform.TrustDomain
	for _, c := range s.callers {
		add(&istiosecurity.Source{Principals: []string{principal(domain, namespace, c.from.name)}}, c.port)
	}
	if s.Open {
		add(&istiosecurity.Source{Namespaces: []string{namespace}}, s.serving()...)
	}
	if s.reachedFromOutside() {
		add(nil, s.serving()...)
	}
	if s.Expose != nil {
		from := &istiosecurity.Source{Principals: []string{principal(domain, s.of.gatewayNS, s.of.gatewayAccount)}}
		if s.of.Platform.Ingress.API == edgeIngress { // whose controller has an account of any name
			from = &istiosecurity.Source{Namespaces: []string{s.of.gatewayNS}}
		}
		add(from, *s.main())
	}
	if m := s.metrics(); m != nil {
		add(nil, *m) // Prometheus has no identity; the NetworkPolicy knows its namespace
		return []runtime.Object{s.plaintext(*m), out}
	}
	return []runtime.Object{out}
}

// plaintext lets Prometheus, which is not in the mesh, read one port.
func (s *service) plaintext(p port) runtime.Object {
	out := &istiosecv1.PeerAuthentication{TypeMeta: metav1.TypeMeta{APIVersion: istioSecurity, Kind: "PeerAuthentication"}, ObjectMeta: s.meta()}
	out.Spec.Selector = &istiotype.WorkloadSelector{MatchLabels: s.selects()}
	out.Spec.Mtls = &istiosecurity.PeerAuthentication_MutualTLS{Mode: istiosecurity.PeerAuthentication_MutualTLS_STRICT}
	out.Spec.PortLevelMtls = map[uint32]*istiosecurity.PeerAuthentication_MutualTLS{
		uint32(p.target): {Mode: istiosecurity.PeerAuthentication_MutualTLS_PERMISSIVE},
	}
	return out
}

func principal(domain, namespace, account string) string {
	return fmt.Sprintf("%s/ns/%s/sa/%s", domain, namespace, account)
}

func numbers(ports []port) []string {
	var out []string
	for _, p := range ports {
		out = append(out, strconv.Itoa(int(p.target)))
	}
	return out
}
