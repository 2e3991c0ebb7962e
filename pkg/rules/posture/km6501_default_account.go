// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6501", Slug: "default-account", Severity: finding.Info, Hygiene: true,
	Short: "Workload runs as the default ServiceAccount of its namespace",
	Why: `Everything that names no account shares the one called default. Rights that it is given for one workload all of
them have; and in a mesh, where the account is the identity, no policy can tell their calls apart.`,
	Fix:       "Give the workload a ServiceAccount of its own, with automountServiceAccountToken: false where it does not call the API server, and name it in serviceAccountName.",
	Reference: "https://kubernetes.io/docs/concepts/security/service-accounts/",
	Aliases:   []string{"kube-linter:default-service-account"},
	Needs:     model.WorkloadKinds,
	Check:     checkDefaultAccount,
})

func checkDefaultAccount(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		if of.Account() != "default" {
			continue
		}
		at := of.Existing(of.SpecAt(), "/serviceAccountName", "/serviceAccount")
		f := emit(of.Object, at, "its pods run as ServiceAccount default, as everything in namespace %s does that names none", of.Ref.Namespace)
		f.Related = append(f.Related, model.ServiceAccounts.Ref(of.Ref.Namespace, "default"))
	}
}
