// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6511", Slug: "secret-in-configmap", Severity: finding.Info, Hygiene: true,
	Short: "Secret stands in a ConfigMap",
	Why: `ConfigMaps are read by roles that must not see Secrets, are not encrypted where Secrets are, and are printed in
logs and reports. What is in one is known to everybody with view rights in the namespace.`,
	Fix:       "Move the value to a Secret, mount that beside the ConfigMap, and change the secret: it is known by now.",
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases:   []string{"polaris:sensitiveConfigmapContent"},
	Needs:     []*model.Kind{model.ConfigMaps.Kind},
	Check:     checkConfigMaps,
})

func checkConfigMaps(w *rules.World, emit rules.Emit) {
	for _, cm := range model.ConfigMaps.In(w.Snapshot, "") {
		if rules.System(cm.Ref.Namespace) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(cm.Value.Data)) {
			text := cm.Value.Data[key]
			what := shaped(text)
			if what == "" && named(key, text) {
				what = "a secret, by its name"
			} else if line, found := secretLine(text); what == "" && found {
				what = "a secret, by the name " + line
			}
			if what != "" {
				emit(cm.Object, patch.Pointer("data", key), "key %s holds %s", key, what).Confidence = finding.Likely
			}
		}
	}
}
