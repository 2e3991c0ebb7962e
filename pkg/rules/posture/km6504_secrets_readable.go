// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6504", Slug: "secrets-readable", Severity: finding.Info, Hygiene: true,
	Short: "Role allows reading all Secrets",
	Why: `Who may get, list or watch Secrets has the passwords, keys and tokens in them, those of other ServiceAccounts
too: list and watch show the values as well. In a ClusterRole that a ClusterRoleBinding gives it is
every Secret of the cluster.

The Role of an Istio gateway that takes its certificates from Secrets of its own namespace is left out:
istiod hands a certificate only to an account that may list Secrets there.`,
	Fix:       "Mount what the workload needs, which takes no rights at all; else name the Secrets in resourceNames, with the verb get alone.",
	Reference: rbacPractices + "#listing-secrets",
	Aliases:   []string{"kube-linter:access-to-secrets", "kubescape:C-0015", "kubescape:C-0186"},
	Needs:     slices.Concat(roleKinds, bindingKinds, model.WorkloadKinds, []*model.Kind{model.IstioGateways.Kind}),
	Check:     checkSecretReaders,
})

func checkSecretReaders(w *rules.World, emit rules.Emit) {
	given, keepers := holders(w), keepersOfCertificates(w)
	for _, r := range roles(w) {
		for i, rule := range r.rules {
			_, about := onResource(rule, "", "secrets")
			verb, reads := withVerb(rule, "get", "list", "watch")
			if !about || !reads || len(rule.ResourceNames) > 0 && !slices.Contains(rule.Verbs, "list") && !slices.Contains(rule.Verbs, "watch") {
				continue
			}
			if r.Ref.Kind == model.Roles.Kind.Kind && onlyFor(given[r.Ref], keepers) {
				continue
			}
			f := emit(r.Object, rules.Nearest(r.Object, patch.Pointer("rules", i, "resources")), "it allows %s of Secrets: %s", verbs(rule, verb), scope(r, given[r.Ref]))
			noteHolders(f, given[r.Ref])
		}
	}
}

// verbs names those of a rule that read.
func verbs(r rbacv1.PolicyRule, first string) string {
	if first == rbacv1.VerbAll {
		return "everything"
	}
	return rules.Few(slices.DeleteFunc(slices.Clone(r.Verbs), func(v string) bool { return v != "get" && v != "list" && v != "watch" }), 3)
}

// scope says which Secrets a role reaches.
func scope(r role, given []binding) string {
	if r.Ref.Kind == model.Roles.Kind.Kind {
		return "all of namespace " + r.Ref.Namespace
	}
	for _, b := range given {
		if b.Ref.Kind == model.ClusterRoleBindings.Kind.Kind {
			return "all of the cluster"
		}
	}
	return "all of wherever it is bound"
}

// keepersOfCertificates are the accounts of gateways that have a server whose
// certificate is in a Secret.
func keepersOfCertificates(w *rules.World) map[ref.Ref]bool {
	out := map[ref.Ref]bool{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		for _, s := range gw.Value.Spec.GetServers() {
			if s.GetTls().GetCredentialName() == "" && len(s.GetTls().GetCredentialNames()) == 0 {
				continue
			}
			for _, of := range gatewayWorkloads(w, gw) {
				out[model.ServiceAccounts.Ref(of.Ref.Namespace, of.Account())] = true
			}
			break
		}
	}
	return out
}

// onlyFor reports whether all that a role is given to are some accounts, and any is.
func onlyFor(given []binding, accounts map[ref.Ref]bool) bool {
	any := false
	for _, b := range given {
		for _, s := range b.subjects {
			r, ok := account(b, s)
			if !ok || !accounts[r] {
				return false
			}
			any = true
		}
	}
	return any
}
