// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1513", Slug: "liveness-probe-missing",
	Short: "Container has no liveness probe",
	Why: `A process that hangs does not end, and what has not ended is not restarted. Without a liveness probe it stays
until somebody notices.

Jobs are left out: they end. A liveness probe must not ask for what the service depends on: the
restarts would make a fault of one service one of all.`,
	Fix:       "Add a livenessProbe that asks for the process alone, and another way to ask than that of the readinessProbe.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#liveness-probe",
	Aliases:   []string{"kube-linter:no-liveness-probe", "kube-score:pod-probes", "polaris:livenessProbeMissing", "kubescape:C-0056"},
	Needs:     model.WorkloadKinds,
	Check: eachServing(func(c *corev1.Container) (field, text string) {
		if c.LivenessProbe != nil {
			return "", ""
		}
		return "/livenessProbe", "has no liveness probe: it is not restarted when it hangs"
	}),
})
