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
	ID: "KM7022", Slug: "equal-priority", Severity: finding.Warning,
	Short: "Two cluster-wide policies of one priority are about the same pods",
	Why: `Within a tier the lowest priority is asked first, and the first rule that matches decides. Which of two
policies with the same number comes first is not defined: where their actions differ, the verdict may
change with the network plugin, or with its restart.`,
	Fix:       "Give each policy a number of its own.",
	Reference: "https://network-policy-api.sigs.k8s.io/api-overview/",
	Needs:     slices.Concat(model.WorkloadKinds, tierKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Check:     checkPriorities,
})

func checkPriorities(w *rules.World, emit rules.Emit) {
	x := newView(w)
	type rank struct {
		kind, tier string
		priority   int32
	}
	same := map[rank][]tiered{}
	for _, p := range x.tieredPolicies() {
		if p.priority == nil {
			continue
		}
		key := rank{p.Ref.Kind, p.tier, *p.priority}
		for _, other := range same[key] {
			x.compare(p, other, emit)
		}
		same[key] = append(same[key], p)
	}
}

// compare reports two policies of one rank that are about a workload both, in
// one direction at least.
func (x *view) compare(p, other tiered, emit rules.Emit) {
	differ, both := false, false
	for _, a := range p.rules {
		for _, b := range other.rules {
			both = both || a.way == b.way
			differ = differ || a.way == b.way && a.action != b.action
		}
	}
	if !both {
		return
	}
	theirs := x.about(other)
	shared := slices.DeleteFunc(x.about(p), func(of *model.Workload) bool { return !slices.Contains(theirs, of) })
	if len(shared) == 0 {
		return
	}
	f := emit(p.Object, "/spec/priority", "%s has priority %d too, and both are about %s: which is asked first is not defined", other.Ref, *p.priority, rules.FewOf(model.Refs(shared)))
	f.Reason = other.Ref.String() + " has the same priority"
	f.Confidence = finding.Likely // their rules may be about different peers and ports
	f.Related = append(some(model.Refs(shared)), other.Ref)
	f.Evidence = []finding.Evidence{{Kind: "field", Of: other.Where("/spec/priority"), Value: "the same priority"}}
	f.Hint = "give one of them another number"
	if !differ {
		f.Severity = finding.Info
	}
}
