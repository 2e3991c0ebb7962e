// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// exposedServices are the Services that traffic from outside the cluster
// reaches first: behind an Ingress, a gateway's route or an address of their own.
func exposedServices(w *rules.World) map[ref.Ref]bool {
	out := map[ref.Ref]bool{}
	add := func(namespace, name string) {
		out[ref.Ref{Kind: "Service", Namespace: namespace, Name: name}] = true
	}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if t := svc.Value.Spec.Type; t == "LoadBalancer" || t == "NodePort" {
			add(svc.Ref.Namespace, svc.Ref.Name)
		}
	}
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		for _, b := range ingressBackends(in.Value) {
			if b.Service != nil {
				add(in.Ref.Namespace, b.Service.Name)
			}
		}
	}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		if !throughGateway(vs.Value.Spec.Gateways) {
			continue
		}
		for _, r := range vs.Value.Spec.Http {
			for _, leg := range r.Route {
				if ns, name, ok := w.ServiceName(w.FQDN(leg.GetDestination().GetHost(), vs.Ref.Namespace)); ok {
					add(ns, name)
				}
			}
		}
	}
	for _, route := range model.HTTPRoutes.In(w.Snapshot, "") {
		for _, r := range route.Value.Spec.Rules {
			for _, b := range r.BackendRefs {
				add(model.NamespaceOf(b.Namespace, route.Ref.Namespace), string(b.Name))
			}
		}
	}
	return out
}

func ingressBackends(in *networkingv1.Ingress) []networkingv1.IngressBackend {
	var out []networkingv1.IngressBackend
	if in.Spec.DefaultBackend != nil {
		out = append(out, *in.Spec.DefaultBackend)
	}
	for _, r := range in.Spec.Rules {
		if r.HTTP == nil {
			continue
		}
		for _, p := range r.HTTP.Paths {
			out = append(out, p.Backend)
		}
	}
	return out
}

// throughGateway reports whether a VirtualService is bound to more than the mesh.
func throughGateway(gateways []string) bool {
	for _, g := range gateways {
		if g != "mesh" {
			return true
		}
	}
	return false
}
