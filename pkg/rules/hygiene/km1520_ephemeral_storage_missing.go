// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1520", Slug: "ephemeral-storage-missing",
	Short: "Container requests no ephemeral storage, or has no limit of it",
	Why: `Logs, emptyDir volumes and what a program writes to its own file system fill the disk of the node. When that is
full, the kubelet evicts pods, others as well.`,
	Fix:       "Request ephemeral-storage and limit it, with room for all emptyDir volumes.",
	Reference: "https://kubernetes.io/docs/concepts/storage/ephemeral-storage/",
	Aliases:   []string{"kube-score:container-ephemeral-storage-request-and-limit"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		switch {
		case lacking(c.Resources.Limits, corev1.ResourceEphemeralStorage) != "":
			return "/resources/limits", "has no limit of ephemeral-storage: it may fill the disk of its node"
		case lacking(c.Resources.Requests, corev1.ResourceEphemeralStorage) != "":
			return "/resources/requests", "requests no ephemeral-storage"
		}
		return "", ""
	}),
})
