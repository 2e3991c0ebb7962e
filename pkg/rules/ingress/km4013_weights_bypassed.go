// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4013", Slug: "weights-bypassed", Severity: finding.Warning,
	Short: "Traffic from an Ingress bypasses the VirtualService of its backend",
	Why: `A VirtualService without gateways counts in the sidecars of callers inside the mesh. The controller
of an Ingress is mostly no part of the mesh, and sends to the pods of the Service directly: weights,
subsets, timeouts and retries of the VirtualService do not count for what comes from outside, so that
a canary gets its share of the pods instead of its share of the weights.`,
	Fix: `Let traffic in through an Istio Gateway that the VirtualService names in gateways (besides mesh), or
through an HTTPRoute with the same weights. Or put the controller into the mesh and have it send to the
Service (ingress-nginx: nginx.ingress.kubernetes.io/service-upstream: "true").`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService",
	Needs:     []*model.Kind{model.Ingresses.Kind, model.VirtualServices.Kind},
	Check:     checkBypass,
})

func checkBypass(w *rules.World, emit rules.Emit) {
	shaped := map[string]virtualService{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		if !shapes(vs.Value.Spec.Http) || !(len(vs.Value.Spec.Gateways) == 0 || slices.Equal(vs.Value.Spec.Gateways, []string{meshGateway})) {
			continue
		}
		for _, h := range vs.Value.Spec.Hosts {
			shaped[w.FQDN(h, vs.Ref.Namespace)] = vs
		}
	}
	if len(shaped) == 0 {
		return
	}
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		if in.Value.Annotations["nginx.ingress.kubernetes.io/service-upstream"] == "true" {
			continue // sends to the Service; where the controller is in the mesh, its sidecar takes the VirtualService
		}
		told := map[ref.Ref]bool{}
		for _, b := range ingressBackends(in) {
			vs, found := shaped[w.ServiceFQDN(b.namespace, b.name)]
			if !found || told[vs.Ref] {
				continue
			}
			told[vs.Ref] = true
			f := emit(in.Object, b.at, "traffic to Service %s/%s from this Ingress does not pass %s, which names no gateways and counts inside the mesh only", b.namespace, b.name, vs.Ref)
			f.Confidence = finding.Likely
			f.Related = []ref.Ref{vs.Ref, model.Services.Ref(b.namespace, b.name)}
			f.Hint = "bind the VirtualService to an Istio Gateway (spec.gateways) and route outside traffic through it"
		}
	}
}

// shapes reports whether HTTP routes do anything that a Service alone would
// not: split traffic, choose a subset, or choose by the request.
func shapes(http []*networkingv1.HTTPRoute) bool {
	return len(http) > 1 || slices.ContainsFunc(http, func(r *networkingv1.HTTPRoute) bool {
		return len(r.GetRoute()) > 1 || slices.ContainsFunc(r.GetRoute(), func(d *networkingv1.HTTPRouteDestination) bool {
			return d.GetDestination().GetSubset() != ""
		})
	})
}
