// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2005", Slug: "selectors-overlap", Severity: finding.Warning,
	Short: "Two controllers select the same pods",
	Why: `Controllers leave pods alone that belong to another one, but all that goes by their selectors does
not: an autoscaler averages over the pods of both and counts both, kubectl logs and rollout status mix
them up, and a pod that loses its owner may be adopted by the wrong one.`,
	Fix: `Give each controller a label of its own, in its selector and in its template. The selector of a
Deployment, StatefulSet or DaemonSet cannot be changed: delete it with --cascade=orphan and create it
anew.`,
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
	Needs:     append([]*model.Kind{model.HorizontalPodAutoscalers.Kind}, model.WorkloadKinds...),
	Explains:  []string{"KM2007", "KM3005"},
	Check:     checkSelectors,
})

func checkSelectors(w *rules.World, emit rules.Emit) {
	by := scalers(w)
	for _, a := range w.Workloads("") {
		selector := controls(w, a)
		if selector == nil {
			continue
		}
		for _, b := range w.Select(a.Ref.Namespace, selector).Workloads {
			if a == b {
				continue
			}
			other := controls(w, b)
			// A template that has just got other labels may leave pods behind: what
			// is to come counts, not what is live.
			if other == nil || !selector.Matches(labels.Set(b.Template.Labels)) {
				continue
			}
			if h, isScaled := by[unversioned(a.Ref)]; isScaled {
				f := emit(a.Object, "/spec/selector", "selects the pods of %s too, so that %s counts those of both", b.Ref, h.Ref)
				f.Related = []ref.Ref{b.Ref, h.Ref}
				continue
			}
			mutual := other.Matches(labels.Set(a.Template.Labels))
			if !mutual {
				f := emit(a.Object, "/spec/selector", "selects the pods of %s too", b.Ref)
				f.Severity, f.State, f.Related = finding.Info, finding.Latent, []ref.Ref{b.Ref}
				continue
			}
			if _, reported := by[unversioned(b.Ref)]; reported || ref.Compare(a.Ref, b.Ref) > 0 {
				continue // said on the other
			}
			f := emit(a.Object, "/spec/selector", "%s and %s select the pods of each other%s", a.Ref, b.Ref, same(a, b))
			f.State, f.Related = finding.Latent, []ref.Ref{b.Ref}
		}
	}
}

// controls is the selector of a controller; nil for what has none, or one that
// selects nothing or is invalid.
func controls(w *rules.World, wl *model.Workload) labels.Selector {
	if wl.Selector == nil || wl.Meta().GetDeletionTimestamp() != nil {
		return nil
	}
	s, err := w.Selector(wl.Selector)
	if err != nil || s.Empty() {
		return nil // the API server rejects both
	}
	return s
}

func same(a, b *model.Workload) string {
	if maps.Equal(a.Selector.MatchLabels, b.Selector.MatchLabels) {
		return fmt.Sprintf(": both have the selector %s", metav1.FormatLabelSelector(a.Selector))
	}
	return ""
}
