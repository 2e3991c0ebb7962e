// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6509", Slug: "unused-rights", Severity: finding.Info, Hygiene: true,
	Short: "ServiceAccount has rights, and no workload runs as it",
	Why: `Rights that nobody uses are missed by nobody but the one who takes them: whoever may make a pod in the namespace
runs it as that account. Most are left over from something that was removed, or the workload
names another account than was meant.`,
	Fix:       "Name the account in serviceAccountName of the workload that it was made for, or delete the binding. An account that is used from outside of the cluster, by a pipeline, needs a suppression that says so.",
	Reference: rbacPractices + "#least-privilege",
	Needs:     withKinds(bindingKinds, model.WorkloadKinds...),
	Check:     checkUnusedRights,
})

func checkUnusedRights(w *rules.World, emit rules.Emit) {
	running := runAs(w)
	for _, b := range bindings(w) {
		for i, s := range b.subjects {
			r, ok := account(b, s)
			if !ok || r.Namespace == "" || rules.System(r.Namespace) || len(running[r]) > 0 {
				continue
			}
			absence := w.PodAbsence(r.Namespace)
			if absence != model.Proven && absence != model.NotInSet {
				continue
			}
			f := emit(b.Object, patch.Pointer("subjects", i), "it gives rights to %s, and no workload runs as that", r)
			f.Related = append(f.Related, r, b.gives())
			if absence != model.Proven {
				f.Confidence = finding.Likely
			}
		}
	}
}
