// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2501", Slug: "single-pod",
	Short: "Service is one pod",
	Why: `The only pod is down whenever it moves: when its node is drained, when it is evicted, when it is ended for its
memory. A PodDisruptionBudget cannot help, as it could only keep the node from being drained at all.

What names no number of pods and has no autoscaler has one. A workload that is scaled to 0 is off, and left out.`,
	Fix:       "Run three pods, so that one may go while another one is being replaced; or at least two.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions",
	Aliases:   []string{"kube-linter:minimum-three-replicas", "kube-score:deployment-replicas", "polaris:deploymentMissingReplicas"},
	Needs:     scaledKinds,
	Check: eachWorkload(func(w *rules.World, of *model.Workload) (pointer, text string) {
		if _, found := scaler(w, of); found || !scaled(of) || number(of.Replicas) != 1 {
			return "", ""
		}
		if of.Replicas == nil {
			return "/spec/replicas", "it names no number of pods, which makes it one: it is down whenever that moves"
		}
		return "/spec/replicas", "it is one pod: it is down whenever that moves"
	}),
})
