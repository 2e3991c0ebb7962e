// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9037", Slug: "preflight-denied", Severity: finding.Warning,
	Short: "AuthorizationPolicy asks for a token that CORS preflights never carry",
	Why: `Before a request to another origin, a browser asks by the method OPTIONS whether it may, and sends no
token with that. A policy that requires a token denies it, and the request itself is never sent. The
proxy decides about the policy before it answers for the corsPolicy of a VirtualService.`,
	Fix:       `Let OPTIONS in without a token: a rule with methods ["OPTIONS"], or notMethods ["OPTIONS"] in the DENY rule.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.VirtualServices.Kind, model.IstioGateways.Kind,
	}),
	Check:  checkPreflights,
	Repair: repairPreflight,
})

func checkPreflights(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	told := map[*model.Object]bool{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for i, route := range vs.Value.Spec.GetHttp() {
			if route.GetCorsPolicy() == nil {
				continue
			}
			for _, of := range gatewaysOf(w, vs.Value.Spec.GetGateways(), vs.Ref.Namespace) {
				p, at, denied := preflight(view.of(of))
				if !denied || told[p.Object] {
					continue
				}
				told[p.Object] = true
				why := "no rule lets OPTIONS in without a token"
				if p.denies() {
					why = "this rule denies OPTIONS without a token"
				}
				f := emit(p.Object, at, "%s answers CORS preflights at %s, and %s", vs.Ref, of.Ref, why)
				f.Confidence = finding.Likely // the rule may be for other hosts and paths
				f.Related = []ref.Ref{vs.Ref, of.Ref}
				f.Evidence = []finding.Evidence{{Kind: "field", Of: vs.Where(patch.Pointer("spec", "http", i, "corsPolicy")), Value: "corsPolicy"}}
				f.Hint = "let the method OPTIONS in without a token"
			}
		}
	}
}

// gatewaysOf are the workloads of the Gateways that a VirtualService is bound to.
func gatewaysOf(w *rules.World, names []string, namespace string) []*model.Workload {
	var out []*model.Workload
	for _, name := range names {
		of := model.GatewayRef(name, namespace)
		gw, found := model.IstioGateways.Get(w.Snapshot, of.Namespace, of.Name)
		if found && name != "mesh" && len(gw.Value.Spec.GetSelector()) > 0 {
			out = append(out, w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.GetSelector()))...)
		}
	}
	return out
}

func repairPreflight(_ *rules.World, r rules.Result) []rules.Fix {
	p := policyOf(r.On)
	if !p.allows() {
		return nil
	}
	rule := map[string]any{"to": []any{map[string]any{"operation": map[string]any{"methods": []any{"OPTIONS"}}}}}
	return []rules.Fix{rules.Change(rules.Review, "let OPTIONS in", r.On, patch.Op{Op: patch.Add, Path: "/spec/rules/-", Value: rule})}
}
