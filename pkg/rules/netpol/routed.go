// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// routed are the demands of gateways on the backends of their routes.
func routed(w *rules.World) []demand {
	var out []demand
	add := func(by ref.Ref, from []endpoint, exact bool, namespace, name string, number int32) {
		svc, found := model.Services.Get(w.Snapshot, namespace, name)
		if !found {
			return
		}
		d := demand{
			who: "the gateway", why: by.String() + " routes to " + svc.Ref.String(), by: by, from: from, exact: exact, severity: finding.Error,
			hint: "add a rule from the pods of the gateway (namespaceSelector and podSelector) for the port of the pods",
		}
		out = append(out, onService(w, d, svc, number)...)
	}
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		each := func(b *networkingv1.IngressBackend) {
			if b == nil || b.Service == nil {
				return
			}
			number := b.Service.Port.Number
			if svc, found := model.Services.Get(w.Snapshot, in.Ref.Namespace, b.Service.Name); found && number == 0 {
				number = portNamed(svc.Value, b.Service.Port.Name)
			}
			add(in.Ref, []endpoint{elsewhere, outside}, false, in.Ref.Namespace, b.Service.Name, number)
		}
		each(in.Value.Spec.DefaultBackend)
		for _, r := range in.Value.Spec.Rules {
			if r.HTTP != nil {
				for i := range r.HTTP.Paths {
					each(&r.HTTP.Paths[i].Backend)
				}
			}
		}
	}
	for _, h := range model.HTTPRoutes.In(w.Snapshot, "") {
		from := parents(h.Value.Spec.ParentRefs, h.Ref.Namespace)
		for _, rule := range h.Value.Spec.Rules {
			for _, b := range rule.BackendRefs {
				if len(from) > 0 && b.Port != nil && (b.Kind == nil || *b.Kind == "Service") {
					add(h.Ref, from, false, model.NamespaceOf(b.Namespace, h.Ref.Namespace), string(b.Name), int32(*b.Port))
				}
			}
		}
	}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		from, exact := istioGateways(w, vs.Value.Spec.Gateways, vs.Ref.Namespace)
		for _, r := range vs.Value.Spec.Http {
			for _, leg := range r.GetRoute() {
				ns, name, isService := w.ServiceName(w.FQDN(leg.GetDestination().GetHost(), vs.Ref.Namespace))
				if isService && len(from) > 0 {
					add(vs.Ref, from, exact, ns, name, int32(leg.GetDestination().GetPort().GetNumber()))
				}
			}
		}
	}
	return out
}

// parents are where the proxies of Gateways may run: in the namespace of the
// Gateway, in that of the controller, or on the nodes.
func parents(refs []gatewayv1.ParentReference, namespace string) []endpoint {
	var out []endpoint
	for _, p := range refs {
		if p.Kind == nil || *p.Kind == "Gateway" {
			out = append(out, elsewhere, outside, endpoint{namespace: model.NamespaceOf(p.Namespace, namespace), labels: labels.Set{"gateway.networking.k8s.io/gateway-name": string(p.Name)}})
		}
	}
	return out
}

// istioGateways are the proxies behind the Gateways of a VirtualService, exact
// when the world holds those of all.
func istioGateways(w *rules.World, names []string, namespace string) (from []endpoint, exact bool) {
	exact = true
	for _, name := range names {
		if name == "mesh" {
			continue
		}
		of := model.GatewayRef(name, namespace)
		gw, found := model.IstioGateways.Get(w.Snapshot, of.Namespace, of.Name)
		if !found || len(gw.Value.Spec.Selector) == 0 {
			from, exact = append(from, elsewhere), false
			continue
		}
		before := len(from)
		for _, workload := range w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.Selector)) {
			from = append(from, endpoint{namespace: workload.Ref.Namespace, labels: workload.Template.Labels})
		}
		if len(from) == before {
			from, exact = append(from, elsewhere, endpoint{namespace: of.Namespace, labels: labels.Set(gw.Value.Spec.Selector)}), false
		}
	}
	return from, exact
}

// annotated are the demands of Prometheus on workloads that ask to be scraped.
func annotated(w *rules.World, d demand) []demand {
	var out []demand
	for _, workload := range w.Workloads("") {
		a := workload.Template.Annotations
		number, err := strconv.ParseInt(a["prometheus.io/port"], 10, 32)
		if a["prometheus.io/scrape"] != "true" || err != nil || workload.Spec().HostNetwork {
			continue
		}
		d.why, d.by = workload.Ref.String()+" is annotated prometheus.io/scrape", workload.Ref
		out = append(out, d.onWorkload(workload, int32(number)))
	}
	return out
}

// admission are the demands of the API server on webhooks.
func admission(w *rules.World) []demand {
	var out []demand
	add := func(by ref.Ref, namespace, name string, number *int32) {
		svc, found := model.Services.Get(w.Snapshot, namespace, name)
		if !found {
			return
		}
		p := int32(443) // the default of the API
		if number != nil {
			p = *number
		}
		out = append(out, onService(w, demand{
			who: "the API server", why: by.String() + " calls " + svc.Ref.String(), by: by, from: []endpoint{outside}, severity: finding.Warning,
			hint: "add a rule for the port without from, or with the addresses of the control plane (ipBlock)",
		}, svc, p)...)
	}
	model.AdmissionWebhooks(w.Snapshot, add)
	return out
}
