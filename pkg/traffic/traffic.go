// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package traffic knows how each kind of route splits requests: it finds the
// weighted lists ("routes") that send traffic to a service and turns new
// weights into the smallest JSON Patch. One file per router; none of them reads
// anything but a Snapshot.
package traffic

import (
	"fmt"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Backend is where a leg sends its requests. Two legs with the same Backend are
// the same destination, whatever way their host is written.
type Backend struct {
	// Host is the resolved host name.
	Host string
	// Subset is Istio's; empty for Gateway API and for host-level splits.
	Subset string
	// Port is the destination's port number, 0 when the route leaves it open.
	Port int
}

// String returns "host/subset:port" without the parts that are empty.
func (b Backend) String() string {
	s := b.Host
	if b.Subset != "" {
		s += "/" + b.Subset
	}
	if b.Port != 0 {
		s += ":" + strconv.Itoa(b.Port)
	}
	return s
}

// SameTarget compares without the port: routes for several ports of a service
// have legs of the same subsets.
func (b Backend) SameTarget(o Backend) bool { return b.Host == o.Host && b.Subset == o.Subset }

// Leg is one weighted destination of a route.
type Leg struct {
	Backend
	// Weight is the effective weight, in units of the route's total.
	Weight int
	// Explicit is false when the object leaves the weight to the default; else
	// Written is the field's value. The two weights differ for Istio's lone
	// destination, which gets everything whatever its field says.
	Explicit bool
	Written  int
	// Pointer is the destination's place in the object.
	Pointer string
}

// Route is one weighted list of destinations.
type Route struct {
	// Router knows how to write it.
	Router Router
	// Object holds the route.
	Object *model.Object
	// Pointer is the route's place in the object: "/spec/http/0".
	Pointer string
	// Protocol is http, grpc, tls or tcp.
	Protocol string
	// Index is the route's position in its list, Name its name if it has one.
	Index int
	Name  string
	// Match describes in short which requests the route takes; empty for all.
	Match string
	// ByHeader is true when every request the route takes is picked by a header:
	// a rule for chosen callers, not a part of the service's general traffic.
	ByHeader bool
	// Hosts are the resolved host names whose requests reach the route; empty
	// for an Istio delegate, which takes those of its root.
	Hosts []string
	// Legs are its destinations in the object's order.
	Legs []Leg
	// Fixed says why the route cannot be split (redirect, delegate, ...).
	Fixed string
	// Notes are facts a person should know before splitting this route.
	Notes []string
}

// ID is the route's short name for people and for --route: "http[0]",
// or with its name "http[0] primary".
func (r Route) ID() string {
	id := fmt.Sprintf("%s[%d]", r.Protocol, r.Index)
	if r.Name != "" {
		id += " " + r.Name
	}
	return id
}

// Total is the sum of the weights; what is sent where is a leg's share of it.
func (r Route) Total() int {
	sum := 0
	for _, l := range r.Legs {
		sum += l.Weight
	}
	return sum
}

// Leg finds the leg of a target.
func (r Route) Leg(b Backend) (Leg, bool) {
	for _, l := range r.Legs {
		if l.SameTarget(b) {
			return l, true
		}
	}
	return Leg{}, false
}

// Router is a way of splitting traffic. Implementations are pure.
type Router interface {
	// Name is how people call it: "Istio", "Gateway API".
	Name() string
	// Kinds lists the kinds whose objects hold its routes.
	Kinds() []*model.Kind
	// Routes returns every route of an object of one of its kinds.
	Routes(s *model.Snapshot, o *model.Object) []Route
	// MaxWeight is the largest weight the API accepts; DefaultWeight is what an
	// omitted weight counts for beside other legs.
	MaxWeight() int
	DefaultWeight() int
	// SetWeights returns the operations that give a route's legs their weights
	// (one per leg, in order), each with its Guard.
	SetWeights(r Route, weights []int) []patch.Op
	// AddLeg returns the operations that append a leg for a backend, made after
	// the model leg (same port, same host spelling), with a weight. What the
	// model does to its own requests, such as headers that name its version, is
	// not copied.
	AddLeg(r Route, model Leg, to Backend, weight int) ([]patch.Op, error)
	// RemoveLeg returns the operations that take a leg out again.
	RemoveLeg(r Route, leg Leg) []patch.Op
}

// Routers returns all routers.
func Routers() []Router { return []Router{istio{}, gatewayAPI{}} }

// Routes returns every route of a Snapshot, by router, then by object and place.
func Routes(s *model.Snapshot) []Route {
	var out []Route
	for _, router := range Routers() {
		for _, k := range router.Kinds() {
			for _, o := range s.OfKind(k.GroupKind) {
				out = append(out, router.Routes(s, o)...)
			}
		}
	}
	return out
}

// RouterOf returns the router of an object's kind.
func RouterOf(gk ref.GroupKind) (Router, bool) {
	for _, r := range Routers() {
		for _, k := range r.Kinds() {
			if k.GroupKind == gk {
				return r, true
			}
		}
	}
	return nil, false
}

// setWeight writes one weight field where it differs from the wanted one. An
// omitted weight that is right by default stays omitted.
func setWeight(l Leg, weight int) []patch.Op {
	op := patch.Replace
	switch {
	case !l.Explicit && l.Weight == weight, l.Explicit && l.Written == weight:
		return nil
	case !l.Explicit:
		op = patch.Add
	}
	return []patch.Op{{Op: op, Path: l.Pointer + "/weight", Value: int64(weight)}}
}

// identity lists the fields that say which destination a leg is, of Istio's
// legs and of the Gateway API's, and its weight.
var identity = []string{"destination", "group", "kind", "namespace", "name", "port", "weight"}

// Guard returns tests that a leg is still what was read at its place, so that a
// patch never hits another leg that has moved there.
func (r Route) Guard(l Leg) []patch.Op {
	var out []patch.Op
	for _, f := range identity {
		at := l.Pointer + "/" + f
		if v, err := patch.Get(r.Object.Raw(), at); err == nil {
			out = append(out, patch.Op{Op: patch.Test, Path: at, Value: v})
		}
	}
	return out
}
