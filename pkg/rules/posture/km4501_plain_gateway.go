// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM4501", Slug: "plain-gateway", Severity: finding.Info, Hygiene: true,
	Short: "Gateway or Ingress serves callers from outside without TLS",
	Why: `What comes in over plain HTTP anybody on the way can read and change: cookies, tokens, passwords. A second
port with TLS does not help those who type the name without https, unless the first sends them there.

Where a load balancer before the cluster ends TLS the finding can be suppressed.`,
	Fix: `Istio: a server with protocol HTTPS and a credentialName, and tls.httpsRedirect: true on that with HTTP.
Gateway API: a listener with protocol HTTPS, and an HTTPRoute with a RequestRedirect to scheme https on the one
with HTTP. Ingress: spec.tls with a Secret.`,
	Reference: "https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/",
	Aliases:   []string{"polaris:tlsSettingsMissing", "kubescape:C-0263"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.IstioGateways.Kind, model.VirtualServices.Kind, model.Services.Kind, model.Gateways.Kind, model.HTTPRoutes.Kind, model.Ingresses.Kind,
	}),
	Check:  checkPlainGateways,
	Repair: redirect,
})

func checkPlainGateways(w *rules.World, emit rules.Emit) {
	bound := boundTo(w)
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		if inward(w, gw) {
			continue
		}
		for i, s := range gw.Value.Spec.GetServers() {
			if !clear(s) || s.GetTls().GetHttpsRedirect() {
				continue
			}
			by := slices.DeleteFunc(slices.Clone(bound[plain(gw.Ref)]), func(vs virtualService) bool { return !served(s, vs) || !answers(vs, s.GetPort().GetNumber()) })
			if len(by) == 0 && (len(bound[plain(gw.Ref)]) > 0 || w.Absence(model.VirtualServices.Kind, "") == model.Proven) {
				continue // all of it is redirected, or nothing is served
			}
			f := emit(gw.Object, patch.Pointer("spec", "servers", i, "port", "protocol"), "port %d serves %s without TLS and does not redirect", s.GetPort().GetNumber(), rules.Few(s.GetHosts(), 3))
			f.Confidence = finding.Likely
			for _, vs := range by {
				f.Related = append(f.Related, vs.Ref)
			}
		}
	}
	checkPlainListeners(w, emit)
	checkPlainIngresses(w, emit)
}

// clear reports whether a server takes HTTP without TLS.
func clear(s *networkingv1.Server) bool {
	return slices.Contains([]string{"HTTP", "HTTP2", "GRPC", "GRPC-WEB"}, strings.ToUpper(s.GetPort().GetProtocol()))
}

// answers reports whether a VirtualService has a route at a port of its gateway
// that is no redirect to https.
func answers(vs virtualService, port uint32) bool {
	return slices.ContainsFunc(vs.Value.Spec.GetHttp(), func(r *networkingv1.HTTPRoute) bool {
		elsewhere := len(r.GetMatch()) > 0 && !slices.ContainsFunc(r.GetMatch(), func(m *networkingv1.HTTPMatchRequest) bool { return m.GetPort() == 0 || m.GetPort() == port })
		return !elsewhere && r.GetRedirect().GetScheme() != "https"
	})
}

func checkPlainListeners(w *rules.World, emit rules.Emit) {
	routes := attached(w)
	for _, gw := range model.Gateways.In(w.Snapshot, "") {
		if inside(gw) {
			continue
		}
		for i, l := range gw.Value.Spec.Listeners {
			if l.Protocol != gatewayv1.HTTPProtocolType {
				continue
			}
			for _, route := range routes[plain(gw.Ref)] {
				if !onListener(route, gw, l) || redirects(route) {
					continue
				}
				f := emit(gw.Object, patch.Pointer("spec", "listeners", i, "protocol"), "listener %s serves %s without TLS and without a redirect", l.Name, route.Ref)
				f.Confidence = finding.Likely
				f.Related = append(f.Related, route.Ref)
				break
			}
		}
	}
}

// redirects reports whether all that a route does is to redirect to https.
func redirects(route httpRoute) bool {
	return !slices.ContainsFunc(route.Value.Spec.Rules, func(r gatewayv1.HTTPRouteRule) bool {
		return !slices.ContainsFunc(r.Filters, func(f gatewayv1.HTTPRouteFilter) bool {
			return f.RequestRedirect != nil && f.RequestRedirect.Scheme != nil && *f.RequestRedirect.Scheme == "https"
		})
	})
}

// certified are the parts of annotations by which controllers of clouds take a
// certificate from elsewhere than spec.tls.
var certified = []string{"certificate-arn", "managed-certificates", "pre-shared-cert", "router.tls", "ssl-cert", "ssl-passthrough"}

func checkPlainIngresses(w *rules.World, emit rules.Emit) {
	for _, ing := range model.Ingresses.In(w.Snapshot, "") {
		elsewhere, unredirected := false, ""
		for key, value := range ing.Value.Annotations {
			elsewhere = elsewhere || slices.ContainsFunc(certified, func(c string) bool { return strings.Contains(key, c) })
			if strings.HasSuffix(key, "/ssl-redirect") && value == "false" {
				unredirected = key
			}
		}
		switch {
		case elsewhere || len(ing.Value.Spec.Rules) == 0 && ing.Value.Spec.DefaultBackend == nil:
		case len(ing.Value.Spec.TLS) == 0:
			emit(ing.Object, ing.Existing("/spec", "/rules", "/defaultBackend"), "it has no tls: what it serves goes over plain HTTP").Confidence = finding.Likely
		case unredirected != "":
			emit(ing.Object, patch.Pointer("metadata", "annotations", unredirected), "it does not redirect plain HTTP to TLS")
		}
	}
}

// redirect has a server send its callers to the one with TLS for the same host.
func redirect(_ *rules.World, r rules.Result) []rules.Fix {
	gw, ok := model.IstioGateways.Of(r.On)
	if !ok {
		return nil
	}
	at := strings.TrimSuffix(r.Pointer, "/port/protocol")
	for i, s := range gw.Value.Spec.GetServers() {
		if at != patch.Pointer("spec", "servers", i) || !slices.ContainsFunc(gw.Value.Spec.GetServers(), func(x *networkingv1.Server) bool {
			return strings.EqualFold(x.GetPort().GetProtocol(), "HTTPS") && !slices.ContainsFunc(s.GetHosts(), func(h string) bool { return !slices.Contains(x.GetHosts(), h) })
		}) {
			continue
		}
		return []rules.Fix{rules.Change(rules.Review, "redirect plain HTTP to the server with TLS", r.On, rules.Set(r.On, at+"/tls/httpsRedirect", true))}
	}
	return nil
}
