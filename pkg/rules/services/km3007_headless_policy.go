// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3007", Slug: "headless-policy", Severity: finding.Warning,
	Short: "DestinationRule balances a headless Service",
	Why: `DNS answers for a headless Service with the addresses of its pods, and the client connects to
one of them. By default a sidecar passes such a connection on to the very pod that the client chose:
a load balancing policy is not applied, and a subset does not narrow the choice, so that weights
between subsets move no traffic.`,
	Fix: `Give the Service a cluster IP (a second Service with the same selector, where a StatefulSet
needs the headless one), and let clients use that.`,
	Reference: "https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services",
	Needs:     []*model.Kind{model.DestinationRules.Kind, model.Services.Kind},
	Explains:  []string{"KM8022"},
	Check:     checkHeadless,
})

func checkHeadless(w *rules.World, emit rules.Emit) {
	for _, dr := range model.DestinationRules.In(w.Snapshot, "") {
		ns, name, ok := w.ServiceName(w.FQDN(dr.Value.Spec.GetHost(), dr.Ref.Namespace))
		if !ok {
			continue
		}
		svc, found := model.Services.Get(w.Snapshot, ns, name)
		if !found || !headless(svc) {
			continue
		}
		say := func(at, what string) {
			f := emit(dr.Object, at, "%s has no effect: %s is headless, so that its clients choose the pod", what, svc.Ref)
			f.Confidence = finding.Likely // istiod can be told otherwise
			f.Related = append(f.Related, svc.Ref)
		}
		policy := dr.Value.Spec.GetTrafficPolicy()
		if balances(policy.GetLoadBalancer()) {
			say("/spec/trafficPolicy/loadBalancer", "load balancing")
		}
		for i, p := range policy.GetPortLevelSettings() {
			if balances(p.GetLoadBalancer()) {
				say(patch.Pointer("spec", "trafficPolicy", "portLevelSettings", i, "loadBalancer"), "load balancing")
			}
		}
		if len(dr.Value.Spec.GetSubsets()) > 1 {
			say("/spec/subsets", "the choice between subsets")
		}
	}
}

// balances reports whether settings ask for a choice among endpoints.
func balances(lb *networkingv1.LoadBalancerSettings) bool {
	return lb.GetConsistentHash() != nil || (lb.GetSimple() != networkingv1.LoadBalancerSettings_UNSPECIFIED &&
		lb.GetSimple() != networkingv1.LoadBalancerSettings_PASSTHROUGH)
}
