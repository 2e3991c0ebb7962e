// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2509", Slug: "autoscaler-minimum-two",
	Short:     "Autoscaler goes down to two pods where three are asked for",
	Why:       "Of two pods one may go at a time, and while it does the other is alone, with all of the load.",
	Fix:       "Set minReplicas: 3.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
	Aliases:   []string{"kube-linter:hpa-minimum-three-replicas"},
	Needs:     []*model.Kind{model.HorizontalPodAutoscalers.Kind},
	Check:     eachAutoscaler(func(least, _ int32) bool { return least == 2 }, "/spec/minReplicas", "it goes down to %d pods: when one goes, the other is alone"),
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{r.Replace(rules.Review, "keep three pods", int64(3))}
	},
})
