// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7020", Slug: "admin-policy-first", Severity: finding.Info,
	Short: "Cluster-wide policy decides before a NetworkPolicy",
	Why: `An AdminNetworkPolicy, or a ClusterNetworkPolicy of tier Admin, is asked before the NetworkPolicies of a
namespace. What it allows they cannot deny, what it denies they cannot allow; only what it passes, and
what none of its rules matches, is left to them.`,
	Fix:       "Nothing, if the administrators meant it. Use the action Pass where namespaces are to decide.",
	Reference: "https://network-policy-api.sigs.k8s.io/api-overview/",
	Needs:     slices.Concat(model.WorkloadKinds, tierKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM7002", "KM7004"},
	Check:     checkAdminFirst,
})

func checkAdminFirst(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, p := range x.tieredPolicies() {
		if p.tier != adminTier {
			continue
		}
		about := x.about(p)
		for _, r := range p.rules {
			what := map[string]string{"Accept": "allows, no NetworkPolicy can deny", "Deny": "denies, no NetworkPolicy can allow"}[r.action]
			of, by := x.isolated(about, r.way)
			if what == "" || len(of) == 0 {
				continue
			}
			f := emit(p.Object, r.at, "what this rule %s: it is asked before %s", what, rules.FewOf(refs(by)))
			f.Reason = "what this rule " + what
			f.Related = slices.Concat(some(refs(by)), some(model.Refs(of)))
			f.Hint = "action: Pass leaves it to the NetworkPolicies"
		}
	}
}

func refs(objects []*model.Object) []ref.Ref {
	var out []ref.Ref
	for _, o := range objects {
		out = append(out, o.Ref)
	}
	return out
}

// some are as many of the objects that take part as anybody looks at: policies
// of the cluster are about everything.
func some(all []ref.Ref) []ref.Ref { return all[:min(len(all), 20)] }
