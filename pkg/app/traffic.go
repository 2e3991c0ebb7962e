// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	istionetworking "istio.io/api/networking/v1alpha3"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// retryOn are Istio's own conditions: the connection failed, the stream was
// refused, or a gRPC server said that it did not do its work. Never a server error
// or a reset, after which a request may have been carried out
// (https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry).
const retryOn = "connect-failure,refused-stream,unavailable,cancelled"

// shape is how calls to a service are made: only what is asked for.
func (s *service) shape() []runtime.Object {
	var out []runtime.Object
	switch s.of.Platform.Mesh {
	case meshNone:
		return nil
	case meshSidecar:
		if s.routed() {
			out = append(out, s.virtualService())
		}
	case meshAmbient:
		if s.behindWaypoint() && s.routed() {
			out = append(out, s.meshRoutes()...)
		}
	}
	return append(out, s.destinationRules()...)
}

// routed reports whether requests need a route.
func (s *service) routed() bool {
	return s.Traffic.Timeout != "" || s.Traffic.Retries != nil || len(s.Versions) > 0
}

// share is the part of the calls that a version gets.
type share struct {
	version string
	weight  int32
}

// shares are by version; none without versions.
func (s *service) shares() []share {
	var out []share
	for _, v := range slices.Sorted(maps.Keys(s.Versions)) {
		out = append(out, share{v, s.Versions[v].Weight})
	}
	return out
}

// virtualService routes what sidecars send. Each route is for one port: one
// without a port would take the requests of all.
func (s *service) virtualService() runtime.Object {
	out := &istionetv1.VirtualService{TypeMeta: metav1.TypeMeta{APIVersion: istioNetworking, Kind: "VirtualService"}, ObjectMeta: s.meta()}
	spec := &out.Spec
	spec.Hosts = []string{s.dnsName()}
	for _, p := range s.routable() {
		if !p.isHTTP() {
			if len(s.Versions) > 0 {
				spec.Tcp = append(spec.Tcp, s.tcpRoute(p))
			}
			continue
		}
		route := s.httpRoute(p)
		if len(s.ports) > 1 {
			route.Match = []*istionetworking.HTTPMatchRequest{{Port: uint32(p.number)}}
		}
		spec.Http = append(spec.Http, route)
	}
	return out
}

// routable are the TCP ports that others may call, by name.
func (s *service) routable() []port {
	return slices.DeleteFunc(slices.Clone(s.ports), func(p port) bool {
		called := slices.ContainsFunc(s.callers, func(c call) bool { return c.port == p })
		return p.protocol != "TCP" || p.isMetrics() && !called
	})
}

// httpRoute is the route to one port, whoever sends requests there.
func (s *service) httpRoute(p port) *istionetworking.HTTPRoute {
	out := &istionetworking.HTTPRoute{}
	if t := s.Traffic.Timeout; t != "" {
		out.Timeout = durationpb.New(duration(t))
	}
	if r := s.Traffic.Retries; r != nil {
		out.Retries = &istionetworking.HTTPRetry{Attempts: r.Attempts, RetryOn: retryOn}
		if r.PerTry != "" {
			out.Retries.PerTryTimeout = durationpb.New(duration(r.PerTry))
		}
	}
	for _, v := range s.shares() {
		out.Route = append(out.Route, &istionetworking.HTTPRouteDestination{Destination: s.destination(p, v.version), Weight: v.weight})
	}
	if len(out.Route) == 0 {
		out.Route = []*istionetworking.HTTPRouteDestination{{Destination: s.destination(p, "")}}
	}
	return out
}

func (s *service) tcpRoute(p port) *istionetworking.TCPRoute {
	out := &istionetworking.TCPRoute{}
	if len(s.ports) > 1 {
		out.Match = []*istionetworking.L4MatchAttributes{{Port: uint32(p.number)}}
	}
	for _, v := range s.shares() {
		out.Route = append(out.Route, &istionetworking.RouteDestination{Destination: s.destination(p, v.version), Weight: v.weight})
	}
	return out
}

// destination names the port always: of a Service with several Istio takes no
// other word for it.
func (s *service) destination(p port, subset string) *istionetworking.Destination {
	return &istionetworking.Destination{Host: s.dnsName(), Subset: subset, Port: &istionetworking.PortSelector{Number: uint32(p.number)}}
}

// destinationRules are the rule of the Service, and those of its versions' own
// Services where routes lead to these.
func (s *service) destinationRules() []runtime.Object {
	policy := s.trafficPolicy()
	own := &istionetv1.DestinationRule{TypeMeta: metav1.TypeMeta{APIVersion: istioNetworking, Kind: "DestinationRule"}, ObjectMeta: s.meta()}
	own.Spec.Host, own.Spec.TrafficPolicy = s.dnsName(), policy
	if s.of.Platform.Mesh == meshSidecar || s.Expose != nil && s.of.Platform.Ingress.API == edgeIstio {
		for _, v := range s.shares() {
			own.Spec.Subsets = append(own.Spec.Subsets, &istionetworking.Subset{Name: v.version, Labels: map[string]string{"version": v.version}})
		}
	}
	var out []runtime.Object
	passed := s.of.Platform.Mesh == meshAmbient && s.perVersion() // by routes that lead to the versions
	if policy != nil && !passed || len(own.Spec.Subsets) > 0 {
		out = append(out, own)
	}
	if policy == nil || !s.perVersion() {
		return out
	}
	for _, v := range s.shares() {
		one := own.DeepCopy()
		one.Name, one.Spec.Host, one.Spec.Subsets = s.name+"-"+v.version, s.versionHost(v.version), nil
		out = append(out, one)
	}
	return out
}

// trafficPolicy is nil where nothing is asked for. It has no tls: Istio finds out
// by itself who speaks mutual TLS, and one setting would end that
// (https://istio.io/latest/docs/reference/config/networking/destination-rule/).
func (s *service) trafficPolicy() *istionetworking.TrafficPolicy {
	t := s.Traffic
	if t.LoadBalancer == "" && t.Outlier == nil && t.MaxConnections == 0 {
		return nil
	}
	simple := istionetworking.LoadBalancerSettings_SimpleLB(istionetworking.LoadBalancerSettings_SimpleLB_value[cmp.Or(t.LoadBalancer, "LEAST_REQUEST")])
	out := &istionetworking.TrafficPolicy{LoadBalancer: &istionetworking.LoadBalancerSettings{LbPolicy: &istionetworking.LoadBalancerSettings_Simple{Simple: simple}}}
	if t.MaxConnections > 0 {
		out.ConnectionPool = &istionetworking.ConnectionPoolSettings{Tcp: &istionetworking.ConnectionPoolSettings_TCPSettings{MaxConnections: t.MaxConnections}}
	}
	if o := t.Outlier; o != nil {
		out.OutlierDetection = outlierDetection(*o)
	}
	return out
}

func outlierDetection(o api.Outlier) *istionetworking.OutlierDetection {
	return &istionetworking.OutlierDetection{
		Consecutive_5XxErrors: wrapperspb.UInt32(uint32(cmp.Or(o.Errors, 5))),
		Interval:              durationpb.New(duration(cmp.Or(o.Interval, "30s"))),
		BaseEjectionTime:      durationpb.New(duration(cmp.Or(o.Eject, "30s"))),
		MaxEjectionPercent:    cmp.Or(o.MaxPercent, 50),
	}
}

// duration reads one that was checked.
func duration(text string) time.Duration {
	d, _ := time.ParseDuration(text)
	return d
}
