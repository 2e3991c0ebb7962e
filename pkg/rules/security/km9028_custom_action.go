// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9028", Slug: "custom-action", Severity: finding.Error,
	Short: "CUSTOM AuthorizationPolicy cannot ask its provider",
	Why: `The action CUSTOM asks an extension provider of the mesh configuration. If there is none of the name,
whatever the policy matches is denied; the same goes for a workload for which two policies name two
providers. And the rules of such a policy cannot go by identities or tokens: Istio's webhook refuses
them.`,
	Fix:       "Name a provider of meshConfig.extensionProviders, one for each workload, and leave identities and tokens to a policy of action ALLOW or DENY beside it.",
	Reference: "https://istio.io/latest/docs/tasks/security/authorization/authz-custom/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.ConfigMaps.Kind}),
	Check:     checkCustom,
	Repair:    repairCustom,
})

func checkCustom(w *rules.World, emit rules.Emit) {
	custom := slices.DeleteFunc(slices.Clone(every(w)), func(p policy) bool { return p.spec().GetAction() != securityv1.AuthorizationPolicy_CUSTOM })
	if len(custom) == 0 {
		return
	}
	mesh := w.MeshConfig()
	for _, p := range custom {
		for _, l := range lists(p.spec()) {
			if onIdentity(l) {
				emit(p.Object, l.At, "rules of action CUSTOM cannot go by %s: Istio's webhook refuses the policy", l.Field)
			}
		}
		name := p.spec().GetProvider().GetName()
		switch {
		case name == "":
			f := emit(p.Object, p.Existing("", "/spec/action", "/spec"), "action CUSTOM without provider.name: Istio's webhook refuses the policy")
			f.Hint = providers(mesh)
		case mesh.Unknown == "" && !slices.Contains(mesh.Providers, name):
			f := emit(p.Object, "/spec/provider/name", "the mesh has no extension provider %s: whatever the policy matches is denied", name)
			f.Related = []ref.Ref{mesh.From.Ref}
			f.Hint = rules.DidYouMean(name, mesh.Providers)
			if f.Hint == "" {
				f.Hint = providers(mesh)
			}
		}
	}
	checkSecondProviders(w, emit)
}

// onIdentity reports whether a list goes by what only other actions know.
func onIdentity(l list) bool {
	return l.is("principals", "requestPrincipals", "namespaces", "serviceAccounts", "source.principal", "source.namespace", "source.serviceAccount") ||
		strings.HasPrefix(l.Field, "request.auth.")
}

// providers lists what can be named.
func providers(mesh model.MeshConfig) string {
	if len(mesh.Providers) == 0 {
		return "define one in meshConfig.extensionProviders"
	}
	return "the mesh has " + rules.Few(mesh.Providers, 3)
}

// checkSecondProviders reports workloads that two providers would have to be asked for.
func checkSecondProviders(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	type pair struct{ a, b ref.Ref }
	told := map[pair]bool{}
	for _, of := range w.Workloads("") {
		var first *policy
		for _, p := range view.of(of) {
			name := p.spec().GetProvider().GetName()
			switch {
			case p.spec().GetAction() != securityv1.AuthorizationPolicy_CUSTOM || name == "":
				continue
			case first == nil:
				first = &p
				continue
			case first.spec().GetProvider().GetName() == name || told[pair{first.Ref, p.Ref}]:
				continue
			}
			told[pair{first.Ref, p.Ref}] = true
			f := emit(p.Object, "/spec/provider/name", "%s has provider %s of %s already: with a second one, what these policies match is denied", of.Ref, first.spec().GetProvider().GetName(), first.Ref)
			f.Severity, f.Confidence = finding.Warning, finding.Likely // a flag of istiod allows several
			f.Related = []ref.Ref{first.Ref, of.Ref}
			f.Hint = "name the same provider in both"
		}
	}
}

func repairCustom(w *rules.World, r rules.Result) []rules.Fix {
	mesh := w.MeshConfig()
	text, _ := r.Text()
	if _, last := patch.Split(r.Pointer); last != "name" || r.Severity != finding.Error {
		return nil
	}
	near := ref.Closest(text, mesh.Providers)
	if len(near) == 0 {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "ask "+near[0], near[0])}
}
