// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2508", Slug: "autoscaler-minimum-one",
	Short:     "Autoscaler goes down to one pod",
	Why:       `At night, and whenever there is little to do, the service is one pod: it is down when that moves. The minimum is 1 where none is named.`,
	Fix:       "Set minReplicas: 3, or at least 2.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
	Aliases:   []string{"kube-linter:hpa-minimum-three-replicas", "kube-score:horizontalpodautoscaler-replicas", "polaris:hpaMinAvailability"},
	Needs:     []*model.Kind{model.HorizontalPodAutoscalers.Kind},
	Check:     eachAutoscaler(func(least, _ int32) bool { return least < 2 }, "/spec/minReplicas", "it goes down to %d pod: the service is down when that moves"),
})

// eachAutoscaler is the check of a rule about the bounds of autoscalers; the text
// tells the lower one.
func eachAutoscaler(wrong func(least, most int32) bool, pointer, text string) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
			if least := number(h.Value.Spec.MinReplicas); wrong(least, h.Value.Spec.MaxReplicas) {
				emit(h.Object, rules.Nearest(h.Object, pointer), text, least)
			}
		}
	}
}
