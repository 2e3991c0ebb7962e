// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM5503", Slug: "claim-with-workload",
	Short: "Pod mounts a PersistentVolumeClaim that is deployed with it",
	Why: `What pods write there outlives them, and so does what somebody who got in leaves there. A Deployment whose pods
share one claim can also run on one node alone, most often, and its rollouts wait for the volume.`,
	Fix:       "Keep state out of services; what holds it is a StatefulSet with volumeClaimTemplates.",
	Reference: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/",
	Aliases:   []string{"kubescape:C-0257"},
	Needs:     append([]*model.Kind{model.PersistentVolumeClaims.Kind}, model.WorkloadKinds...),
	Check: eachVolume(model.PersistentVolumeClaims.Kind, func(v *corev1.Volume) (name, field string) {
		if v.PersistentVolumeClaim == nil {
			return "", ""
		}
		return v.PersistentVolumeClaim.ClaimName, "/persistentVolumeClaim"
	}),
})
