// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2510", Slug: "autoscaler-without-room",
	Short:     "Autoscaler has nothing to decide",
	Why:       "With the maximum at the minimum the number of pods is fixed, and the load does not matter.",
	Fix:       "Raise maxReplicas, or remove the autoscaler and name the number of pods.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
	Aliases:   []string{"polaris:hpaMaxAvailability"},
	Needs:     []*model.Kind{model.HorizontalPodAutoscalers.Kind},
	Check:     eachAutoscaler(func(least, most int32) bool { return most <= least }, "/spec/maxReplicas", "its maximum is not above its minimum of %d"),
})
