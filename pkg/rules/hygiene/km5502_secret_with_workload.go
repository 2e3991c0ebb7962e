// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM5502", Slug: "secret-with-workload",
	Short: "Secret is deployed together with the pods that mount it",
	Why: `A Secret among the manifests is a secret in the repository, for all who may read that and for ever. Where it stands
next to the pods that mount it, who gets into the pod has it, too.`,
	Fix:       "Have an operator make the Secret from a vault (ExternalSecret), or seal it; the manifests only name it.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases:   []string{"kubescape:C-0255"},
	Needs:     append([]*model.Kind{model.Secrets.Kind}, model.WorkloadKinds...),
	Check: eachVolume(model.Secrets.Kind, func(v *corev1.Volume) (name, field string) {
		if v.Secret == nil {
			return "", ""
		}
		return v.Secret.SecretName, "/secret"
	}),
})
