// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9033", Slug: "root-selector", Severity: finding.Error,
	Short: "PeerAuthentication with a selector in the root namespace is ignored",
	Why: `In Istio's root namespace a PeerAuthentication is for the whole mesh, and for that it must not select.
With a selector it counts neither for the mesh nor for the workloads that it selects, there or
elsewhere: their mode is what other policies say.`,
	Fix:       "Put the policy into the namespace of the workload. For the whole mesh, take the selector out.",
	Reference: "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.PeerAuthentications.Kind}),
	Explains:  []string{"KM9004", "KM9009"},
	Check:     checkRootSelectors,
})

func checkRootSelectors(w *rules.World, emit rules.Emit) {
	for _, pa := range model.PeerAuthentications.In(w.Snapshot, w.RootNamespace) {
		set := pa.Value.Spec.GetSelector().GetMatchLabels()
		if len(set) == 0 || pa.Value.DeletionTimestamp != nil {
			continue
		}
		f := emit(pa.Object, "/spec/selector", "a PeerAuthentication with a selector in %s is ignored altogether", w.RootNamespace)
		if found := w.SelectAnywhere(labels.SelectorFromSet(set)); len(found) > 0 {
			f.Related = model.Refs(found[:min(len(found), 20)])
			f.Hint = "move it into namespace " + found[0].Ref.Namespace + ", where " + found[0].Ref.String() + " is"
		}
	}
}
