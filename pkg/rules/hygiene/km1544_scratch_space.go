// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1544", Slug: "scratch-space",
	Short: "Directories that may be written are larger than the storage of the pod",
	Why: `What is in an emptyDir counts as ephemeral storage. Where the size limits of all of them together are above the
limit of the pod, it is evicted before a directory is full, and not the program that writes too much gets an
error, but the pod an end.`,
	Fix:       "Raise the ephemeral-storage limit to the sum of the size limits, and some more for logs; or lower these.",
	Reference: "https://kubernetes.io/docs/concepts/storage/ephemeral-storage/#resource-emphemeralstorage-consumption",
	Needs:     model.WorkloadKinds,
	Check:     eachPod(scratchSpace),
})

func scratchSpace(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
	room, limited := model.PodLimits(spec)[corev1.ResourceEphemeralStorage]
	for _, c := range spec.Containers {
		if _, one := c.Resources.Limits[corev1.ResourceEphemeralStorage]; !one {
			limited = false // what the others leave over is not bounded
		}
	}
	if !limited {
		return "", ""
	}
	var sum resource.Quantity
	for _, v := range spec.Volumes {
		if v.EmptyDir != nil && v.EmptyDir.SizeLimit != nil && v.EmptyDir.Medium == corev1.StorageMediumDefault {
			sum.Add(*v.EmptyDir.SizeLimit)
		}
	}
	if sum.Cmp(room) <= 0 {
		return "", ""
	}
	return "/volumes", fmt.Sprintf("its emptyDir volumes may hold %s together, but its pods may use %s of ephemeral-storage", sum.String(), room.String())
}
