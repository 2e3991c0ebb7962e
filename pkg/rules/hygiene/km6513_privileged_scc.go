// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6513", Slug: "privileged-scc",
	Short:     "SecurityContextConstraints of OpenShift let containers be privileged",
	Why:       "A privileged container is as good as root on its node. Every account that may use these constraints may run one.",
	Fix:       "Set allowPrivilegedContainer: false.",
	Reference: "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html",
	Aliases:   []string{"kube-linter:scc-deny-privileged-container"},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, o := range w.OfKind(ref.GroupKind{Group: "security.openshift.io", Kind: "SecurityContextConstraints"}) {
			if allowed, _ := o.Raw()["allowPrivilegedContainer"].(bool); allowed {
				emit(o, "/allowPrivilegedContainer", "who may use it may run privileged containers")
			}
		}
	},
})
