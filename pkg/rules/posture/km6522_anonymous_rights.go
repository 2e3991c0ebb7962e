// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6522", Slug: "anonymous-rights", Severity: finding.Info, Hygiene: true,
	Short: "Rights are given to whoever does not say who he is",
	Why: `system:anonymous and system:unauthenticated are everybody who reaches the API server: on most cloud clusters, the
internet. The few rights that they need (health, versions) come with the cluster.`,
	Fix:       "Remove the subject.",
	Reference: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests",
	Aliases:   []string{"kubescape:C-0262"},
	Needs:     bindingKinds,
	Check: func(w *rules.World, emit rules.Emit) {
		for _, b := range bindings(w) {
			for i, s := range b.subjects {
				if s.Name == "system:anonymous" || s.Name == "system:unauthenticated" {
					emit(b.Object, patch.Pointer("subjects", i), "%s %s has the rights of %s%s", s.Kind, s.Name, b.gives(), where(b))
				}
			}
		}
	},
})
