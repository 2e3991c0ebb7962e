// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7023", Slug: "unknown-peer", Severity: finding.Warning,
	Short: "Peer of a cluster-wide policy has no field that is known",
	Why: `A peer says whom it means by one field. A network plugin that finds none it knows has to take the safe
side, as the object may be written for a newer version of the API: a rule that accepts then matches
nobody, and one that denies or passes denies everybody.`,
	Fix:       "Use the fields of the version that the network plugin supports: namespaces, pods, networks, nodes, domainNames.",
	Reference: "https://network-policy-api.sigs.k8s.io/reference/spec/",
	Needs:     slices.Concat(tierKinds, []*model.Kind{model.NetworkPolicies.Kind}),
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkUnknownPeers,
})

// peerFields are the ways to say whom a peer means.
var peerFields = []string{"namespaces", "pods", "nodes", "networks", "domainNames"}

func checkUnknownPeers(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, p := range x.tieredPolicies() {
		for _, r := range p.rules {
			for i := range r.peers {
				at := r.peersAt + patch.Pointer(i)
				value, err := patch.Get(p.Raw(), at)
				fields, isMap := value.(map[string]any)
				if err != nil || !isMap || slices.ContainsFunc(peerFields, func(name string) bool { _, has := fields[name]; return has }) {
					continue
				}
				effect := "denies everybody"
				if r.action == "Accept" {
					effect = "matches nobody"
				}
				names := slices.Sorted(maps.Keys(fields))
				if len(names) == 0 {
					emit(p.Object, at, "the peer is empty: a rule of action %s then %s", r.action, effect)
					continue
				}
				f := emit(p.Object, at, "no field of the peer is known (%s): a network plugin that does not know it either %s by this rule", rules.Few(names, 3), effect)
				f.Confidence = finding.Possible // the plugin may be newer
				f.Hint = rules.DidYouMean(names[0], peerFields)
			}
		}
	}
}
