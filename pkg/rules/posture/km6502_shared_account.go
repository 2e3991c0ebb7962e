// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6502", Slug: "shared-account", Severity: finding.Info, Hygiene: true,
	Short: "Different workloads run as one ServiceAccount",
	Why: `An account is who a workload is, for RBAC and for the policies of a mesh. Two that share one have the rights of
both, and no AuthorizationPolicy can let one call and not the other.

Versions of one service, which a Service selects together or which carry one app label, may share.`,
	Fix:       "Give each a ServiceAccount of its own, and repeat the bindings and policies that it needs.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/",
	Needs:     withKinds(model.WorkloadKinds, model.ServiceAccounts.Kind, model.Services.Kind),
	Check:     checkSharedAccounts,
})

func checkSharedAccounts(w *rules.World, emit rules.Emit) {
	users := map[ref.Ref][]*model.Workload{}
	var accounts []ref.Ref
	for _, of := range w.Judged("") {
		r := model.ServiceAccounts.Ref(of.Ref.Namespace, of.Account())
		if of.Account() == "default" {
			continue // KM6501
		}
		if users[r] == nil {
			accounts = append(accounts, r)
		}
		users[r] = append(users[r], of)
	}
	for _, r := range accounts {
		sorts := services(w, users[r])
		if len(sorts) < 2 {
			continue
		}
		on, at := sorts[0].Object, sorts[0].Existing(sorts[0].SpecAt(), "/serviceAccountName")
		if sa, found := model.ServiceAccounts.Get(w.Snapshot, r.Namespace, r.Name); found {
			on, at = sa.Object, ""
		}
		f := emit(on, at, "%s is what %d different services run as: %s", r, len(sorts), rules.FewOf(model.Refs(sorts)))
		f.Reason = r.String() + " is shared"
		f.Related = append(f.Related, model.Refs(users[r])...)
	}
}

// services leaves of some workloads one for each service that they make.
func services(w *rules.World, all []*model.Workload) []*model.Workload {
	var out []*model.Workload
	seen := map[string]bool{}
	for _, of := range all {
		names := namesOf(w, of)
		if !slices.ContainsFunc(names, func(n string) bool { return seen[n] }) {
			out = append(out, of)
		}
		for _, n := range names {
			seen[n] = true
		}
	}
	return out
}

// namesOf are what a workload has in common with others of the same service.
func namesOf(w *rules.World, of *model.Workload) []string {
	var out []string
	for _, svc := range w.InFront(of) {
		out = append(out, "service "+svc.Ref.Name)
	}
	for _, key := range []string{"app", "app.kubernetes.io/name", "k8s-app"} {
		if v := of.Template.Labels[key]; v != "" {
			out = append(out, "app "+v)
		}
	}
	return out
}
