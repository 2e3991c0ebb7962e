// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6517", Slug: "key-called-key",
	Short:     "Key of a ConfigMap looks secret to kubescape, by its name or its value",
	Why:       "As for KM6516, with more words: key, pwd, jwt and credential in the name, and such words in the value.",
	Fix:       "Move a secret to a Secret. Give what only sounds like one another key; the variable that takes it can keep its name.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/configmap/",
	Aliases:   []string{"kubescape:C-0012"},
	Needs:     []*model.Kind{model.ConfigMaps.Kind},
	Check: eachKey(func(key, value string) string {
		switch word := sensitiveWord.FindString(key); {
		case value == "", credentialWord.MatchString(key):
			return ""
		case word != "":
			return "has " + word + " in its name"
		case sensitiveValue.MatchString(value):
			return "has a value that looks like a secret"
		}
		return ""
	}),
})
