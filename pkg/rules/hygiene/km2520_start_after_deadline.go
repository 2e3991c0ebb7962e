// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"cmp"
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2520", Slug: "start-after-deadline",
	Short: "Rollout is called failed before a slow start is over",
	Why: `A Deployment that makes no progress for progressDeadlineSeconds (600 by default) counts as failed: kubectl rollout
status ends with an error, and a pipeline rolls back. A startupProbe that allows more than that calls a start good which
the rollout has given up.`,
	Fix:       "Set progressDeadlineSeconds above the time that the startupProbe allows, and minReadySeconds.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds",
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		d, ok := model.Deployments.Of(of.Object)
		if !ok || d.Value == nil {
			return "", ""
		}
		deadline := int32(defaultDeadline)
		if s := d.Value.Spec.ProgressDeadlineSeconds; s != nil {
			deadline = *s
		}
		for i := range of.Spec().Containers {
			c := &of.Spec().Containers[i]
			if p := c.StartupProbe; p != nil {
				window := p.InitialDelaySeconds + cmp.Or(p.FailureThreshold, 3)*cmp.Or(p.PeriodSeconds, 10) + d.Value.Spec.MinReadySeconds
				if window >= deadline {
					return "/spec/progressDeadlineSeconds", fmt.Sprintf("container %s may take %d s to be available, but the rollout has failed after %d s", c.Name, window, deadline)
				}
			}
		}
		return "", ""
	}),
})

// defaultDeadline is the API's progressDeadlineSeconds.
const defaultDeadline = 600
