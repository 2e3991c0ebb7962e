// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1528", Slug: "secret-in-environment",
	Short: "Secret reaches the program as a variable",
	Why: `Variables are inherited by all that the program starts, are printed in crash reports and by debug pages, and stay
what they were until the next start: a secret that was changed is not. A file can be read by one user
alone, and changes with the Secret.`,
	Fix:       "Mount the Secret as files, read-only, and tell the program the path.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/#configure-access-to-external-secrets",
	Aliases:   []string{"kube-linter:read-secret-from-env-var", "kubescape:C-0207", "kubescape:C-0012", "kubescape:C-0259"},
	Needs:     model.WorkloadKinds,
	Check:     checkSecretVariables,
})

func checkSecretVariables(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			for i, v := range c.Env {
				if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
					f := emit(of.Object, at+patch.Pointer("env", i, "valueFrom", "secretKeyRef"), "container %s takes variable %s from a Secret", c.Name, v.Name)
					f.Related = append(f.Related, model.Secrets.Ref(of.Ref.Namespace, v.ValueFrom.SecretKeyRef.Name))
				}
			}
			for i, from := range c.EnvFrom {
				if from.SecretRef != nil {
					f := emit(of.Object, at+patch.Pointer("envFrom", i, "secretRef"), "container %s takes all keys of a Secret as variables", c.Name)
					f.Related = append(f.Related, model.Secrets.Ref(of.Ref.Namespace, from.SecretRef.Name))
				}
			}
		}
	}
}
