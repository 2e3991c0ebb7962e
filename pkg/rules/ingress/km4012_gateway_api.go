// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4012", Slug: "gateway-api", Severity: finding.Error,
	Short: "Gateway or route of the Gateway API is not in effect",
	Why: `The controller says in conditions whether it took a Gateway, each of its listeners and each route at
each of its parents: Accepted (it is valid and allowed), ResolvedRefs (all that it names is there and
may be named), Programmed (the proxies have it). One that is False means no traffic, or 500 for it.

Of objects that no controller has seen yet, the rule answers the same questions itself: is the parent
there, does a listener of it allow the route, may a backend of another namespace be named.`,
	Fix: `The message of the condition says what is wrong. Routes of other namespaces need
allowedRoutes in the listener; backends and certificates of other namespaces need a ReferenceGrant
there.`,
	Reference: "https://gateway-api.sigs.k8s.io/reference/spec/#gateway.networking.k8s.io/v1.RouteConditionType",
	Needs: []*model.Kind{
		model.GatewayClasses.Kind, model.Gateways.Kind, model.HTTPRoutes.Kind, model.GRPCRoutes.Kind,
		model.ReferenceGrants.Kind, model.Namespaces.Kind,
	},
	Explains: []string{"KM4011"},
	Check:    checkGatewayAPI,
})

func checkGatewayAPI(w *rules.World, emit rules.Emit) {
	grants := newGrants(w)
	for _, c := range model.GatewayClasses.In(w.Snapshot, "") {
		if answered(w, c.Object) {
			reportConditions(w, emit, c.Object, "/status/conditions", "GatewayClass", c.Value.Status.Conditions)
		}
	}
	for _, gw := range model.Gateways.In(w.Snapshot, "") {
		if answered(w, gw.Object) {
			reportGateway(w, emit, gw)
			continue
		}
		resolveGateway(w, emit, gw, grants)
	}
	for _, r := range routes(w) {
		if answered(w, r.Object) {
			reportRoute(w, emit, r)
			continue
		}
		resolveParents(w, emit, r)
		resolveBackends(w, emit, r, grants)
	}
}

// answered reports whether the status of an object is a controller's answer to
// it: it is that of the cluster, and not of a file that may go there.
func answered(w *rules.World, o *model.Object) bool { return o.Live() && !w.Offline }

// grant is what may be named from where.
type grant struct {
	fromGroup, fromKind, fromNamespace string
	toGroup, toKind, toNamespace       string
	// name is empty when all names are allowed.
	name string
}

// grants are those of the world.
type grants struct {
	w   *rules.World
	all []grant
}

func newGrants(w *rules.World) *grants {
	out := &grants{w: w}
	for _, g := range model.ReferenceGrants.In(w.Snapshot, "") {
		for _, from := range g.Value.Spec.From {
			for _, to := range g.Value.Spec.To {
				one := grant{string(from.Group), string(from.Kind), string(from.Namespace), string(to.Group), string(to.Kind), g.Ref.Namespace, ""}
				if to.Name != nil {
					one.name = string(*to.Name)
				}
				out.all = append(out.all, one)
			}
		}
	}
	return out
}

// check reports a reference into another namespace that nothing there allows.
func (g *grants) check(emit rules.Emit, from *model.Object, at string, to *model.Kind, namespace, name string) {
	if namespace == from.Ref.Namespace {
		return
	}
	allowed := slices.ContainsFunc(g.all, func(x grant) bool {
		return x.fromGroup == from.Ref.Group && x.fromKind == from.Ref.Kind && x.fromNamespace == from.Ref.Namespace &&
			x.toGroup == to.Group && x.toKind == to.Kind && x.toNamespace == namespace && (x.name == "" || x.name == name)
	})
	absence := g.w.Absence(model.ReferenceGrants.Kind, namespace)
	if allowed || absence == model.Unknown {
		return
	}
	f := emit(from, at, "%s %s/%s is in another namespace: a ReferenceGrant there that allows it %s", to.Kind, namespace, name, absence)
	f.Hint = "add a ReferenceGrant to namespace " + namespace + ": from " + from.Ref.Kind + " of namespace " + from.Ref.Namespace + ", to " + to.Kind
	rules.Weigh(f, absence)
}
