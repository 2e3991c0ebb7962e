// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	policyv1 "k8s.io/api/policy/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2507", Slug: "unhealthy-eviction",
	Short: "PodDisruptionBudget protects pods that do not work",
	Why: `By default a pod that runs and is not ready may be evicted only while the budget is met. Pods that crash for ever
keep their node from being drained for ever, though nobody loses anything by their going.`,
	Fix:       "Set unhealthyPodEvictionPolicy: AlwaysAllow.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy",
	Aliases:   []string{"kube-linter:pdb-unhealthy-pod-eviction-policy"},
	Needs:     []*model.Kind{model.PodDisruptionBudgets.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, b := range model.PodDisruptionBudgets.In(w.Snapshot, "") {
			if b.Value.Spec.UnhealthyPodEvictionPolicy == nil {
				emit(b.Object, rules.Nearest(b.Object, "/spec"), "it has no unhealthyPodEvictionPolicy: pods that do not work keep a node from being drained")
			}
		}
	},
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Review, "let pods go that do not work", r.On,
			rules.Set(r.On, "/spec/unhealthyPodEvictionPolicy", string(policyv1.AlwaysAllow)))}
	},
})
