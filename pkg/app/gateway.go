// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	istionetworking "istio.io/api/networking/v1alpha3"
	istiosecurity "istio.io/api/security/v1beta1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// gateways are NAMESPACE/NAME of the gateway where the file does not say it. With
// the API istio the name is the value of the label istio of the gateway's pods, as
// both istioctl and the chart set it.
var gateways = map[string]string{
	edgeGateway: "istio-ingress/shared",
	edgeIngress: "istio-ingress/shared",
	edgeIstio:   "istio-system/ingressgateway",
}

// edge is who a service is called by from outside.
func (y *system) edge() *istiosecurity.Source {
	in := y.Platform.Ingress
	if in.API == edgeIngress || in.API == edgeIstio && in.ServiceAccount == "" {
		// Whose account has a name that depends on how it was installed.
		return &istiosecurity.Source{Namespaces: []string{y.gatewayNS}}
	}
	return &istiosecurity.Source{Principals: []string{principal(y.Platform.TrustDomain, y.gatewayNS, y.gatewayAccount)}}
}

// istioGateways are a Gateway and a VirtualService for each host. Routes of one
// host stand in one VirtualService: the order of several would be that of their age.
func (y *system) istioGateways() []runtime.Object {
	if y.Platform.Ingress.API != edgeIstio {
		return nil
	}
	var out []runtime.Object
	for host, services := range y.hosts() {
		meta := metav1.ObjectMeta{Name: hostName(host), Namespace: y.Metadata.Namespace, Labels: y.labels()}
		out = append(out, y.istioGateway(meta, host, tlsSecret(services)), hostRoutes(meta, host, services))
	}
	return out
}

// hosts are those under which services are exposed, in order, with these.
func (y *system) hosts() iter.Seq2[string, []*service] {
	exposed := map[string][]*service{}
	for _, s := range y.services {
		if s.Expose != nil {
			exposed[s.host()] = append(exposed[s.host()], s)
		}
	}
	return func(yield func(string, []*service) bool) {
		for _, host := range slices.Sorted(maps.Keys(exposed)) {
			if !yield(host, exposed[host]) {
				return
			}
		}
	}
}

// hostName is the name of the objects of a host.
func hostName(host string) string {
	return strings.ReplaceAll(strings.Replace(host, "*", "any", 1), ".", "-")
}

// istioGateway listens for a host. The Secret is one of the namespace that the
// gateway's pods are in, whatever that of the Gateway
// (https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings).
func (y *system) istioGateway(meta metav1.ObjectMeta, host, secret string) runtime.Object {
	out := &istionetv1.Gateway{TypeMeta: metav1.TypeMeta{APIVersion: istioNetworking, Kind: "Gateway"}, ObjectMeta: meta}
	out.Spec.Selector = map[string]string{"istio": y.gateway}
	out.Spec.Servers = []*istionetworking.Server{{
		Hosts: []string{host},
		Port:  &istionetworking.Port{Name: "http", Number: 80, Protocol: "HTTP"},
		Tls:   &istionetworking.ServerTLSSettings{HttpsRedirect: true},
	}, {
		Hosts: []string{host},
		Port:  &istionetworking.Port{Name: "https", Number: 443, Protocol: "HTTPS"},
		Tls:   &istionetworking.ServerTLSSettings{CredentialName: secret, Mode: istionetworking.ServerTLSSettings_SIMPLE},
	}}
	return out
}

// hostRoutes are the routes of all services of a host. Istio takes the first that
// fits, so that the longer prefixes come first.
func hostRoutes(meta metav1.ObjectMeta, host string, services []*service) runtime.Object {
	type entry struct {
		path string
		to   *service
	}
	var all []entry
	for _, s := range services {
		for _, p := range s.paths() {
			all = append(all, entry{p, s})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(len(b.path), len(a.path)), cmp.Compare(a.path, b.path))
	})
	out := &istionetv1.VirtualService{TypeMeta: metav1.TypeMeta{APIVersion: istioNetworking, Kind: "VirtualService"}, ObjectMeta: meta}
	out.Spec.Gateways, out.Spec.Hosts = []string{meta.Name}, []string{host}
	for _, e := range all {
		route := e.to.httpRoute(*e.to.main())
		route.Match = prefixMatches(e.path)
		out.Spec.Http = append(out.Spec.Http, route)
	}
	return out
}

// prefixMatches are those of a path and what is below it: a prefix alone is of
// text, and /api one of /apiary.
func prefixMatches(path string) []*istionetworking.HTTPMatchRequest {
	path = strings.TrimSuffix(path, "/")
	below := &istionetworking.HTTPMatchRequest{Uri: &istionetworking.StringMatch{MatchType: &istionetworking.StringMatch_Prefix{Prefix: path + "/"}}}
	if path == "" {
		return []*istionetworking.HTTPMatchRequest{below}
	}
	exact := &istionetworking.HTTPMatchRequest{Uri: &istionetworking.StringMatch{MatchType: &istionetworking.StringMatch_Exact{Exact: path}}}
	return []*istionetworking.HTTPMatchRequest{exact, below}
}

// tlsSecret is that of services of one host: what one of them says, else what the
// platform does of its own host.
func tlsSecret(services []*service) string {
	for _, s := range services {
		if s.Expose.TLSSecret != "" {
			return s.Expose.TLSSecret
		}
	}
	first := services[0]
	return cmp.Or(platformSecret(first.of.Platform.Ingress, first.host()), first.name+"-tls")
}

// platformSecret is the Secret of the platform's host, which is for no other.
func platformSecret(in api.Ingress, host string) string {
	if host != in.Host {
		return ""
	}
	return in.TLSSecret
}
