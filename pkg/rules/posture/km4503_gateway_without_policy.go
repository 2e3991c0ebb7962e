// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM4503", Slug: "gateway-without-policy", Severity: finding.Info, Hygiene: true,
	Short: "Gateway has neither an AuthorizationPolicy nor a RequestAuthentication",
	Why: `Whatever the routes let through is forwarded to whoever asks. Behind the gateway all callers are the gateway: it is
the last place that knows an address, and the best one to check a token or to say which hosts and paths are open.`,
	Fix:       `Select the gateway's pods by a policy of its namespace (or attach one with targetRefs), if only to list the hosts and ports that it is for.`,
	Reference: "https://istio.io/latest/docs/tasks/security/authorization/authz-ingress/",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.IstioGateways.Kind, model.Gateways.Kind, model.Services.Kind, model.AuthorizationPolicies.Kind, model.RequestAuthentications.Kind,
	}),
	Check: checkUnguardedGateways,
})

// guard is what a policy that may guard a gateway is about.
type guard struct {
	namespace string
	selector  labels.Selector
	// targets are Gateways by name; the policy selects nothing else then.
	targets []string
}

func guardsOf(w *rules.World) []guard {
	var out []guard
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		out = append(out, guardOf(ap))
	}
	for _, ra := range model.RequestAuthentications.In(w.Snapshot, "") {
		g := guard{namespace: ra.Ref.Namespace, selector: labels.SelectorFromSet(ra.Value.Spec.GetSelector().GetMatchLabels())}
		for _, t := range ra.Value.Spec.GetTargetRefs() {
			g.targets = append(g.targets, t.GetName())
		}
		g.targets = append(g.targets, ra.Value.Spec.GetTargetRef().GetName())
		out = append(out, g)
	}
	return out
}

func guardOf(ap model.Item[istiosecv1.AuthorizationPolicy]) guard {
	g := guard{namespace: ap.Ref.Namespace, selector: labels.SelectorFromSet(ap.Value.Spec.GetSelector().GetMatchLabels())}
	for _, t := range ap.Value.Spec.GetTargetRefs() {
		g.targets = append(g.targets, t.GetName())
	}
	g.targets = append(g.targets, ap.Value.Spec.GetTargetRef().GetName())
	return g
}

// on reports whether it is about pods of a namespace with some labels, or about the
// Gateway that they are called after.
func (g guard) on(w *rules.World, namespace, gateway string, set labels.Set) bool {
	targets := slices.DeleteFunc(slices.Clone(g.targets), func(t string) bool { return t == "" })
	if len(targets) > 0 {
		return g.namespace == namespace && gateway != "" && slices.Contains(targets, gateway)
	}
	return (g.namespace == namespace || g.namespace == w.RootNamespace) && g.selector.Matches(set)
}

func checkUnguardedGateways(w *rules.World, emit rules.Emit) {
	guards := guardsOf(w)
	absence := func(namespace string) model.Absence {
		return min(w.Absence(model.AuthorizationPolicies.Kind, namespace), w.Absence(model.RequestAuthentications.Kind, namespace))
	}
	seen := map[ref.Ref]bool{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		if inward(w, gw) {
			continue
		}
		for _, of := range gatewayWorkloads(w, gw) {
			guarded := slices.ContainsFunc(guards, func(g guard) bool { return g.on(w, of.Ref.Namespace, "", of.Template.Labels) })
			if guarded || seen[of.Ref] || absence(of.Ref.Namespace) == model.Unknown {
				continue
			}
			seen[of.Ref] = true
			f := emit(of.Object, "", "it is the gateway of %s, and no AuthorizationPolicy or RequestAuthentication selects it", gw.Ref)
			f.Related = append(f.Related, gw.Ref)
			rules.Weigh(f, absence(of.Ref.Namespace))
		}
	}
	for _, gw := range model.Gateways.In(w.Snapshot, "") {
		set := labels.Set{"gateway.networking.k8s.io/gateway-name": gw.Ref.Name}
		guarded := slices.ContainsFunc(guards, func(g guard) bool { return g.on(w, gw.Ref.Namespace, gw.Ref.Name, set) })
		if gw.Value.Spec.GatewayClassName != "istio" || inside(gw) || guarded || absence(gw.Ref.Namespace) == model.Unknown {
			continue
		}
		rules.Weigh(emit(gw.Object, "", "no AuthorizationPolicy or RequestAuthentication is attached to it"), absence(gw.Ref.Namespace))
	}
}
