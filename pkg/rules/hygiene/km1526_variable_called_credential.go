// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1526", Slug: "variable-called-credential",
	Short: "Variable with password, token or bearer in its name has its value in the manifest",
	Why: `As for KM1525: the name is all that Polaris and kubescape look at, so that TOKEN_TTL and PASSWORD_MIN_LENGTH are
told as well as real passwords.`,
	Fix:       "A secret belongs into a Secret that is mounted as files. What only sounds like one comes from a ConfigMap, under a key without the word.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases:   []string{"polaris:sensitiveContainerEnvVar", "kubescape:C-0012", "kubescape:C-0259"},
	Needs:     model.WorkloadKinds,
	Check: eachVariable(func(v variable) string {
		if word := credentialWord.FindString(v.name); word != "" && !secretWord.MatchString(v.name) {
			return "its name has " + word + " in it"
		}
		return ""
	}),
})
