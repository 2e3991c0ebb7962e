// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2503", Slug: "replicas-left-to-autoscaler",
	Short: "Linters miss the number of pods, which an autoscaler decides",
	Why: `Where an autoscaler is in charge the manifest must not name a number (KM2009): each apply would set it back.
kube-linter and Polaris do not look at autoscalers and ask for the number all the same. This is for their
annotations to say.`,
	Fix: `Leave spec.replicas out, and annotate the workload:

    polaris.fairwinds.com/deploymentMissingReplicas-exempt: "true"
    ignore-check.kube-linter.io/minimum-three-replicas: "the number of pods is that of the autoscaler"`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
	Aliases:   []string{"kube-linter:minimum-three-replicas", "polaris:deploymentMissingReplicas"},
	Needs:     scaledKinds,
	Check: func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			h, found := scaler(w, of)
			if !found || !scaled(of) || of.Replicas != nil {
				continue
			}
			f := emit(of.Object, "/spec", "it rightly names no number of pods, as %s decides it, but carries no annotation that tells linters so", h.Ref)
			f.Related = append(f.Related, h.Ref)
			f.Hint = `annotate it: ignore-check.kube-linter.io/minimum-three-replicas: "REASON" and polaris.fairwinds.com/deploymentMissingReplicas-exempt: "true"`
		}
	},
})
