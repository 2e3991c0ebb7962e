// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2521", Slug: "budget-too-wide",
	Short: "PodDisruptionBudget lets all pods go at once",
	Why: `maxUnavailable at or above the number of pods, or 100%, allows each eviction: the budget is there, and protects
nothing.`,
	Fix:       "Set maxUnavailable: 1.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
	Needs:     append([]*model.Kind{model.PodDisruptionBudgets.Kind}, scaledKinds...),
	Check:     checkWideBudgets,
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{r.Replace(rules.Review, "let one pod go at a time", int64(1))}
	},
})

func checkWideBudgets(w *rules.World, emit rules.Emit) {
	for _, b := range model.PodDisruptionBudgets.In(w.Snapshot, "") {
		most := b.Value.Spec.MaxUnavailable
		var pods int32
		for _, of := range selected(w, b) {
			if !scaled(of) {
				pods = 0
				break
			}
			pods += fewest(w, of)
		}
		if most == nil || pods < 2 {
			continue
		}
		if n, err := intstr.GetScaledValueFromIntOrPercent(most, int(pods), true); err == nil && n >= int(pods) {
			emit(b.Object, "/spec/maxUnavailable", "it lets all %d pods go at once: maxUnavailable is %s", pods, most.String())
		}
	}
}
