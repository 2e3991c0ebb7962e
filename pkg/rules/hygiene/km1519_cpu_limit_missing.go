// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1519", Slug: "cpu-limit-missing",
	Short: "Container has no CPU limit",
	Why: `Without a limit a container that spins takes all CPU that its node has left. With one it is held back at the
limit even where CPU is free, which slows down a start and shows as latency: whether to set it is
disputed, and leaving it out on purpose is worth a reason in an annotation.`,
	Fix:       "Set a limit, the same as the request for the quality of service Guaranteed; or say why there is none.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/assign-cpu-resource/",
	Aliases:   []string{"kube-score:container-resources", "polaris:cpuLimitsMissing", "kubescape:C-0270"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		if lacking(c.Resources.Limits, corev1.ResourceCPU) == "" {
			return "", ""
		}
		return "/resources/limits", "has no limit of CPU"
	}),
})
