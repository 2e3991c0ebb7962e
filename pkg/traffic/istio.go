// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"fmt"
	"maps"
	"strings"

	networking "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// istio splits by the weights of a VirtualService's http, tls and tcp routes.
// Weights are ratios: Istio rejects only negative ones and a total of 0
// (pkg/config/validation/validation.go validateWeights); a route's only
// destination gets everything, even with weight 0
// (pilot/pkg/networking/core/route/route.go).
type istio struct{}

func (istio) Name() string         { return "Istio" }
func (istio) Kinds() []*model.Kind { return []*model.Kind{model.VirtualServices.Kind} }
func (istio) MaxWeight() int       { return 1<<31 - 1 }
func (istio) DefaultWeight() int   { return 0 }

func (r istio) Routes(s *model.Snapshot, o *model.Object) []Route {
	vs, ok := model.VirtualServices.Of(o)
	if !ok {
		return nil
	}
	spec := &vs.Value.Spec
	var hosts []string
	for _, h := range spec.Hosts {
		hosts = append(hosts, s.FQDN(h, o.Ref.Namespace))
	}
	var out []Route
	add := func(protocol string, i int, route Route) {
		route.Router, route.Object, route.Hosts = r, o, hosts
		route.Protocol, route.Index = protocol, i
		route.Pointer = patch.Pointer("spec", protocol, i)
		for j := range route.Legs {
			route.Legs[j].Pointer = patch.Pointer("spec", protocol, i, "route", j)
		}
		out = append(out, route)
	}
	for i, h := range spec.Http {
		legs := istioLegs(s, o, "http", i, h.Route)
		add("http", i, Route{Name: h.Name, Match: httpMatch(h.Match), ByHeader: byHeader(h.Match), Legs: legs, Fixed: fixedHTTP(h), Notes: httpNotes(h)})
	}
	perConnection := []string{"the weight of a TCP or TLS route is a share of connections, not of requests"}
	for i, t := range spec.Tls {
		add("tls", i, Route{Match: tlsMatch(t.Match), Legs: istioLegs(s, o, "tls", i, t.Route), Notes: perConnection})
	}
	for i, t := range spec.Tcp {
		add("tcp", i, Route{Match: tcpMatch(t.Match), Legs: istioLegs(s, o, "tcp", i, t.Route), Notes: perConnection})
	}
	return out
}

// weighted is what HTTPRouteDestination and RouteDestination have in common.
type weighted interface {
	GetDestination() *networking.Destination
	GetWeight() int32
}

func istioLegs[D weighted](s *model.Snapshot, o *model.Object, protocol string, route int, dests []D) []Leg {
	var legs []Leg
	for j, d := range dests {
		to := d.GetDestination()
		// A zero weight and an omitted one read the same in the Go type.
		_, err := patch.Get(o.Raw(), patch.Pointer("spec", protocol, route, "route", j, "weight"))
		leg := Leg{
			Backend: Backend{
				Host:   s.FQDN(to.GetHost(), o.Ref.Namespace),
				Subset: to.GetSubset(),
				Port:   int(to.GetPort().GetNumber()),
			},
			Weight: int(d.GetWeight()), Explicit: err == nil,
		}
		if leg.Explicit {
			leg.Written = leg.Weight
		}
		legs = append(legs, leg)
	}
	if len(legs) == 1 && legs[0].Weight == 0 {
		legs[0].Weight = 100
	}
	return legs
}

func fixedHTTP(h *networking.HTTPRoute) string {
	switch {
	case h.Redirect != nil:
		return "it redirects"
	case h.DirectResponse != nil:
		return "it answers directly"
	case h.Delegate != nil:
		return fmt.Sprintf("it delegates to VirtualService %s", strings.TrimPrefix(h.Delegate.Namespace+"/"+h.Delegate.Name, "/"))
	case len(h.Route) == 0:
		return "it has no destination"
	}
	return ""
}

func httpNotes(h *networking.HTTPRoute) []string {
	var notes []string
	if h.Fault != nil {
		notes = append(notes, "its fault injection hits the canary too")
	}
	if h.Mirror != nil || len(h.Mirrors) > 0 {
		notes = append(notes, "it mirrors requests; the mirror stays as it is")
	}
	return notes
}

func (istio) SetWeights(r Route, weights []int) []patch.Op {
	var out []patch.Op
	for i, l := range r.Legs {
		ops := setWeight(l, weights[i])
		if len(ops) == 0 || (len(r.Legs) == 1 && weights[i] == l.Weight) {
			continue
		}
		out = append(out, r.Guard(l)...)
		out = append(out, ops...)
	}
	return out
}

func (istio) AddLeg(r Route, like Leg, to Backend, weight int) ([]patch.Op, error) {
	raw, err := patch.Get(r.Object.Raw(), like.Pointer+"/destination")
	if err != nil {
		return nil, err
	}
	destination := maps.Clone(raw.(map[string]any)) // the typed view has been read from it
	if to.Host != like.Host {
		destination["host"] = spelled(destination["host"], to.Host)
	}
	delete(destination, "subset")
	if to.Subset != "" {
		destination["subset"] = to.Subset
	}
	return []patch.Op{{
		Op: patch.Add, Path: r.Pointer + "/route/-",
		Value: map[string]any{"destination": destination, "weight": int64(weight)},
	}}, nil
}

// spelled writes a host as short as its model is. Both are of one namespace
// where the model is short, since a short name means the object's own.
func spelled(model any, host string) string {
	if text, _ := model.(string); strings.Contains(text, ".") {
		return host
	}
	short, _, _ := strings.Cut(host, ".")
	return short
}

func (istio) RemoveLeg(r Route, leg Leg) []patch.Op {
	return append(r.Guard(leg), patch.Op{Op: patch.Remove, Path: leg.Pointer})
}
