// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Routes of the Gateway API know no subsets: to split requests they name a Service
// for each version (https://istio.io/latest/docs/ambient/migrate/migrate-policies/).

// perVersion reports whether each version has a Service of its own.
func (s *service) perVersion() bool {
	return len(s.Versions) > 0 && (s.behindWaypoint() || s.Expose != nil && s.of.Platform.Ingress.API == edgeGateway)
}

// versionServices are those of the versions. They have no waypoint: who calls them
// past the Service is kept out by the policy of ztunnel.
func (s *service) versionServices(like corev1.ServiceSpec) []runtime.Object {
	if !s.perVersion() {
		return nil
	}
	var out []runtime.Object
	for _, v := range s.shares() {
		one := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: s.meta(), Spec: *like.DeepCopy()}
		one.Name = s.name + "-" + v.version
		one.Labels["version"] = v.version
		one.Spec.Type = corev1.ServiceTypeClusterIP
		one.Spec.Selector = maps.Clone(like.Selector)
		one.Spec.Selector["version"] = v.version
		out = append(out, one)
	}
	return out
}

// versionHost is the full name of the Service of a version.
func (s *service) versionHost(version string) string {
	return fmt.Sprintf("%s-%s.%s.svc%s", s.name, version, s.of.Metadata.Namespace, clusterDomain)
}

// backends are where routes of the Gateway API lead.
func (s *service) backends(p port) []gatewayv1.HTTPBackendRef {
	to := func(name string, weight *int32) gatewayv1.HTTPBackendRef {
		return gatewayv1.HTTPBackendRef{BackendRef: gatewayv1.BackendRef{
			BackendObjectReference: gatewayv1.BackendObjectReference{Name: gatewayv1.ObjectName(name), Port: &p.number}, Weight: weight,
		}}
	}
	var out []gatewayv1.HTTPBackendRef
	for _, v := range s.shares() {
		out = append(out, to(s.name+"-"+v.version, &v.weight))
	}
	if len(out) == 0 {
		out = append(out, to(s.name, nil))
	}
	return out
}

// timeouts are those of a route of the Gateway API; nil for none.
func (s *service) timeouts() *gatewayv1.HTTPRouteTimeouts {
	if s.Traffic.Timeout == "" {
		return nil
	}
	d := gatewayDuration(duration(s.Traffic.Timeout))
	return &gatewayv1.HTTPRouteTimeouts{Request: &d}
}

// gatewayDuration writes whole milliseconds as the Gateway API wants them (GEP
// 2257): no fractions, and no unit of more than five digits.
func gatewayDuration(d time.Duration) gatewayv1.Duration {
	out := ""
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}} {
		if n := d / unit.is; n > 0 {
			out += fmt.Sprintf("%d%s", n, unit.name)
			d -= n * unit.is
		}
	}
	return gatewayv1.Duration(out)
}

// meshRoutes route what comes by way of the waypoint, each to one port: rules of
// an HTTPRoute cannot tell ports apart, but its parent can.
func (s *service) meshRoutes() []runtime.Object {
	var out []runtime.Object
	group, kind := gatewayv1.Group(""), gatewayv1.Kind("Service")
	for _, p := range s.routable() {
		if !p.isHTTP() {
			continue
		}
		one := &gatewayv1.HTTPRoute{TypeMeta: metav1.TypeMeta{APIVersion: gatewayv1.GroupVersion.String(), Kind: "HTTPRoute"}, ObjectMeta: s.meta()}
		one.Name = s.meshRouteName(p)
		one.Spec.ParentRefs = []gatewayv1.ParentReference{{Group: &group, Kind: &kind, Name: gatewayv1.ObjectName(s.name), Port: &p.number}}
		one.Spec.Rules = []gatewayv1.HTTPRouteRule{{BackendRefs: s.backends(p), Timeouts: s.timeouts()}}
		out = append(out, one)
	}
	return out
}

// meshRouteName is another than that of the Gateway's route.
func (s *service) meshRouteName(p port) string { return s.name + "-" + p.name }
