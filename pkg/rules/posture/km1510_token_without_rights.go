// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1510", Slug: "token-without-rights", Severity: finding.Info, Hygiene: true,
	Short: "Pod carries a token for the API server that gives it no rights",
	Why: `A ServiceAccount's token is mounted unless somebody says no. Where no binding gives the account any rights the
service has no use for it, but a thief has: it names the account, it reads what every account may read, and
rights that somebody gives the account later are the thief's as well.`,
	Fix:       "Set automountServiceAccountToken: false in the pod template, or in the ServiceAccount for all its pods. The certificate of an Istio sidecar does not come from this token.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
	Needs:     withKinds(model.WorkloadKinds, model.ServiceAccounts.Kind, model.RoleBindings.Kind, model.ClusterRoleBindings.Kind),
	Check:     checkTokens,
	Repair:    unmountToken,
})

func checkTokens(w *rules.World, emit rules.Emit) {
	g := grantsOf(w)
	for _, of := range w.Judged("") {
		ns, name := of.Ref.Namespace, of.Account()
		account, found := model.ServiceAccounts.Get(w.Snapshot, ns, name)
		absence := min(w.Absence(model.RoleBindings.Kind, ns), w.Absence(model.ClusterRoleBindings.Kind, ""))
		switch {
		case no(of.Spec().AutomountServiceAccountToken), absence == model.Unknown, len(g.to(ns, name)) > 0:
			continue
		case of.Spec().AutomountServiceAccountToken == nil && !found && w.Absence(model.ServiceAccounts.Kind, ns) != model.Proven:
			continue // the account may say no
		case of.Spec().AutomountServiceAccountToken == nil && found && no(account.Value.AutomountServiceAccountToken):
			continue
		}
		at := of.Existing(of.SpecAt(), "/automountServiceAccountToken", "/serviceAccountName")
		f := emit(of.Object, at, "the token of %s is mounted, but no binding gives it rights", model.ServiceAccounts.Ref(ns, name))
		f.Related = append(f.Related, model.ServiceAccounts.Ref(ns, name))
		rules.Weigh(f, absence)
	}
}

func unmountToken(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || r.On.Live() && !of.Editable() {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "do not mount the token", r.On, rules.Set(r.On, of.SpecAt()+"/automountServiceAccountToken", false))}
}
