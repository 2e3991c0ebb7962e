// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4006", Slug: "gateway-selector", Severity: finding.Error,
	Short: "Istio Gateway selects no pod",
	Why: `A Gateway configures the proxies whose pods carry its labels, in any namespace. When there are none,
nothing listens on its ports, and VirtualServices that are bound to it get no traffic from outside.
The labels depend on how the gateway was installed: istioctl's have istio: ingressgateway, those of
Helm charts the name of the release.`,
	Fix: `Compare spec.selector with the labels of the gateway's pods (` +
		"`kubectl get pods -A -l istio --show-labels`" + `) and use one of them.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway",
	Aliases:   []string{"KIA0302"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.IstioGateways.Kind}),
	Explains:  []string{"KM4011"},
	Check:     checkGatewaySelector,
})

func checkGatewaySelector(w *rules.World, emit rules.Emit) {
	pods := newProxies(w)
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		if len(gw.Value.Spec.Selector) == 0 || len(pods.of(gw.Value)) > 0 {
			continue
		}
		absence := pods.absence(gw.Value)
		if absence == model.Unknown {
			continue
		}
		selector := labels.Set(gw.Value.Spec.Selector).String()
		f := emit(gw.Object, "/spec/selector", "no pod in any namespace carries %s", selector)
		if absence != model.Proven {
			f.Message = "no workload in these files carries " + selector
		}
		if near := pods.similar(gw.Value); len(near) > 0 {
			f.Hint = "there are pods with " + strings.Join(near, ", ")
		}
		rules.Weigh(f, absence)
	}
}
