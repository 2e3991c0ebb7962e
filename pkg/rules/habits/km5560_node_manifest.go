// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM5560", Slug: "node-manifest", Severity: finding.Info, Hygiene: true,
	Short: "Node is written as a manifest",
	Why: `A Node is made by the kubelet of a machine. To apply one either makes a node that no machine stands behind, or
takes from one that exists the labels and taints that others have set.`,
	Fix:       "Change the node that is there: `kubectl taint nodes NAME KEY=VALUE:EFFECT`, `kubectl label nodes NAME KEY=VALUE`; or have the provider of the nodes set both.",
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
	Needs:     []*model.Kind{model.Nodes.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, n := range model.Nodes.In(w.Snapshot, "") {
			if n.Live() {
				continue
			}
			f := emit(n.Object, "", "nodes come from machines and not from manifests")
			f.Hint = "leave it out of what is applied"
			for _, t := range n.Value.Spec.Taints {
				key := t.Key
				if t.Value != "" {
					key += "=" + t.Value
				}
				f.Hint = fmt.Sprintf("kubectl taint nodes %s %s:%s", n.Ref.Name, key, t.Effect)
			}
		}
	},
})
