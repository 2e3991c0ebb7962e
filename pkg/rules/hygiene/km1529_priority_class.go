// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1529", Slug: "priority-class",
	Short: "Pod has no priority class",
	Why: `When there is no room, the scheduler takes it from pods of lower priority, and the kubelet evicts by priority, too.
Pods without a class all have the same one, 0, batch work and what earns the money alike.

system-cluster-critical and system-node-critical are not meant for applications.`,
	Fix:       "Write a PriorityClass for the system and name it in priorityClassName.",
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
	Aliases:   []string{"polaris:priorityClassNotSet"},
	Needs:     model.WorkloadKinds,
	Check: eachPod(func(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
		if spec.PriorityClassName != "" {
			return "", ""
		}
		return "/priorityClassName", "its pods have no priorityClassName: nothing says who has to go when there is no room"
	}),
})
