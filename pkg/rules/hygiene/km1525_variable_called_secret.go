// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1525", Slug: "variable-called-secret",
	Short: "Variable with secret in its name has its value in the manifest",
	Why: `A value in a manifest is known to all who may read the workload, or the repository. Linters go by the name alone:
DB_SECRET_NAME, which is no secret, is one to them. KM1509 tells what looks like a real one.`,
	Fix:       "A secret belongs into a Secret that is mounted as files. What only sounds like one comes from a ConfigMap, under a key without the word.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases:   []string{"kube-linter:env-var-secret", "polaris:sensitiveContainerEnvVar", "kubescape:C-0012", "kubescape:C-0259"},
	Needs:     model.WorkloadKinds,
	Check: eachVariable(func(v variable) string {
		if secretWord.MatchString(v.name) {
			return `its name has "secret" in it`
		}
		return ""
	}),
})
