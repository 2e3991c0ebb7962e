// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9029", Slug: "partial-dry-run", Severity: finding.Info,
	Short: "Dry run of an AuthorizationPolicy predicts nothing",
	Why: `Policies on dry run are evaluated by themselves, not together with those in force. Where a workload
has ALLOW policies of both sorts, a request that one in force lets in is reported as denied by the dry
run, and no one can tell it from one that would be denied. Actions other than ALLOW and DENY have no
dry run.`,
	Fix:       "Put the whole set of a workload's ALLOW policies on dry run, as copies of those in force beside the new one.",
	Reference: "https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.AuthorizationPolicies.Kind}),
	Check:     checkDryRuns,
})

func checkDryRuns(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	at := "/metadata/annotations" + patch.Pointer(dryRun)
	for _, p := range every(w) {
		if p.Value.Annotations[dryRun] != "true" || p.targeted() {
			continue
		}
		if !p.allows() && !p.denies() {
			f := emit(p.Object, at, "action %s has no dry run: the policy has no effect at all", p.spec().GetAction())
			f.Severity = finding.Warning
			continue
		}
		if p.denies() {
			continue // a request that it matches would be denied, whatever others say
		}
		for _, of := range view.workloads(p) {
			enforced := slices.DeleteFunc(view.of(of), func(o policy) bool {
				return o.spec().GetAction() != securityv1.AuthorizationPolicy_ALLOW || len(o.spec().GetRules()) == 0
			})
			if len(enforced) == 0 {
				continue
			}
			f := emit(p.Object, at, "%s is in force for %s and has no part in the dry run: what that lets in is reported as denied", enforced[0].Ref, of.Ref)
			f.Confidence = finding.Likely
			f.Related = []ref.Ref{of.Ref, enforced[0].Ref}
			f.Hint = "put a copy of " + enforced[0].Ref.String() + " on dry run too"
			break
		}
	}
}
