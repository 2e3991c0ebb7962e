// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2502", Slug: "two-pods",
	Short: "Service has two pods where three are asked for",
	Why: `Of two pods one may go at a time, and while it does the other is alone, with all of the load: a fault in that
moment is an outage. What keeps data by a majority of its members needs three to lose one.`,
	Fix:       "Set replicas: 3.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment",
	Aliases:   []string{"kube-linter:minimum-three-replicas"},
	Needs:     scaledKinds,
	Check: eachWorkload(func(w *rules.World, of *model.Workload) (pointer, text string) {
		if _, found := scaler(w, of); found || !scaled(of) || number(of.Replicas) != 2 {
			return "", ""
		}
		return "/spec/replicas", "it has 2 pods: when one goes, the other is alone"
	}),
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Review, "run three pods", r.On, rules.Set(r.On, "/spec/replicas", int64(3)))}
	},
})
