// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7012", Slug: "all-or-nothing", Severity: finding.Info,
	Short: "NetworkPolicy allows everything, or nothing, by a list that looks alike",
	Why: `A list with one empty rule, [{}], matches every connection; an empty list, [], matches none. The two are
one pair of braces apart and mean the opposite. An empty rule also makes all other policies of the
same pods pointless in its direction, as policies only ever add.`,
	Fix:       "Give the policy a name that says what is meant: default-deny, allow-all.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check:     checkAllOrNothing,
})

func checkAllOrNothing(w *rules.World, emit rules.Emit) {
	for _, np := range present(w) {
		for _, d := range []direction{ingress, egress} {
			p := policy{Item: np}
			if !p.isolates(d) {
				continue
			}
			if at, found := emptyRule(p, d); found {
				if !says(np.Object, "allow", "open", "public", "any", "all", "unrestricted") {
					f := emit(np.Object, at, "an empty rule allows all %s, whatever the other rules and policies of these pods say", field(d))
					f.Hint = field(d) + ": [] would deny all"
				}
				continue
			}
			if len(p.rules(d)) == 0 && !says(np.Object, "deny", "default", "isolat", "lock", "block", "quarantine", "none", "no-") {
				f := emit(np.Object, pointerOf(p, d), "no rule for %s: all of it is denied, but for what other policies of these pods allow", field(d))
				f.Hint = field(d) + ": [{}] would allow all"
			}
		}
	}
}

// emptyRule finds a rule without peers and ports.
func emptyRule(p policy, d direction) (at string, found bool) {
	for i, r := range p.rules(d) {
		if len(r.peers)+len(r.ports) == 0 {
			return fmt.Sprintf("/spec/%s%s", field(d), patch.Pointer(i)), true
		}
	}
	return "", false
}
