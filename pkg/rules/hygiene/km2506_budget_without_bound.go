// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2506", Slug: "budget-without-bound",
	Short: "PodDisruptionBudget says neither minAvailable nor maxUnavailable",
	Why: `Without either of them the API server takes minAvailable: 1, which protects one pod of however many there are, and
keeps a node with the only one from being drained.`,
	Fix:       "Set maxUnavailable: 1, which follows the number of pods.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget",
	Aliases:   []string{"kube-score:poddisruptionbudget-has-policy"},
	Needs:     []*model.Kind{model.PodDisruptionBudgets.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, b := range model.PodDisruptionBudgets.In(w.Snapshot, "") {
			if b.Value.Spec.MinAvailable == nil && b.Value.Spec.MaxUnavailable == nil {
				emit(b.Object, rules.Nearest(b.Object, "/spec"), "it says neither minAvailable nor maxUnavailable")
			}
		}
	},
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Review, "let one pod go at a time", r.On, rules.Set(r.On, "/spec/maxUnavailable", int64(1)))}
	},
})
