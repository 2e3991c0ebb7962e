// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	networkingv1 "k8s.io/api/networking/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// backend is one Service and port that an Ingress or a route names.
type backend struct {
	on *model.Object
	// at is the JSON Pointer of the Service's name, portAt that of the port.
	at, portAt      string
	namespace, name string
	// port is the number, portName the name; an Ingress gives one of them.
	port     int32
	portName string
	// idle is true for a backend of weight 0, which gets no traffic.
	idle bool
}

// useAnnotation is the port name with which the AWS load balancer controller
// takes the "Service" for one of its actions.
const useAnnotation = "use-annotation"

// ingressBackends lists the Services of an Ingress in the order they are written.
func ingressBackends(in model.Item[networkingv1.Ingress]) []backend {
	var out []backend
	add := func(b *networkingv1.IngressBackend, at string) {
		if b == nil || b.Service == nil || b.Service.Name == "" || b.Service.Port.Name == useAnnotation {
			return
		}
		portAt := at + "/service/port/number"
		if b.Service.Port.Name != "" {
			portAt = at + "/service/port/name"
		}
		out = append(out, backend{
			on: in.Object, at: at + "/service/name", portAt: portAt, namespace: in.Ref.Namespace, name: b.Service.Name,
			port: b.Service.Port.Number, portName: b.Service.Port.Name,
		})
	}
	add(in.Value.Spec.DefaultBackend, "/spec/defaultBackend")
	for i, r := range in.Value.Spec.Rules {
		if r.HTTP == nil {
			continue
		}
		for j := range r.HTTP.Paths {
			add(&r.HTTP.Paths[j].Backend, patch.Pointer("spec", "rules", i, "http", "paths", j, "backend"))
		}
	}
	return out
}

// routeBackends lists the Services of a route; other kinds of backends are left out.
func routeBackends(r route) []backend {
	var out []backend
	for _, b := range r.backends {
		if !isKind(b.ref.Group, b.ref.Kind, model.Services.Kind) || b.ref.Name == "" {
			continue
		}
		one := backend{on: r.Object, at: b.at + "/name", portAt: b.at + "/port", namespace: model.NamespaceOf(b.ref.Namespace, r.Ref.Namespace), name: string(b.ref.Name), idle: b.idle}
		if b.ref.Port != nil {
			one.port = int32(*b.ref.Port)
		}
		out = append(out, one)
	}
	return out
}

// route is what HTTPRoutes and GRPCRoutes have in common.
type route struct {
	*model.Object
	parents   []gatewayv1.ParentReference
	hostnames []gatewayv1.Hostname
	backends  []routeBackend
	status    []gatewayv1.RouteParentStatus
}

// routeBackend is a reference with its JSON Pointer.
type routeBackend struct {
	ref  gatewayv1.BackendObjectReference
	at   string
	idle bool
}

// routes lists the HTTPRoutes and GRPCRoutes of the world.
func routes(w *rules.World) []route {
	var out []route
	for _, h := range model.HTTPRoutes.In(w.Snapshot, "") {
		r := route{Object: h.Object, parents: h.Value.Spec.ParentRefs, hostnames: h.Value.Spec.Hostnames, status: h.Value.Status.Parents}
		for i, rule := range h.Value.Spec.Rules {
			for j, b := range rule.BackendRefs {
				r.add(b.BackendRef, i, j)
			}
			for j, filter := range rule.Filters {
				if filter.RequestMirror != nil {
					at := patch.Pointer("spec", "rules", i, "filters", j, "requestMirror", "backendRef")
					r.backends = append(r.backends, routeBackend{ref: filter.RequestMirror.BackendRef, at: at})
				}
			}
		}
		out = append(out, r)
	}
	for _, g := range model.GRPCRoutes.In(w.Snapshot, "") {
		r := route{Object: g.Object, parents: g.Value.Spec.ParentRefs, hostnames: g.Value.Spec.Hostnames, status: g.Value.Status.Parents}
		for i, rule := range g.Value.Spec.Rules {
			for j, b := range rule.BackendRefs {
				r.add(b.BackendRef, i, j)
			}
		}
		out = append(out, r)
	}
	return out
}

func (r *route) add(b gatewayv1.BackendRef, rule, index int) {
	r.backends = append(r.backends, routeBackend{
		ref: b.BackendObjectReference, at: patch.Pointer("spec", "rules", rule, "backendRefs", index), idle: b.Weight != nil && *b.Weight == 0,
	})
}

// isKind reports whether a reference of the Gateway API, whose group and kind
// may be left out, is to a kind; left out they mean k.
func isKind(group *gatewayv1.Group, kind *gatewayv1.Kind, k *model.Kind) bool {
	return (group == nil || string(*group) == k.Group) && (kind == nil || string(*kind) == k.Kind)
}
