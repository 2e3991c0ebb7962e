// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Target is a service and every route that sends it requests.
type Target struct {
	// Name is the service's short name, Namespace its namespace.
	Name, Namespace string
	// FQDN is its host name; for a host of a ServiceEntry the name itself.
	FQDN string
	// Routes are all of its routes, also those that cannot be split.
	Routes []traffic.Route
}

// String returns "namespace/name".
func (t Target) String() string { return t.Namespace + "/" + t.Name }

// Query says which service is meant and how far to look.
type Query struct {
	// Name is what was typed: a service name, "svc/NAME", a host with dots, or
	// a route object such as "vs/NAME" or "httproute/NAME". Empty asks for the
	// only service that qualifies.
	Name string
	// Namespace is where the name is looked up; empty for all namespaces.
	Namespace string
	// Route keeps only routes with this ID, index or name; empty for all.
	Route string
}

// Find returns the target a query names. A name that is unknown or ambiguous is
// a usage error with the candidates.
func Find(s *model.Snapshot, q Query) (Target, error) {
	all := traffic.Routes(s)
	if q.Name == "" {
		return only(s, q, all)
	}
	if q.Namespace == "" {
		ns, err := Home(s, q)
		if err != nil {
			return Target{}, err
		}
		q.Namespace = ns
	}
	t, err := named(s, q, all)
	if err != nil {
		return Target{}, err
	}
	if len(t.Routes) == 0 {
		return Target{}, unrouted(s, q, t, all)
	}
	return narrow(t, q.Route)
}

// named selects the routes of the service that was typed.
func named(s *model.Snapshot, q Query, all []traffic.Route) (Target, error) {
	kind, name, typed := strings.Cut(q.Name, "/")
	if !typed {
		kind, name = "service", q.Name
	}
	k, known := model.KindNamed(kind)
	if !known {
		return Target{}, fault.Usagef("%q: expected a service, virtualservice, httproute or grpcroute, found the kind %q", q.Name, kind)
	}
	if k == model.Services.Kind {
		return serviceTarget(s, q.Namespace, strings.ToLower(name), all), nil
	}
	if _, routes := traffic.RouterOf(k.GroupKind); !routes {
		return Target{}, fault.Usagef("%q: a %s does not route traffic; expected a service, virtualservice, httproute or grpcroute", q.Name, k.Kind)
	}
	own := slices.DeleteFunc(slices.Clone(all), func(r traffic.Route) bool {
		return !r.Object.Ref.Same(ref.Ref{Group: k.Group, Kind: k.Kind, Namespace: q.Namespace, Name: name})
	})
	return objectTarget(s, q, own)
}

// objectTarget is the service whose traffic a route object splits. An object
// that routes to several services does not say which one is meant.
func objectTarget(s *model.Snapshot, q Query, own []traffic.Route) (Target, error) {
	found := splittable(s, own, "")
	switch {
	case len(found) > 1:
		return Target{}, fault.Usagef("%s splits the traffic of %d services: name one", q.Name, len(found)).
			Try("%s", candidates(s, own, ""))
	case len(found) == 1:
		return found[0], nil
	}
	for _, r := range own {
		for _, l := range r.Legs {
			ns, name := home(s, r, l)
			t := serviceTarget(s, ns, name, own)
			t.Routes = own
			return t, nil
		}
	}
	return Target{Name: q.Name, Namespace: q.Namespace, Routes: own}, nil
}

// home is the namespace and name of the service that a leg belongs to. Hosts
// that are no Services count for the namespace of the route.
func home(s *model.Snapshot, r traffic.Route, l traffic.Leg) (namespace, name string) {
	if ns, svc, ok := serviceOf(s, l.Host); ok {
		return ns, family(svc)
	}
	return r.Object.Ref.Namespace, l.Host
}

// serviceOf is the Service that a resolved host stands for, or was meant to:
// "reviews.prod" is no name of a Service for Istio, and saying so needs to know
// whose routes it spoils.
func serviceOf(s *model.Snapshot, host string) (namespace, name string, ok bool) {
	if ns, svc, ok := s.ServiceName(host); ok {
		return ns, svc, true
	}
	ns, svc, ok := s.DottedService(host)
	return ns, svc, ok && !s.Resolve(host, ns).Known()
}

