// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"maps"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// gatewayAPI splits by the weights of an HTTPRoute's or GRPCRoute's
// backendRefs. An omitted weight is 1, not 0; a rule whose weights are all 0
// answers 500 (Gateway API reference, BackendRef.weight).
type gatewayAPI struct{}

func (gatewayAPI) Name() string { return "Gateway API" }

func (gatewayAPI) Kinds() []*model.Kind {
	return []*model.Kind{model.HTTPRoutes.Kind, model.GRPCRoutes.Kind}
}

// MaxWeight is the API's maximum of BackendRef.weight.
func (gatewayAPI) MaxWeight() int { return 1_000_000 }

// DefaultWeight is the API's default.
func (gatewayAPI) DefaultWeight() int { return 1 }

func (r gatewayAPI) Routes(s *model.Snapshot, o *model.Object) []Route {
	if h, ok := model.HTTPRoutes.Of(o); ok {
		return r.httpRoutes(s, o, &h.Value.Spec)
	}
	if g, ok := model.GRPCRoutes.Of(o); ok {
		return r.grpcRoutes(s, o, &g.Value.Spec)
	}
	return nil
}

func (r gatewayAPI) httpRoutes(s *model.Snapshot, o *model.Object, spec *gatewayv1.HTTPRouteSpec) []Route {
	var out []Route
	for i, rule := range spec.Rules {
		route := Route{Protocol: "http", Match: pathMatch(rule.Matches), ByHeader: len(rule.Matches) > 0}
		for _, m := range rule.Matches {
			route.ByHeader = route.ByHeader && len(m.Headers) > 0
		}
		for _, f := range rule.Filters {
			switch f.Type {
			case gatewayv1.HTTPRouteFilterRequestRedirect:
				route.Fixed = "it redirects"
			case gatewayv1.HTTPRouteFilterRequestMirror:
				route.Notes = append(route.Notes, "it mirrors requests; the mirror stays as it is")
			}
		}
		var refs []gatewayv1.BackendRef
		for _, b := range rule.BackendRefs {
			refs = append(refs, b.BackendRef)
		}
		out = append(out, r.rule(s, o, route, i, rule.Name, refs, spec.ParentRefs, spec.Hostnames))
	}
	return out
}

func (r gatewayAPI) grpcRoutes(s *model.Snapshot, o *model.Object, spec *gatewayv1.GRPCRouteSpec) []Route {
	var out []Route
	for i, rule := range spec.Rules {
		route := Route{Protocol: "grpc", Match: methodMatch(rule.Matches), ByHeader: len(rule.Matches) > 0}
		for _, m := range rule.Matches {
			route.ByHeader = route.ByHeader && len(m.Headers) > 0
		}
		var refs []gatewayv1.BackendRef
		for _, b := range rule.BackendRefs {
			refs = append(refs, b.BackendRef)
		}
		out = append(out, r.rule(s, o, route, i, rule.Name, refs, spec.ParentRefs, spec.Hostnames))
	}
	return out
}

// rule completes a route with what HTTPRoute and GRPCRoute rules share.
func (r gatewayAPI) rule(s *model.Snapshot, o *model.Object, route Route, i int, name *gatewayv1.SectionName,
	refs []gatewayv1.BackendRef, parents []gatewayv1.ParentReference, hostnames []gatewayv1.Hostname) Route {
	route.Router, route.Object, route.Index = r, o, i
	route.Pointer = patch.Pointer("spec", "rules", i)
	if name != nil {
		route.Name = string(*name)
	}
	for _, p := range parents {
		if p.Kind != nil && *p.Kind == "Service" {
			route.Hosts = append(route.Hosts, s.ServiceFQDN(namespaceOr(p.Namespace, o), string(p.Name)))
		}
	}
	for _, h := range hostnames {
		route.Hosts = append(route.Hosts, strings.ToLower(string(h)))
	}
	for j, b := range refs {
		leg := Leg{Pointer: patch.Pointer("spec", "rules", i, "backendRefs", j), Weight: r.DefaultWeight()}
		leg.Host = s.ServiceFQDN(namespaceOr(b.Namespace, o), string(b.Name))
		if b.Kind != nil && *b.Kind != "Service" {
			leg.Host = strings.ToLower(string(*b.Kind)) + "/" + string(b.Name)
		}
		if b.Port != nil {
			leg.Port = int(*b.Port)
		}
		if b.Weight != nil {
			leg.Weight, leg.Explicit, leg.Written = int(*b.Weight), true, int(*b.Weight)
		}
		route.Legs = append(route.Legs, leg)
	}
	if route.Fixed == "" && len(route.Legs) == 0 {
		route.Fixed = "it has no backendRefs"
	}
	return route
}

func namespaceOr(ns *gatewayv1.Namespace, o *model.Object) string {
	if ns != nil {
		return string(*ns)
	}
	return o.Ref.Namespace
}

func (gatewayAPI) SetWeights(r Route, weights []int) []patch.Op {
	var out []patch.Op
	for i, l := range r.Legs {
		if ops := setWeight(l, weights[i]); len(ops) > 0 {
			out = append(out, r.Guard(l)...)
			out = append(out, ops...)
		}
	}
	return out
}

func (gatewayAPI) AddLeg(r Route, like Leg, to Backend, weight int) ([]patch.Op, error) {
	raw, err := patch.Get(r.Object.Raw(), like.Pointer)
	if err != nil {
		return nil, err
	}
	ref := maps.Clone(raw.(map[string]any)) // the typed view has been read from it
	delete(ref, "filters")
	ref["name"], _, _ = strings.Cut(to.Host, ".")
	ref["weight"] = int64(weight)
	return []patch.Op{{Op: patch.Add, Path: r.Pointer + "/backendRefs/-", Value: ref}}, nil
}

func (gatewayAPI) RemoveLeg(r Route, leg Leg) []patch.Op {
	return append(r.Guard(leg), patch.Op{Op: patch.Remove, Path: leg.Pointer})
}

func pathMatch(matches []gatewayv1.HTTPRouteMatch) string {
	var ways []string
	for _, m := range matches {
		var all []string
		if p := m.Path; p != nil && p.Value != nil && (*p.Value != "/" || p.Type == nil || *p.Type != gatewayv1.PathMatchPathPrefix) {
			all = append(all, "path "+*p.Value)
		}
		if m.Method != nil {
			all = append(all, "method "+string(*m.Method))
		}
		for _, h := range m.Headers {
			all = append(all, "header "+string(h.Name)+" "+h.Value)
		}
		for _, q := range m.QueryParams {
			all = append(all, "query "+string(q.Name)+" "+q.Value)
		}
		if len(all) > 0 {
			ways = append(ways, strings.Join(all, " and "))
		}
	}
	return strings.Join(ways, " or ")
}

func methodMatch(matches []gatewayv1.GRPCRouteMatch) string {
	var ways []string
	for _, m := range matches {
		var all []string
		if m.Method != nil && m.Method.Service != nil {
			all = append(all, "service "+*m.Method.Service)
		}
		if m.Method != nil && m.Method.Method != nil {
			all = append(all, "method "+*m.Method.Method)
		}
		for _, h := range m.Headers {
			all = append(all, "header "+string(h.Name)+" "+h.Value)
		}
		if len(all) > 0 {
			ways = append(ways, strings.Join(all, " and "))
		}
	}
	return strings.Join(ways, " or ")
}
