// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9036", Slug: "second-peer-authentication", Severity: finding.Warning,
	Short: "Two PeerAuthentications of one scope, of which the oldest counts",
	Why: `For the mesh, for a namespace and for a workload one PeerAuthentication counts. Of two of the same scope
it is the one that was made first, and the other has no effect, ports included. After a restore, or in
another cluster, it may be the other one.`,
	Fix:       "Keep one policy for each scope, and one for each workload.",
	Reference: "https://istio.io/latest/docs/concepts/security/#target-policies",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.PeerAuthentications.Kind}),
	Explains:  []string{"KM9004", "KM9009"},
	Check:     checkSecondPolicies,
})

func checkSecondPolicies(w *rules.World, emit rules.Emit) {
	modes := newMTLS(w)
	for _, ns := range slices.Sorted(maps.Keys(modes.wide)) {
		list := modes.wide[ns]
		for _, pa := range list[1:] {
			second(w, pa, list[0], nil, emit)
		}
	}
	for _, ns := range slices.Sorted(maps.Keys(modes.narrow)) {
		if ns == w.RootNamespace {
			continue // ignored, all of them
		}
		first := map[*model.Workload]peerAuthentication{}
		for _, pa := range modes.narrow[ns] {
			told := false
			for _, of := range w.Select(ns, labels.SelectorFromSet(pa.Value.Spec.GetSelector().GetMatchLabels())).Workloads {
				older, taken := first[of]
				if !taken {
					first[of] = pa
				} else if !told {
					told = true
					second(w, pa, older, of, emit)
				}
			}
		}
	}
}

// second reports a policy that another one of its scope goes before.
func second(w *rules.World, pa, older peerAuthentication, of *model.Workload, emit rules.Emit) {
	scope := "namespace " + pa.Ref.Namespace
	if pa.Ref.Namespace == w.RootNamespace {
		scope = "the mesh"
	}
	if of != nil {
		scope = of.Ref.String()
	}
	f := emit(pa.Object, "", "%s is for %s too and was made before: this policy has no effect there", older.Ref, scope)
	if pa.Value.CreationTimestamp.Equal(&older.Value.CreationTimestamp) {
		f.Message = older.Ref.String() + " is for " + scope + " too: the one that is made first counts, the other has no effect there"
	}
	f.Related = []ref.Ref{older.Ref}
	if of != nil {
		f.Related = append(f.Related, of.Ref)
	}
	f.Evidence = []finding.Evidence{{Kind: "field", Of: older.Where("/spec"), Value: "mode: " + older.Value.Spec.GetMtls().GetMode().String()}}
	f.Hint = "make one of the two"
	mine, _ := patch.Get(pa.Raw(), "/spec")
	other, _ := patch.Get(older.Raw(), "/spec")
	if patch.Equal(mine, other) {
		f.Severity = finding.Info
	}
}