// serviceTarget collects the routes of a service: those for its host, those
// with a leg to it, and those with legs to the Services of its versions
// (NAME-canary, NAME-v2, ...), which is how host-level splits look.
func serviceTarget(s *model.Snapshot, namespace, name string, all []traffic.Route) Target {
	t := Target{Name: name, Namespace: namespace, FQDN: name}
	ns, svc, isService := serviceOf(s, name)
	switch {
	case isService:
		t.Name, t.Namespace, t.FQDN = svc, ns, s.ServiceFQDN(ns, svc)
	case !strings.Contains(name, "."):
		t.FQDN = s.ServiceFQDN(namespace, name)
		isService = true
	}
	for _, r := range all {
		if !isService && r.Object.Ref.Namespace != namespace {
			continue
		}
		if slices.Contains(r.Hosts, t.FQDN) || slices.ContainsFunc(r.Legs, func(l traffic.Leg) bool { return t.owns(s, l.Backend) }) {
			t.Routes = append(t.Routes, r)
		}
	}
	return t
}

// owns reports whether a backend is the service or the Service of a version of it.
func (t Target) owns(s *model.Snapshot, b traffic.Backend) bool {
	if b.Host == t.FQDN {
		return true
	}
	ns, name, ok := serviceOf(s, b.Host)
	return ok && ns == t.Namespace && (name == t.Name || family(name) == t.Name)
}

// catchAll is the value of --route for the routes that take all requests.
const catchAll = "catch-all"

// narrow keeps the routes that --route names.
func narrow(t Target, route string) (Target, error) {
	if route == "" || route == "all" {
		return t, nil
	}
	ids := []string{catchAll}
	kept := slices.DeleteFunc(slices.Clone(t.Routes), func(r traffic.Route) bool {
		ids = append(ids, r.ID())
		short, _, _ := strings.Cut(r.ID(), " ")
		return route != r.ID() && route != short && (r.Name == "" || route != r.Name) && (route != catchAll || r.Match != "")
	})
	if len(kept) == 0 {
		slices.Sort(ids[1:])
		return Target{}, fault.Usagef("--route %q: expected one of %s", route, strings.Join(slices.Compact(ids), ", "))
	}
	t.Routes = kept
	return t, nil
}

// only finds the one service that can be meant when none is named: the one with
// a running canary, else the only one that can be split.
func only(s *model.Snapshot, q Query, all []traffic.Route) (Target, error) {
	found := splittable(s, all, q.Namespace)
	var running []Target
	for _, t := range found {
		if _, ok := t.session(); ok {
			running = append(running, t)
		}
	}
	if len(running) > 0 {
		found = running
	}
	switch len(found) {
	case 1:
		return narrow(found[0], q.Route)
	case 0:
		err := fault.Usagef("no service whose traffic can be split was found%s", inNamespace(q.Namespace))
		if g, gap := s.Gap(model.VirtualServices.GroupKind, q.Namespace); gap {
			return Target{}, err.Try("it may exist: %s", g.Reason)
		}
		return Target{}, err.Try("expected a VirtualService, HTTPRoute or GRPCRoute with two destinations, or a DestinationRule with a second subset")
	}
	return Target{}, fault.Usagef("%d services can be split%s: name one", len(found), inNamespace(q.Namespace)).
		Try("%s", candidates(s, all, q.Namespace))
}

func inNamespace(ns string) string {
	if ns == "" {
		return ""
	}
	return fmt.Sprintf(" in namespace %q", ns)
}

// candidates lists the splittable services as commands ready to paste.
func candidates(s *model.Snapshot, all []traffic.Route, namespace string) string {
	var lines []string
	for _, t := range splittable(s, all, namespace) {
		lines = append(lines, fmt.Sprintf("kubectl micro canary %s -n %s --weight N", t.Name, t.Namespace))
	}
	return strings.Join(lines, "\n")
}

// splittable returns the services of a namespace (all if empty) that have a pair
// of legs, or could get one, sorted by namespace and name.
func splittable(s *model.Snapshot, all []traffic.Route, namespace string) []Target {
	var out []Target
	seen := map[string]bool{}
	for _, r := range all {
		if r.Fixed != "" {
			continue
		}
		for _, l := range r.Legs {
			if strings.Contains(l.Host, "/") {
				continue // a backend of another kind than Service
			}
			ns, name := home(s, r, l)
			if seen[ns+"/"+name] || (namespace != "" && ns != namespace) {
				continue
			}
			seen[ns+"/"+name] = true
			if t := serviceTarget(s, ns, name, all); len(t.backends(s)) > 1 && !t.pinned() {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b Target) int { return strings.Compare(a.String(), b.String()) })
	return out
}
