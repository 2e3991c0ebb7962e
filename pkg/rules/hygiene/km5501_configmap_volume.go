// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM5501", Slug: "configmap-volume",
	Short: "Pod mounts a ConfigMap that is deployed with it",
	Why: `What is mounted from a ConfigMap can be read, and by who may write ConfigMaps changed under the running program:
kubescape counts it as a way on for somebody who got in. Single values are no such way when they are variables.`,
	Fix:       "Take single values as variables with configMapKeyRef. Where the program needs a file, that is a reason; kubescape takes it in a file of exceptions.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/configmap/",
	Aliases:   []string{"kubescape:C-0258"},
	Needs:     append([]*model.Kind{model.ConfigMaps.Kind}, model.WorkloadKinds...),
	Check: eachVolume(model.ConfigMaps.Kind, func(v *corev1.Volume) (name, field string) {
		if v.ConfigMap == nil {
			return "", ""
		}
		return v.ConfigMap.Name, "/configMap"
	}),
})
