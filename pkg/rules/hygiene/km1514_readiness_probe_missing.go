// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1514", Slug: "readiness-probe-missing",
	Short: "Container has no readiness probe",
	Why: `A container without a readiness probe takes requests from the moment on that its process starts, and a rollout
goes on to the next pod then. Requests fail until the program listens, at each rollout and each
restart.

Jobs are left out: nothing calls them.`,
	Fix:       "Add a readinessProbe that answers once the program can do its work.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe",
	Aliases:   []string{"kube-linter:no-readiness-probe", "kube-score:pod-probes", "polaris:readinessProbeMissing", "kubescape:C-0018"},
	Needs:     model.WorkloadKinds,
	Check: eachServing(func(c *corev1.Container) (field, text string) {
		if c.ReadinessProbe != nil {
			return "", ""
		}
		return "/readinessProbe", "has no readiness probe: requests come before it can answer them"
	}),
})
