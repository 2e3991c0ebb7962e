// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1527", Slug: "variable-called-key",
	Short: "Variable looks secret to kubescape, by its name or its value",
	Why: `As for KM1525, with more words: key, pwd, jwt and credential make KEYCLOAK_URL and JWT_ISSUER secrets, and so do
values with such words in them. A value that begins with a slash is taken for a file.`,
	Fix:       "A secret belongs into a Secret that is mounted as files. What only sounds like one comes from a ConfigMap, under a key without the word.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases:   []string{"kubescape:C-0012", "kubescape:C-0259"},
	Needs:     model.WorkloadKinds,
	Check: eachVariable(func(v variable) string {
		switch {
		case strings.HasPrefix(v.value, "/"), credentialWord.MatchString(v.name):
			return ""
		case sensitiveWord.MatchString(v.name):
			return "its name has " + sensitiveWord.FindString(v.name) + " in it"
		case sensitiveValue.MatchString(v.value):
			return "its value looks like a secret"
		}
		return ""
	}),
})
