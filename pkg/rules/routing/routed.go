// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// target is a host and one of its subsets; the subset is empty for all of it.
type target struct{ fqdn, subset string }

// leg is a share of a VirtualService's route.
type leg struct {
	vs    *model.Object
	route traffic.Route
	traffic.Leg
}

// route is one route of a VirtualService.
type route struct {
	vs *model.Object
	traffic.Route
}

// routesKey is what the list of routes is kept under.
type routesKey struct{}

// allRoutes are the routes of all VirtualServices, in their order.
func allRoutes(w *rules.World) []route {
	return model.Once(w.Snapshot, routesKey{}, func() []route {
		var out []route
		router, _ := traffic.RouterOf(model.VirtualServices.GroupKind)
		for _, o := range w.OfKind(model.VirtualServices.GroupKind) {
			for _, r := range router.Routes(w.Snapshot, o) {
				out = append(out, route{o, r})
			}
		}
		return out
	})
}

// routedTo knows which routes send traffic where.
type routedTo map[target][]leg

func newRouted(w *rules.World) routedTo {
	out := routedTo{}
	for _, r := range allRoutes(w) {
		for _, l := range r.Legs {
			t := target{l.Host, l.Subset}
			out[t] = append(out[t], leg{r.vs, r.Route, l})
		}
	}
	return out
}

// users are the VirtualServices with a route to a subset.
func (x routedTo) users(fqdn, subset string) []ref.Ref {
	var out []ref.Ref
	for _, l := range x[target{fqdn, subset}] {
		if !slices.Contains(out, l.vs.Ref) {
			out = append(out, l.vs.Ref)
		}
	}
	return out
}

// weighted reports whether a route sends requests to a subset.
func (x routedTo) weighted(fqdn, subset string) bool {
	return slices.ContainsFunc(x[target{fqdn, subset}], func(l leg) bool { return l.Weight > 0 })
}
