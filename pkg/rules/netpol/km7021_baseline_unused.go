// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7021", Slug: "baseline-unused", Severity: finding.Info,
	Short: "NetworkPolicy makes the cluster's baseline irrelevant",
	Why: `The baseline is asked only about pods that no NetworkPolicy selects in the direction of the connection.
Where one does, it alone decides, also about what its author did not think of: it may allow what the
baseline denies.`,
	Fix:       "What is to hold everywhere belongs into the tier Admin.",
	Reference: "https://network-policy-api.sigs.k8s.io/api-overview/",
	Needs:     slices.Concat(model.WorkloadKinds, tierKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Check:     checkBaseline,
})

func checkBaseline(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, p := range x.tieredPolicies() {
		if p.tier != baselineTier {
			continue
		}
		about := x.about(p)
		for _, d := range []direction{ingress, egress} {
			i := slices.IndexFunc(p.rules, func(r tierRule) bool { return r.way == d && r.action == "Deny" })
			of, by := x.isolated(about, d)
			if i < 0 || len(of) == 0 {
				continue
			}
			f := emit(p.Object, p.rules[i].at, "the baseline for %s does not hold for %s: %s decides alone", field(d), rules.FewOf(model.Refs(of)), rules.FewOf(refs(by)))
			f.Reason = "the baseline for " + field(d) + " does not hold where NetworkPolicies select pods"
			f.Related = slices.Concat(some(refs(by)), some(model.Refs(of)))
			f.Hint = "write what is to hold everywhere in the tier Admin"
		}
	}
}
