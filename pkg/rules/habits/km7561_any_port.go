// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7561", Slug: "any-port", Severity: finding.Info, Hygiene: true,
	Short: "Rule lets callers in at every port",
	Why: `Without ports a rule is for all of them: the ports for debugging, administration and metrics too, also those
that the program gets with its next version.`,
	Fix:       "Name the ports of the pods, with their protocols.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, p := range model.NetworkPolicies.In(w.Snapshot, "") {
			for i, rule := range p.Value.Spec.Ingress {
				if len(rule.From) > 0 && len(rule.Ports) == 0 {
					emit(p.Object, "/spec/ingress"+patch.Pointer(i), "whoever is let in may call every port of its pods").Hint =
						"add the ports that they call: ports: [{protocol: TCP, port: 8080}]"
				}
			}
		}
	},
})
