// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2009", Slug: "fixed-replicas", Severity: finding.Warning,
	Short: "Manifest sets the number of pods that an autoscaler is in charge of",
	Why: `Each time the manifest is applied, the number of pods goes back to what it says, whatever the load
is; the autoscaler then starts over from there.`,
	Fix: `Leave spec.replicas out. When kubectl apply has managed the field before, taking it out of the
manifest sets it to 1 once: run kubectl apply edit-last-applied first, or change over to server-side apply.`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
	Aliases:   []string{"kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured"},
	Needs: []*model.Kind{
		model.HorizontalPodAutoscalers.Kind, model.Deployments.Kind, model.StatefulSets.Kind,
	},
	Check:  checkFixedReplicas,
	Repair: repairFixedReplicas,
})

func checkFixedReplicas(w *rules.World, emit rules.Emit) {
	by := scalers(w)
	for _, d := range model.Deployments.In(w.Snapshot, "") {
		checkFixed(emit, by, d.Object, d.Value.Spec.Replicas)
	}
	for _, s := range model.StatefulSets.In(w.Snapshot, "") {
		checkFixed(emit, by, s.Object, s.Value.Spec.Replicas)
	}
}

func checkFixed(emit rules.Emit, by map[ref.Ref]scaler, on *model.Object, replicas *int32) {
	h, isScaled := by[unversioned(on.Ref)]
	if !isScaled || replicas == nil || on.Live() {
		return // of a live object, the autoscaler itself has set it
	}
	if least(h) == h.Value.Spec.MaxReplicas && *replicas == least(h) {
		return // they agree, always
	}
	f := emit(on, "/spec/replicas", "sets replicas to %d at each apply, while %s scales it between %d and %d", *replicas, h.Ref, least(h), h.Value.Spec.MaxReplicas)
	f.State, f.Related = finding.Latent, []ref.Ref{h.Ref}
	if *replicas == 0 {
		f.Hint = "0 also switches the autoscaler off"
	}
}

func repairFixedReplicas(_ *rules.World, r rules.Result) []rules.Fix {
	title := fmt.Sprintf("leave the number of pods to the autoscaler of %s", r.On.Ref)
	return []rules.Fix{rules.Change(rules.Review, title, r.On, patch.Op{Op: patch.Remove, Path: "/spec/replicas"})}
}
