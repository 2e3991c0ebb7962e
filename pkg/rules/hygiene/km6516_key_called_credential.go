// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6516", Slug: "key-called-credential",
	Short: "ConfigMap has a key with password, token, bearer or secret in its name",
	Why: `A ConfigMap is no place for secrets: it is read by roles that must not see Secrets. Polaris and kubescape go by the name
of the key alone; KM6511 tells what looks like a real one.`,
	Fix:       "Move a secret to a Secret. Give what only sounds like one another key; the variable that takes it can keep its name.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/configmap/",
	Aliases:   []string{"polaris:sensitiveConfigmapContent", "kubescape:C-0012"},
	Needs:     []*model.Kind{model.ConfigMaps.Kind},
	Check: eachKey(func(key, _ string) string {
		if word := credentialWord.FindString(key); word != "" {
			return "has " + word + " in its name"
		}
		return ""
	}),
})

// eachKey is the check of a rule about the keys of ConfigMaps: the verdict says
// what is wrong with one; empty for nothing.
func eachKey(verdict func(key, value string) string) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, cm := range model.ConfigMaps.In(w.Snapshot, "") {
			if rules.System(cm.Ref.Namespace) {
				continue
			}
			for _, key := range slices.Sorted(maps.Keys(cm.Value.Data)) {
				if text := verdict(key, cm.Value.Data[key]); text != "" {
					emit(cm.Object, patch.Pointer("data", key), "key %s %s", key, text).Confidence = finding.Possible
				}
			}
		}
	}
}
