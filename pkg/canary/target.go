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
		return serviceTarget(s, q.Namespace, name, all), nil
	}
	if _, routes := traffic.RouterOf(k.GroupKind); !routes {
		return Target{}, fault.Usagef("%q: a %s does not route traffic; expected a service, virtualservice, httproute or grpcroute", q.Name, k.Kind)
	}
	t := Target{Name: name, Namespace: q.Namespace}
	for _, r := range all {
		if r.Object.Ref.GroupKind() == k.GroupKind && r.Object.Ref.Name == name && in(q.Namespace, r) {
			t.Routes = append(t.Routes, r)
		}
	}
	if len(t.Routes) > 0 {
		// The object stands for the service it routes to first.
		o := t.Routes[0].Object
		t.Namespace, t.FQDN = o.Ref.Namespace, mainHost(s, t.Routes)
		if ns, svc, ok := s.ServiceName(t.FQDN); ok {
			t.Namespace, t.Name = ns, svc
		}
	}
	return t, nil
}

func in(namespace string, r traffic.Route) bool {
	return namespace == "" || r.Object.Ref.Namespace == namespace
}

// mainHost is the first host with a leg, else the first host routed.
func mainHost(s *model.Snapshot, routes []traffic.Route) string {
	for _, r := range routes {
		if len(r.Legs) > 0 {
			ns, name, ok := s.ServiceName(r.Legs[0].Host)
			if !ok {
				return r.Legs[0].Host
			}
			return s.ServiceFQDN(ns, family(name))
		}
	}
	if len(routes[0].Hosts) > 0 {
		return routes[0].Hosts[0]
	}
	return ""
}

// serviceTarget collects the routes of a service: those for its host, those
// with a leg to it, and those with legs to the Services of its versions
// (NAME-canary, NAME-v2, ...), which is how host-level splits look.
func serviceTarget(s *model.Snapshot, namespace, name string, all []traffic.Route) Target {
	t := Target{Name: name, Namespace: namespace, FQDN: name}
	if ns, svc, ok := s.ServiceName(name); ok {
		t.Name, t.Namespace = svc, ns
	} else if !strings.Contains(name, ".") {
		t.FQDN = s.ServiceFQDN(namespace, name)
	}
	for _, r := range all {
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
	ns, name, ok := s.ServiceName(b.Host)
	return ok && ns == t.Namespace && family(name) == t.Name
}

// narrow keeps the routes that --route names.
func narrow(t Target, route string) (Target, error) {
	if route == "" || route == "all" {
		return t, nil
	}
	var ids []string
	kept := slices.DeleteFunc(slices.Clone(t.Routes), func(r traffic.Route) bool {
		ids = append(ids, r.ID())
		short, _, _ := strings.Cut(r.ID(), " ")
		return route != r.ID() && route != short && (r.Name == "" || route != r.Name)
	})
	if len(kept) == 0 {
		return Target{}, fault.Usagef("--route %q: expected one of %s", route, strings.Join(ids, ", "))
	}
	t.Routes = kept
	return t, nil
}

// unrouted explains why a service has no route.
func unrouted(s *model.Snapshot, q Query, t Target, all []traffic.Route) error {
	for _, k := range []*model.Kind{model.VirtualServices.Kind, model.HTTPRoutes.Kind} {
		if g, gap := s.Gap(k.GroupKind, t.Namespace); gap {
			return fault.Failedf("the routes of service %s are unknown: %s", t, g.Reason)
		}
	}
	if _, found := model.Services.Get(s, t.Namespace, t.Name); found {
		return fault.Usagef("service %s has no VirtualService, HTTPRoute or GRPCRoute, so that nothing splits its traffic", t).
			Try("add a route with two destinations first; %s", strings.TrimSpace(candidates(s, all, q.Namespace)))
	}
	err := fault.Usagef("no service, virtualservice or route %q in namespace %q", q.Name, t.Namespace)
	var names []string
	for _, svc := range model.Services.In(s, t.Namespace) {
		names = append(names, svc.Ref.Name)
	}
	for _, c := range splittable(s, all, q.Namespace) {
		names = append(names, c.Name)
	}
	if near := ref.Closest(t.Name, names); len(near) > 0 {
		return err.Try("did you mean %s?", strings.Join(near, ", "))
	}
	if len(all) == 0 {
		return err.Try("no VirtualService, HTTPRoute or GRPCRoute was found at all: check the namespace (-n) or the files (-f)")
	}
	return err.Try("%s", candidates(s, all, q.Namespace))
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

// splittable returns the services with a route that has a pair of legs, or that
// could get one, sorted by namespace and name.
func splittable(s *model.Snapshot, all []traffic.Route, namespace string) []Target {
	var out []Target
	seen := map[string]bool{}
	for _, r := range all {
		if r.Fixed != "" || !in(namespace, r) {
			continue
		}
		for _, l := range r.Legs {
			ns, name, ok := s.ServiceName(l.Host)
			if !ok {
				ns, name = r.Object.Ref.Namespace, l.Host
			} else {
				name = family(name)
			}
			if seen[ns+"/"+name] {
				continue
			}
			seen[ns+"/"+name] = true
			if t := serviceTarget(s, ns, name, all); len(t.backends(s)) > 1 {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b Target) int { return strings.Compare(a.String(), b.String()) })
	return out
}
