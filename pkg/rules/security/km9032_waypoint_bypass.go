// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	typev1beta1 "istio.io/api/type/v1beta1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9032", Slug: "waypoint-bypass", Severity: finding.Info,
	Short: "AuthorizationPolicy of a waypoint can be passed by",
	Why: `A policy with targetRefs is carried out by the waypoint. A client that calls the address of a pod
instead of the Service does not come that way, and neither does anybody once the waypoint is gone: then
only policies that select the workload stand in between.`,
	Fix:       "Add a policy that selects the workload and lets in nobody but the waypoint.",
	Reference: "https://istio.io/latest/docs/ambient/usage/waypoint/",
	Needs:     slices.Concat(waypointKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.Services.Kind}),
	Check:     checkBypass,
	Repair:    repairBypass,
})

// anybody is a client of the mesh of whom nothing is known.
var anybody = caller{Namespace: "any", Account: "any"}

// bypass is a Service whose waypoint policy does not hold for its pods.
type bypass struct {
	waypoint
	policy  policy
	service service
	of      *model.Workload
}

func bypasses(w *rules.World) []bypass {
	view := newAuthz(w)
	var out []bypass
	for _, p := range every(w) {
		for _, svc := range targetsOf(w, p) {
			through, found := waypointOf(w, svc)
			if !found || !view.readable(svc.Ref.Namespace) {
				continue
			}
			for _, b := range ambientBehind(w, svc) {
				if allowed(view.of(b.Workload), request{caller: anybody, Port: b.Port}) == yes {
					out = append(out, bypass{through, p, svc, b.Workload})
					break
				}
			}
		}
	}
	return out
}

// targetsOf are the Services that a policy names in targetRefs.
func targetsOf(w *rules.World, p policy) []service {
	var out []service
	for _, t := range slices.Concat(p.spec().GetTargetRefs(), []*typev1beta1.PolicyTargetReference{p.spec().GetTargetRef()}) {
		if t.GetKind() != model.Services.Kind.Kind || t.GetGroup() != "" && t.GetGroup() != "core" {
			continue
		}
		if svc, found := model.Services.Get(w.Snapshot, p.Ref.Namespace, t.GetName()); found {
			out = append(out, svc)
		}
	}
	return out
}

func checkBypass(w *rules.World, emit rules.Emit) {
	for _, b := range bypasses(w) {
		f := emit(b.policy.Object, b.policy.Existing("/spec", "/targetRefs", "/targetRef"), "the policy holds at the waypoint %s only: a client that calls the pods of %s directly does not meet it", b.ref, b.of.Ref)
		f.Confidence = finding.Likely
		f.Related = []ref.Ref{b.service.Ref, b.of.Ref, b.ref}
		f.Hint = "add a policy that selects the workload and lets in nobody but the waypoint"
	}
}

func repairBypass(w *rules.World, r rules.Result) []rules.Fix {
	trust, _ := trustDomains(w)
	for _, b := range bypasses(w) {
		if b.policy.Object != r.On || !slices.Contains(r.Related, b.service.Ref) {
			continue
		}
		id := b.identity(w)
		created := map[string]any{
			"apiVersion": model.AuthorizationPolicies.Ref("", "").APIVersion(), "kind": model.AuthorizationPolicies.Kind.Kind,
			"metadata": map[string]any{"name": b.service.Ref.Name + "-waypoint-only", "namespace": b.service.Ref.Namespace},
			"spec": map[string]any{
				"selector": map[string]any{"matchLabels": rules.Decoded(b.service.Value.Spec.Selector)},
				"action":   "ALLOW",
				"rules":    []any{principalFor(principal{trust[0], id.namespace, id.name}.String())},
			},
		}
		return []rules.Fix{{Title: "let in nobody but the waypoint", Risk: rules.Disruptive, Creates: []map[string]any{created}}}
	}
	return nil
}
