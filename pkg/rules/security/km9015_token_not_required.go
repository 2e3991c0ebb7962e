// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9015", Slug: "token-not-required", Severity: finding.Warning,
	Short: "RequestAuthentication checks tokens and nothing requires one",
	Why: `A RequestAuthentication refuses requests with a token that is not valid. A request without any token
passes, as nobody, and unless an AuthorizationPolicy asks for a token, or the application does, it is
served like the others.`,
	Fix: `Add an AuthorizationPolicy that lets in who has a token: action ALLOW, from requestPrincipals ["*"]. Where
other ALLOW policies are there already, deny those without one (notRequestPrincipals ["*"]) on the HTTP
ports.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/request_authentication/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.RequestAuthentications.Kind, model.AuthorizationPolicies.Kind}),
	Check:     checkTokens,
	Repair:    repairTokens,
})

type requestAuthentication = model.Item[istiosecv1.RequestAuthentication]

func checkTokens(w *rules.World, emit rules.Emit) {
	view, all := newAuthz(w), every(w)
	for _, ra := range model.RequestAuthentications.In(w.Snapshot, "") {
		spec := &ra.Value.Spec
		if len(spec.GetJwtRules()) == 0 || ra.Value.DeletionTimestamp != nil || !view.readable(ra.Ref.Namespace) {
			continue
		}
		if spec.GetTargetRef() != nil || len(spec.GetTargetRefs()) > 0 {
			asked := slices.ContainsFunc(all, func(p policy) bool { return p.targeted() && p.Ref.Namespace == ra.Ref.Namespace && p.asksForToken() })
			if !asked {
				reportToken(w, ra, nil, emit)
			}
			continue
		}
		open, any := withoutToken(w, view, ra)
		if len(open) > 0 && (!any || len(spec.GetSelector().GetMatchLabels()) > 0) || len(open) == 0 && !any {
			reportToken(w, ra, open, emit)
		}
	}
}

// withoutToken are the workloads of a RequestAuthentication of which no policy
// asks for a token; any is true if some policy in its scope does.
func withoutToken(w *rules.World, view *authz, ra requestAuthentication) (open []*model.Workload, any bool) {
	selector := labels.SelectorFromSet(ra.Value.Spec.GetSelector().GetMatchLabels())
	scope := w.Workloads("")
	if ra.Ref.Namespace != w.RootNamespace {
		scope = w.Select(ra.Ref.Namespace, selector).Workloads
	}
	none := true
	for _, of := range scope {
		if !selects(selector, of) {
			continue
		}
		none = false
		if slices.ContainsFunc(view.of(of), policy.asksForToken) {
			any = true
		} else {
			open = append(open, of)
		}
	}
	if none { // no workload is in view: what is in the same namespace may be for it
		any = slices.ContainsFunc(slices.Concat(view.byNamespace[ra.Ref.Namespace], view.byNamespace[w.RootNamespace]), policy.asksForToken)
	}
	return open, any
}

func reportToken(w *rules.World, ra requestAuthentication, open []*model.Workload, emit rules.Emit) {
	at := ra.Existing("", "/spec/jwtRules", "/spec")
	f := emit(ra.Object, at, "requests without a token pass: no AuthorizationPolicy asks for one")
	if len(open) > 0 {
		f.Reason = f.Message
		f.Message = "requests to " + rules.FewOf(model.Refs(open)) + " pass without a token: no AuthorizationPolicy asks for one"
	}
	f.Confidence, f.Related = finding.Likely, model.Refs(open[:min(len(open), 20)])
	f.Hint = "add an AuthorizationPolicy with requestPrincipals [\"*\"], unless the application asks"
	rules.Weigh(f, w.Absence(model.AuthorizationPolicies.Kind, ra.Ref.Namespace))
	if f.Confidence == finding.Certain {
		f.Confidence = finding.Likely // the application may ask
	}
}

// repairTokens adds a policy, where none that allows is there: beside one it
// would let in more.
func repairTokens(w *rules.World, r rules.Result) []rules.Fix {
	ra, ok := model.RequestAuthentications.Of(r.On)
	view := newAuthz(w)
	allow := func(p policy) bool { return p.allows() }
	if !ok || ra.Value.Spec.GetTargetRef() != nil || len(ra.Value.Spec.GetTargetRefs()) > 0 ||
		slices.ContainsFunc(view.byNamespace[ra.Ref.Namespace], allow) || slices.ContainsFunc(view.byNamespace[w.RootNamespace], allow) {
		return nil
	}
	spec := map[string]any{
		"action": "ALLOW",
		"rules":  []any{map[string]any{"from": []any{map[string]any{"source": map[string]any{"requestPrincipals": []any{"*"}}}}}},
	}
	if selector, err := patch.Get(r.On.Raw(), "/spec/selector"); err == nil {
		spec["selector"] = selector
	}
	created := map[string]any{
		"apiVersion": model.AuthorizationPolicies.Ref("", "").APIVersion(), "kind": model.AuthorizationPolicies.Kind.Kind,
		"metadata": map[string]any{"name": r.On.Ref.Name + "-required", "namespace": r.On.Ref.Namespace},
		"spec":     spec,
	}
	return []rules.Fix{{Title: "let in only who has a token", Risk: rules.Disruptive, Creates: []map[string]any{created}}}
}
