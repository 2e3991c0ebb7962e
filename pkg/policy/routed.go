// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// routed are the edges of gateways to the backends of their routes.
func (w *world) routed() []edge {
	out := w.virtual()
	for _, h := range model.HTTPRoutes.In(w.Snapshot, "") {
		for _, rule := range h.Value.Spec.Rules {
			for _, b := range rule.BackendRefs {
				out = append(out, w.attached(h.Object, h.Value.Spec.ParentRefs, b.BackendRef)...)
			}
		}
	}
	for _, h := range model.GRPCRoutes.In(w.Snapshot, "") {
		for _, rule := range h.Value.Spec.Rules {
			for _, b := range rule.BackendRefs {
				out = append(out, w.attached(h.Object, h.Value.Spec.ParentRefs, b.BackendRef)...)
			}
		}
	}
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		out = append(out, w.ingress(in)...)
	}
	return out
}

// virtual are the edges of Istio's gateways.
func (w *world) virtual() []edge {
	var out []edge
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		var legs []string // host|port
		for _, r := range vs.Value.Spec.Http {
			for _, leg := range r.GetRoute() {
				legs = append(legs, leg.GetDestination().GetHost()+"|"+strconv.Itoa(int(leg.GetDestination().GetPort().GetNumber())))
			}
		}
		for _, r := range vs.Value.Spec.Tcp {
			for _, leg := range r.GetRoute() {
				legs = append(legs, leg.GetDestination().GetHost()+"|"+strconv.Itoa(int(leg.GetDestination().GetPort().GetNumber())))
			}
		}
		for _, r := range vs.Value.Spec.Tls {
			for _, leg := range r.GetRoute() {
				legs = append(legs, leg.GetDestination().GetHost()+"|"+strconv.Itoa(int(leg.GetDestination().GetPort().GetNumber())))
			}
		}
		slices.Sort(legs)
		for _, name := range vs.Value.Spec.Gateways {
			if name == "mesh" {
				continue
			}
			gw := model.GatewayRef(name, vs.Ref.Namespace)
			for _, leg := range slices.Compact(legs) {
				host, number, _ := strings.Cut(leg, "|")
				ns, svcName, isService := w.ServiceName(w.FQDN(host, vs.Ref.Namespace))
				svc, found := model.Services.Get(w.Snapshot, ns, svcName)
				if !isService || !found {
					continue
				}
				e := edge{from: end{kind: gatewayEnd, namespace: gw.Namespace, name: gw.Name}, by: vs.Ref, where: vs.Where(""), why: vs.Ref.String() + " routes to it"}
				if number != "0" {
					e.port = number
				}
				out = append(out, w.through(e, svc)...)
			}
		}
	}
	return out
}

// attached are the edges of the Gateways that a route is attached to.
func (w *world) attached(route *model.Object, parents []gatewayv1.ParentReference, to gatewayv1.BackendRef) []edge {
	own := route.Ref.Namespace
	svc, found := model.Services.Get(w.Snapshot, model.NamespaceOf(to.Namespace, own), string(to.Name))
	if !found || to.Kind != nil && *to.Kind != "Service" {
		return nil
	}
	var out []edge
	for _, p := range parents {
		if p.Kind != nil && *p.Kind != "Gateway" {
			continue // a Service: a route of the mesh, whoever calls
		}
		e := edge{from: end{kind: gatewayEnd, namespace: model.NamespaceOf(p.Namespace, own), name: string(p.Name)}, by: route.Ref, where: route.Where(""), why: route.Ref.String() + " routes to it"}
		if to.Port != nil {
			e.port = strconv.Itoa(int(*to.Port))
		}
		out = append(out, w.through(e, svc)...)
	}
	return out
}

// controllers are the labels of usual Ingress controllers.
var controllers = []string{"ingress-nginx", "nginx-ingress", "traefik", "haproxy-ingress", "kubernetes-ingress", "contour", "kong", "istio-ingressgateway"}

// ingress are the edges of the controller of an Ingress: the controller that the
// world holds, or a gateway named after the class, which nobody will find.
func (w *world) ingress(in model.Item[networkingv1.Ingress]) []edge {
	var senders []*model.Workload
	for _, of := range w.Workloads("") {
		l := of.Template.Labels
		if name := cmp.Or(l["app.kubernetes.io/name"], l["app"]); slices.Contains(controllers, name) && (l["app.kubernetes.io/component"] == "" || l["app.kubernetes.io/component"] == "controller") {
			senders = append(senders, of)
		}
	}
	var out []edge
	each := func(b *networkingv1.IngressBackend) {
		if b == nil || b.Service == nil {
			return
		}
		svc, found := model.Services.Get(w.Snapshot, in.Ref.Namespace, b.Service.Name)
		if !found {
			return
		}
		e := edge{by: in.Ref, where: in.Where(""), why: in.Ref.String() + " routes to it", port: b.Service.Port.Name}
		if b.Service.Port.Number != 0 {
			e.port = strconv.Itoa(int(b.Service.Port.Number))
		}
		for _, sender := range senders {
			one := e
			one.from, one.sender = endOf(sender), sender
			out = append(out, w.through(one, svc)...)
		}
		if len(senders) == 0 {
			e.from = end{kind: gatewayEnd, namespace: in.Ref.Namespace, name: "ingress-controller"}
			out = append(out, w.through(e, svc)...)
		}
	}
	each(in.Value.Spec.DefaultBackend)
	for _, r := range in.Value.Spec.Rules {
		if r.HTTP != nil {
			for i := range r.HTTP.Paths {
				each(&r.HTTP.Paths[i].Backend)
			}
		}
	}
	return out
}
