// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type (
	istioGateway   = model.Item[istionetv1.Gateway]
	virtualService = model.Item[istionetv1.VirtualService]
	gateway        = model.Item[gatewayv1.Gateway]
	httpRoute      = model.Item[gatewayv1.HTTPRoute]
)

// gatewayWorkloads are what a Gateway of Istio configures, in any namespace.
func gatewayWorkloads(w *rules.World, gw istioGateway) []*model.Workload {
	if len(gw.Value.Spec.GetSelector()) == 0 {
		return nil
	}
	return w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.GetSelector()))
}

// inward reports whether a Gateway of Istio is not for callers from outside: its
// name or selector says that it is for the way out, or all Services in front of its
// pods are for the inside.
func inward(w *rules.World, gw istioGateway) bool {
	if strings.Contains(gw.Ref.Name, "egress") {
		return true
	}
	for _, v := range gw.Value.Spec.GetSelector() {
		if strings.Contains(v, "egress") {
			return true
		}
	}
	seen := 0
	for _, of := range gatewayWorkloads(w, gw) {
		for _, svc := range w.InFront(of) {
			seen++
			if t := svc.Value.Spec.Type; t == corev1.ServiceTypeLoadBalancer || t == corev1.ServiceTypeNodePort {
				return false
			}
		}
	}
	return seen > 0
}

// boundTo files VirtualServices under the Gateways that they are bound to.
func boundTo(w *rules.World) map[ref.Ref][]virtualService {
	out := map[ref.Ref][]virtualService{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, g := range vs.Value.Spec.GetGateways() {
			if g != "mesh" {
				r := model.GatewayRef(g, vs.Ref.Namespace)
				out[plain(r)] = append(out[plain(r)], vs)
			}
		}
	}
	return out
}

// plain leaves the version out of a Ref, to be a key.
func plain(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// served reports whether a host of a VirtualService is one of a server.
func served(s *networkingv1.Server, vs virtualService) bool {
	return slices.ContainsFunc(s.GetHosts(), func(host string) bool {
		if _, name, found := strings.Cut(host, "/"); found {
			host = name
		}
		return slices.ContainsFunc(vs.Value.Spec.GetHosts(), func(h string) bool { return model.Covers(host, h) || model.Covers(h, host) })
	})
}

// attached are the HTTPRoutes of each Gateway of the Gateway API.
func attached(w *rules.World) map[ref.Ref][]httpRoute {
	out := map[ref.Ref][]httpRoute{}
	for _, route := range model.HTTPRoutes.In(w.Snapshot, "") {
		var seen []ref.Ref
		for _, p := range route.Value.Spec.ParentRefs {
			r := plain(model.Gateways.Ref(model.NamespaceOf(p.Namespace, route.Ref.Namespace), string(p.Name)))
			if (p.Kind == nil || *p.Kind == "Gateway") && !slices.Contains(seen, r) {
				seen = append(seen, r)
				out[r] = append(out[r], route)
			}
		}
	}
	return out
}

// onListener reports whether a route is attached to a listener of a Gateway.
func onListener(route httpRoute, gw gateway, l gatewayv1.Listener) bool {
	return slices.ContainsFunc(route.Value.Spec.ParentRefs, func(p gatewayv1.ParentReference) bool {
		return string(p.Name) == gw.Ref.Name && model.NamespaceOf(p.Namespace, route.Ref.Namespace) == gw.Ref.Namespace &&
			(p.Kind == nil || *p.Kind == "Gateway") &&
			(p.SectionName == nil || *p.SectionName == l.Name) && (p.Port == nil || *p.Port == l.Port)
	})
}

// serviceType is the annotation that says what Service istiod makes for a Gateway.
const serviceType = "networking.istio.io/service-type"

// inside reports whether a Gateway of the Gateway API is a waypoint, or one that
// is told to have no address outside of the cluster.
func inside(gw gateway) bool {
	return strings.Contains(string(gw.Value.Spec.GatewayClassName), "waypoint") || gw.Value.Annotations[serviceType] == "ClusterIP"
}
