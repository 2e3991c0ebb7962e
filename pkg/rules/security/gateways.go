// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// unseenGateway is a gateway whose pods are not in view: all that is known of
// its identity is what such identities are called.
var unseenGateway = caller{Hints: []string{"gateway", "ingress", "istio", "gw", "edge"}}

// gatewayVisits are the requests that Istio's gateways pass on, by
// VirtualServices and HTTPRoutes. They carry the gateway's identity.
func gatewayVisits(w *rules.World) []visit {
	trust, _ := trustDomains(w)
	gateways := gatewayCallers{w: w, trust: trust, seen: map[ref.Ref][]caller{}}
	var out []visit
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		callers := gateways.of(vs)
		if len(callers) == 0 {
			continue
		}
		for _, to := range destinationsOf(&vs.Value.Spec) {
			host := w.Resolve(to.GetHost(), vs.Ref.Namespace)
			if host.Service == nil {
				continue
			}
			d := door{From: vs.Object, At: to.at, Service: *host.Service, Port: portOf(*host.Service, int32(to.GetPort().GetNumber()), "")}
			out = append(out, visitsOf(w, d, callers)...)
		}
	}
	for _, route := range model.HTTPRoutes.In(w.Snapshot, "") {
		var callers []caller
		for _, p := range route.Value.Spec.ParentRefs {
			if p.Kind != nil && *p.Kind != "Gateway" {
				continue
			}
			callers = append(callers, gatewayAPICallers(w, model.NamespaceOf(p.Namespace, route.Ref.Namespace), string(p.Name), trust)...)
		}
		for i, r := range route.Value.Spec.Rules {
			for j, b := range r.BackendRefs {
				svc, found := model.Services.Get(w.Snapshot, model.NamespaceOf(b.Namespace, route.Ref.Namespace), string(b.Name))
				if !found || len(callers) == 0 || b.Kind != nil && *b.Kind != "Service" {
					continue
				}
				d := door{From: route.Object, At: patch.Pointer("spec", "rules", i, "backendRefs", j), Service: svc}
				if b.Port != nil {
					d.Port = portOf(svc, int32(*b.Port), "")
				}
				out = append(out, visitsOf(w, d, callers)...)
			}
		}
	}
	return out
}

func visitsOf(w *rules.World, d door, callers []caller) []visit {
	var out []visit
	for _, b := range behind(w, d) {
		out = append(out, visit{By: d.From, At: d.At, To: b.Workload, Service: d.Service.Ref, Port: b.Port, Callers: callers})
	}
	return out
}

// gatewayCallers finds the identities of Istio's gateways, each once.
type gatewayCallers struct {
	w     *rules.World
	trust []string
	seen  map[ref.Ref][]caller
}

// of are the gateways that a VirtualService is bound to.
func (g gatewayCallers) of(vs model.Item[istionetv1.VirtualService]) []caller {
	var out []caller
	for _, gateway := range vs.Value.Spec.GetGateways() {
		if gateway == "mesh" {
			continue
		}
		name := model.GatewayRef(gateway, vs.Ref.Namespace)
		callers, seen := g.seen[name]
		if !seen {
			callers = g.find(name)
			g.seen[name] = callers
		}
		out = append(out, callers...)
	}
	return out
}

func (g gatewayCallers) find(name ref.Ref) []caller {
	gw, found := model.IstioGateways.Get(g.w.Snapshot, name.Namespace, name.Name)
	if !found || len(gw.Value.Spec.GetSelector()) == 0 {
		return []caller{unseenGateway}
	}
	return identitiesOf(g.w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.GetSelector())), g.trust)
}

// gatewayAPICallers are the identities of a Gateway of the Gateway API: istiod
// deploys one ServiceAccount a Gateway, NAME-CLASS
// (pilot/pkg/config/kube/gateway/deploymentcontroller.go).
func gatewayAPICallers(w *rules.World, namespace, name string, trust []string) []caller {
	gw, found := model.Gateways.Get(w.Snapshot, namespace, name)
	if !found {
		return []caller{unseenGateway}
	}
	if gw.Value.Spec.GatewayClassName != "istio" {
		return nil // another implementation, or a waypoint
	}
	selector := labels.SelectorFromSet(labels.Set{"gateway.networking.k8s.io/gateway-name": name})
	if pods := w.Select(namespace, selector).Workloads; len(pods) > 0 {
		return identitiesOf(pods, trust)
	}
	return []caller{{Namespace: namespace, Account: name + "-istio", TrustDomains: trust}}
}

// identitiesOf are the identities of workloads; of none, that of a gateway which
// is not in view.
func identitiesOf(workloads []*model.Workload, trust []string) []caller {
	if len(workloads) == 0 {
		return []caller{unseenGateway}
	}
	var out []caller
	for _, of := range workloads {
		out = append(out, caller{Namespace: of.Ref.Namespace, Account: of.Account(), TrustDomains: trust})
	}
	return out
}

// destination is one place that a VirtualService routes to.
type destination struct {
	*networkingv1.Destination
	at string
}

func destinationsOf(vs *networkingv1.VirtualService) []destination {
	var out []destination
	add := func(d *networkingv1.Destination, at ...any) {
		if d != nil {
			out = append(out, destination{d, patch.Pointer(at...)})
		}
	}
	for i, r := range vs.GetHttp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), "spec", "http", i, "route", j)
		}
	}
	for i, r := range vs.GetTls() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), "spec", "tls", i, "route", j)
		}
	}
	for i, r := range vs.GetTcp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), "spec", "tcp", i, "route", j)
		}
	}
	return out
}
