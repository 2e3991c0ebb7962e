// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	corev1 "k8s.io/api/core/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// opening is a path that something lets callers from outside reach.
type opening struct {
	on *model.Object
	at string
	// path is what requests begin with; exact if nothing may follow.
	path  string
	exact bool
	// answered is true where the gateway itself answers, so that no service is reached.
	answered bool
	// service is where they go, port its port; nil where that is not in view.
	service *model.Item[corev1.Service]
	port    *corev1.ServicePort
}

// openings are the paths that VirtualServices at gateways, HTTPRoutes and
// Ingresses let through.
func openings(w *rules.World) []opening {
	var out []opening
	inward := inwardGateways(w)
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		if outward(vs, inward) {
			out = append(out, openedBy(w, vs)...)
		}
	}
	for _, route := range model.HTTPRoutes.In(w.Snapshot, "") {
		if atGateway(w, route) {
			out = append(out, openedByRoute(w, route)...)
		}
	}
	for _, ing := range model.Ingresses.In(w.Snapshot, "") {
		for i, r := range ing.Value.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for j, p := range r.HTTP.Paths {
				o := opening{on: ing.Object, at: patch.Pointer("spec", "rules", i, "http", "paths", j), path: p.Path, exact: p.PathType != nil && *p.PathType == "Exact"}
				if b := p.Backend.Service; b != nil {
					o.service, o.port = portOf(w, ing.Ref.Namespace, b.Name, b.Port.Number, b.Port.Name)
				}
				out = append(out, o)
			}
		}
	}
	return out
}

// inwardGateways are the Gateways of Istio that are not for callers from outside.
func inwardGateways(w *rules.World) map[string]bool {
	out := map[string]bool{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		if inward(w, gw) {
			out[gw.Ref.Namespace+"/"+gw.Ref.Name] = true
		}
	}
	return out
}

// outward reports whether a VirtualService is bound to a gateway for callers from outside.
func outward(vs virtualService, inward map[string]bool) bool {
	for _, g := range vs.Value.Spec.GetGateways() {
		if r := model.GatewayRef(g, vs.Ref.Namespace); g != "mesh" && !inward[r.Namespace+"/"+r.Name] {
			return true
		}
	}
	return false
}

// atGateway reports whether a route is attached to a Gateway, not to a Service or
// to a gateway inside of the mesh.
func atGateway(w *rules.World, route httpRoute) bool {
	for _, p := range route.Value.Spec.ParentRefs {
		if p.Kind != nil && *p.Kind != "Gateway" {
			continue
		}
		gw, found := model.Gateways.Get(w.Snapshot, model.NamespaceOf(p.Namespace, route.Ref.Namespace), string(p.Name))
		if !found || !inside(gw) {
			return true
		}
	}
	return false
}

func openedBy(w *rules.World, vs virtualService) []opening {
	var out []opening
	for i, r := range vs.Value.Spec.GetHttp() {
		o := opening{on: vs.Object, at: patch.Pointer("spec", "http", i), answered: r.GetRedirect() != nil || r.GetDirectResponse() != nil}
		for _, leg := range r.GetRoute() {
			if host := w.Resolve(leg.GetDestination().GetHost(), vs.Ref.Namespace); host.Service != nil && o.service == nil {
				o.service, o.port = portOf(w, host.Service.Ref.Namespace, host.Service.Ref.Name, int32(leg.GetDestination().GetPort().GetNumber()), "")
			}
		}
		if len(r.GetMatch()) == 0 {
			o.path = "/"
			out = append(out, o)
		}
		for j, m := range r.GetMatch() {
			x := o
			x.at += patch.Pointer("match", j)
			switch uri := m.GetUri().GetMatchType().(type) {
			case *networkingv1.StringMatch_Exact:
				x.path, x.exact = uri.Exact, true
			case *networkingv1.StringMatch_Prefix:
				x.path = uri.Prefix
			case nil:
				x.path = "/"
			default:
				continue // what a regular expression lets through is not looked at
			}
			out = append(out, x)
		}
	}
	return out
}

func openedByRoute(w *rules.World, route httpRoute) []opening {
	var out []opening
	for i, r := range route.Value.Spec.Rules {
		o := opening{on: route.Object, at: patch.Pointer("spec", "rules", i), answered: len(r.BackendRefs) == 0}
		if o.answered {
		} else if b := r.BackendRefs[0]; b.Kind == nil || *b.Kind == "Service" {
			number := int32(0)
			if b.Port != nil {
				number = int32(*b.Port)
			}
			o.service, o.port = portOf(w, model.NamespaceOf(b.Namespace, route.Ref.Namespace), string(b.Name), number, "")
		}
		if len(r.Matches) == 0 {
			o.path = "/"
			out = append(out, o)
		}
		for j, m := range r.Matches {
			x := o
			x.at, x.path = x.at+patch.Pointer("matches", j), "/"
			if m.Path != nil && m.Path.Value != nil {
				x.path = *m.Path.Value
				x.exact = m.Path.Type != nil && *m.Path.Type == gatewayv1.PathMatchExact
				if m.Path.Type != nil && *m.Path.Type == gatewayv1.PathMatchRegularExpression {
					continue
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// portOf finds a Service and a port of it; the only one where none is named.
func portOf(w *rules.World, namespace, name string, number int32, called string) (*model.Item[corev1.Service], *corev1.ServicePort) {
	svc, found := model.Services.Get(w.Snapshot, namespace, name)
	if !found {
		return nil, nil
	}
	for i, p := range svc.Value.Spec.Ports {
		if number != 0 && p.Port == number || called != "" && p.Name == called || number == 0 && called == "" && len(svc.Value.Spec.Ports) == 1 {
			return &svc, &svc.Value.Spec.Ports[i]
		}
	}
	return &svc, nil
}

// lets reports whether an opening lets requests for a path through.
func (o opening) lets(path string) bool {
	if o.exact {
		return o.path == path
	}
	return strings.HasPrefix(path, o.path) || strings.HasPrefix(path+"/", strings.TrimSuffix(o.path, "/")+"/")
}
