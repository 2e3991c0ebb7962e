// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7011", Slug: "rules-without-type", Severity: finding.Error,
	Short: "NetworkPolicy has rules for a direction that its policyTypes leave out",
	Why: `Where policyTypes are given, they alone say what a policy is for. Rules of the other direction have no
effect: the pods are not isolated by this policy, so that everybody gets through, or another policy
isolates them, so that those whom the rules name do not.`,
	Fix:       "Add the direction to policyTypes, or take the rules out.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkIdleRules,
	Repair:    repairIdleRules,
})

func checkIdleRules(w *rules.World, emit rules.Emit) {
	for _, np := range present(w) {
		if len(np.Value.Spec.PolicyTypes) == 0 {
			continue
		}
		for _, d := range []direction{ingress, egress} {
			list := policy{Item: np}.rules(d)
			if len(list) == 0 || slices.Contains(np.Value.Spec.PolicyTypes, d) {
				continue
			}
			f := emit(np.Object, "/spec/"+field(d), "policyTypes leave %s out: its rules have no effect, and this policy does not isolate %s", d, field(d))
			f.Hint = "add " + string(d) + " to policyTypes"
			if slices.ContainsFunc(list, func(r rule) bool { return len(r.peers)+len(r.ports) == 0 }) {
				f.Severity = finding.Info // rules that allow all lose nothing
			}
		}
	}
}

func repairIdleRules(_ *rules.World, r rules.Result) []rules.Fix {
	_, name := patch.Split(r.Pointer)
	d := strings.ToUpper(name[:1]) + name[1:]
	return []rules.Fix{
		rules.Change(rules.Review, "isolate "+name+" by these rules", r.On, patch.Op{Op: patch.Add, Path: "/spec/policyTypes/-", Value: d}),
		rules.Change(rules.Safe, "take the rules out", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer}),
	}
}
