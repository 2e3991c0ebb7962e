// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	networkingv1 "istio.io/api/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3011", Slug: "session-affinity", Severity: finding.Warning,
	Short: "Session affinity of a Service has no effect in the mesh",
	Why: `sessionAffinity: ClientIP is an instruction for kube-proxy. The sidecars of clients in the mesh
choose an endpoint themselves and do not read it, so that a client's requests go to all pods in turn.

In the mesh it is a DestinationRule that keeps a client with a pod: loadBalancer.consistentHash.`,
	Fix: `Add consistentHash to the DestinationRule of the host: by useSourceIp for the same meaning, by
httpCookie or httpHeaderName where clients share an address. Drop sessionAffinity if no client
outside the mesh needs it.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB",
	Needs:     meshKinds,
	Check:     checkAffinity,
	Repair:    repairAffinity,
})

func checkAffinity(w *rules.World, emit rules.Emit) {
	m := newMesh(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if svc.Value.Spec.SessionAffinity != corev1.ServiceAffinityClientIP || headless(svc) || !declares(w, svc) {
			continue
		}
		if _, covered := m.covers(svc); !covered {
			continue
		}
		if _, gap := w.Gap(model.DestinationRules.GroupKind, svc.Ref.Namespace); gap || sticky(w, svc) {
			continue
		}
		f := emit(svc.Object, "/spec/sessionAffinity", "sessionAffinity: ClientIP has no effect on clients in the mesh")
		f.Confidence = finding.Likely // there may be clients outside, for which it works
		f.Related = model.Refs(selected(w, svc).Workloads)
	}
}

// sticky reports whether a DestinationRule of a Service keeps clients with
// their pods.
func sticky(w *rules.World, svc service) bool {
	hashed := func(p *networkingv1.TrafficPolicy) bool {
		if p.GetLoadBalancer().GetConsistentHash() != nil {
			return true
		}
		for _, port := range p.GetPortLevelSettings() {
			if port.GetLoadBalancer().GetConsistentHash() != nil {
				return true
			}
		}
		return false
	}
	for _, r := range w.Destination(w.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name), svc.Ref.Namespace).Rules {
		if hashed(r.Value.Spec.GetTrafficPolicy()) {
			return true
		}
		for _, s := range r.Value.Spec.GetSubsets() {
			if hashed(s.GetTrafficPolicy()) {
				return true
			}
		}
	}
	return false
}

// repairAffinity says it in the DestinationRule of the Service, a new one if it
// has none.
func repairAffinity(w *rules.World, r rules.Result) []rules.Fix {
	ns, name := r.On.Ref.Namespace, r.On.Ref.Name
	byAddress := map[string]any{"consistentHash": map[string]any{"useSourceIp": true}}
	fqdn := w.ServiceFQDN(ns, name)
	view := w.Destination(fqdn, ns)
	if len(view.Rules) == 0 {
		return []rules.Fix{{
			Title: "add a DestinationRule that keeps clients with their pods by address", Risk: rules.Review,
			Creates: []map[string]any{{
				"apiVersion": model.IstioNetworking + "/v1", "kind": "DestinationRule",
				"metadata": map[string]any{"name": name, "namespace": ns},
				"spec":     map[string]any{"host": name, "trafficPolicy": map[string]any{"loadBalancer": byAddress}},
			}},
		}}
	}
	rule := view.Rules[0]
	if w.FQDN(rule.Value.Spec.GetHost(), rule.Ref.Namespace) != fqdn {
		return nil // a rule for many hosts, which one of its own would replace
	}
	op := patch.Op{Op: patch.Add, Path: "/spec/trafficPolicy", Value: map[string]any{"loadBalancer": byAddress}}
	if _, err := patch.Get(rule.Raw(), "/spec/trafficPolicy"); err == nil {
		op = patch.Op{Op: patch.Add, Path: "/spec/trafficPolicy/loadBalancer", Value: byAddress}
	}
	return []rules.Fix{rules.Change(rules.Review, "keep clients with their pods in "+rule.Ref.String(), rule.Object, op)}
}
