// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// destination is one place a VirtualService sends traffic to.
type destination struct {
	*networkingv1.Destination
	// at is the JSON Pointer of the destination.
	at string
	// lone is true for the only destination of a route.
	lone bool
	// mirror is true for copies of requests, whose answers nobody sees.
	mirror bool
}

// destinations lists where a VirtualService sends traffic: routes and mirrors
// of HTTP, TLS and TCP, in the order they are written.
func destinations(vs *networkingv1.VirtualService) []destination {
	var out []destination
	add := func(d *networkingv1.Destination, legs int, at ...any) {
		if d != nil {
			out = append(out, destination{Destination: d, at: patch.Pointer(at...), lone: legs == 1, mirror: legs == 0})
		}
	}
	for i, r := range vs.GetHttp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), len(r.GetRoute()), "spec", "http", i, "route", j, "destination")
		}
		add(r.GetMirror(), 0, "spec", "http", i, "mirror")
		for j, leg := range r.GetMirrors() {
			add(leg.GetDestination(), 0, "spec", "http", i, "mirrors", j, "destination")
		}
	}
	for i, r := range vs.GetTls() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), len(r.GetRoute()), "spec", "tls", i, "route", j, "destination")
		}
	}
	for i, r := range vs.GetTcp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination(), len(r.GetRoute()), "spec", "tcp", i, "route", j, "destination")
		}
	}
	return out
}

// routed leaves out the mirrors, which have a rule of their own.
func routed(vs *networkingv1.VirtualService) []destination {
	return slices.DeleteFunc(destinations(vs), func(d destination) bool { return d.mirror })
}

// places are the destinations of one VirtualService that have something in
// common, say their host.
type places struct {
	fqdn, subset string
	all          []destination
}

// grouped collects destinations that are the same by host, and by subset if
// that is asked for, in the order of their first place.
func grouped(w *rules.World, vs virtualService, list []destination, bySubset bool) []places {
	var out []places
	for _, d := range list {
		p := places{fqdn: w.FQDN(d.GetHost(), vs.Ref.Namespace), all: []destination{d}}
		if bySubset {
			p.subset = d.GetSubset()
		}
		i := slices.IndexFunc(out, func(o places) bool { return o.fqdn == p.fqdn && o.subset == p.subset })
		if i < 0 {
			out = append(out, p)
		} else {
			out[i].all = append(out[i].all, d)
		}
	}
	return out
}

// binding says whose requests a VirtualService takes.
type binding struct {
	// mesh is true for those of sidecars and waypoints.
	mesh bool
	// gateways are the Gateways whose requests it takes.
	gateways []ref.Ref
}

// bound reads the gateways of a VirtualService. None means the mesh; a delegate,
// which has no hosts, takes what its roots take.
func bound(vs virtualService) binding {
	spec := &vs.Value.Spec
	if len(spec.GetHosts()) == 0 {
		return binding{}
	}
	b := binding{mesh: len(spec.GetGateways()) == 0}
	for _, g := range spec.GetGateways() {
		if g == "mesh" {
			b.mesh = true
			continue
		}
		b.gateways = append(b.gateways, model.GatewayRef(g, vs.Ref.Namespace))
	}
	return b
}

// nameOf is how a person would write a host in a namespace: the short name of a
// Service in it, else the whole.
func nameOf(w *rules.World, fqdn, namespace string) string {
	if ns, name, ok := w.ServiceName(fqdn); ok && ns == namespace {
		return name
	}
	return fqdn
}

// serviceRef is the Service that a host stands for by its name, whether it exists or not.
func serviceRef(w *rules.World, fqdn string) (ref.Ref, bool) {
	ns, name, ok := w.ServiceName(fqdn)
	return model.Services.Ref(ns, name), ok
}

// subsetNames are the names a DestinationRule view defines, sorted.
func subsetNames(d model.Destination) []string {
	var out []string
	for _, s := range d.Subsets {
		out = append(out, s.Name)
	}
	slices.Sort(out)
	return out
}

// listed writes names for people.
func listed(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

// elsewhere says how many more places of an object share a fault.
func elsewhere(n int) string {
	switch n {
	case 0, 1:
		return ""
	case 2:
		return " (in another route too)"
	}
	return " (in other routes too)"
}
