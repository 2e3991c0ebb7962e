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

const (
	istioSecurity   = "security.istio.io/v1"
	istioNetworking = "networking.istio.io/v1"
)

// meshObjects are those of the mesh that belong to no service alone.
func (y *system) meshObjects() []runtime.Object {
	out := append(y.strict(), y.entries()...)
	out = append(out, y.waypoint()...)
	return append(out, y.istioGateways()...)
}

// meshObjects are those of the mesh that say how one service calls and is called.
func (s *service) meshObjects() []runtime.Object {
	out := append(s.access(), s.sidecar()...)
	return append(out, s.shape()...)
}

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
// which of the pods' ports, and with a sidecar for what. ztunnel knows no HTTP: it
// lets in the waypoint, which has a policy of its own. One without rules lets
// nobody in.
func (s *service) access() []runtime.Object {
	if s.of.Platform.Mesh == meshNone || len(s.ports) == 0 {
		return nil
	}
	out := &istiosecv1.AuthorizationPolicy{TypeMeta: metav1.TypeMeta{APIVersion: istioSecurity, Kind: "AuthorizationPolicy"}, ObjectMeta: s.meta()}
	out.Spec.Selector = &istiotype.WorkloadSelector{MatchLabels: s.selects()}
	add := func(from *istiosecurity.Source, to ...*istiosecurity.Rule_To) {
		out.Spec.Rules = append(out.Spec.Rules, rule(from, to...))
	}
	for _, c := range s.callers {
		switch {
		case c.byWaypoint():
		case s.of.Platform.Mesh == meshSidecar:
			add(c.from.identity(), c.asks(numbers([]port{c.port}))...)
		default:
			add(c.from.identity(), onPorts(c.port))
		}
	}
	if s.behindWaypoint() {
		add(s.of.account(waypointName), onPorts(s.called()...))
	}
	if s.Open {
		add(&istiosecurity.Source{Namespaces: []string{s.of.Metadata.Namespace}}, onPorts(s.serving()...))
	}
	if s.reachedFromOutside() {
		add(nil, onPorts(s.serving()...))
	}
	if s.Expose != nil {
		add(s.of.edge(), onPorts(*s.main()))
	}
	objects := []runtime.Object{out}
	if m := s.metrics(); m != nil {
		add(nil, onPorts(*m)) // Prometheus has no identity; the NetworkPolicy knows its namespace
		objects = []runtime.Object{s.plaintext(*m), out}
	}
	return append(objects, s.atWaypoint()...)
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

// rule lets a source do something; nil is everybody.
func rule(from *istiosecurity.Source, to ...*istiosecurity.Rule_To) *istiosecurity.Rule {
	out := &istiosecurity.Rule{To: to}
	if from != nil {
		out.From = []*istiosecurity.Rule_From{{Source: from}}
	}
	return out
}

// onPorts is anything that is asked on ports of the pods.
func onPorts(ports ...port) *istiosecurity.Rule_To {
	return &istiosecurity.Rule_To{Operation: &istiosecurity.Operation{Ports: numbers(ports)}}
}

// identity is who the pods of a service are.
func (s *service) identity() *istiosecurity.Source { return s.of.account(s.name) }

// account is a ServiceAccount of the namespace.
func (y *system) account(name string) *istiosecurity.Source {
	return &istiosecurity.Source{Principals: []string{principal(y.Platform.TrustDomain, y.Metadata.Namespace, name)}}
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
