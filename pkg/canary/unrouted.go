// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// unrouted explains why a name has no route.
func unrouted(s *model.Snapshot, q Query, t Target, all []traffic.Route) error {
	if err := unread(s, t); err != nil {
		return err
	}
	if _, found := model.Services.Get(s, t.Namespace, t.Name); found {
		return fault.Usagef("service %s has no VirtualService, HTTPRoute or GRPCRoute, so that nothing splits its traffic", t).
			Try("%s", strings.TrimSpace("add a route with two destinations first\n"+candidates(s, all, q.Namespace)))
	}
	err := fault.Usagef("no service, virtualservice or route %q%s", q.Name, inNamespace(q.Namespace))
	if ns := elsewhere(s, t, all); len(ns) > 0 {
		return err.Try("there is one in namespace %s: -n %s", strings.Join(ns, ", "), ns[0])
	}
	_, name, typed := strings.Cut(q.Name, "/")
	if !typed {
		name = t.Name
	}
	if near := ref.Closest(name, names(s, t.Namespace, all)); len(near) > 0 {
		return err.Try("did you mean %s?", strings.Join(near, ", "))
	}
	if len(all) == 0 {
		return err.Try("no VirtualService, HTTPRoute or GRPCRoute was found at all: check the namespace (-n) or the files (-f)")
	}
	return err.Try("%s", candidates(s, all, q.Namespace))
}

// unread says why routes may exist that are not in the Snapshot's list: they
// could not be read, or have a version that is not understood.
func unread(s *model.Snapshot, t Target) error {
	for _, router := range traffic.Routers() {
		for _, k := range router.Kinds() {
			if g, gap := s.Gap(k.GroupKind, t.Namespace); gap {
				return fault.Failedf("the routes of %s are unknown: %s", t, g.Reason).
					Try("see what you may do there: kubectl auth can-i --list -n %s", t.Namespace)
			}
			for _, o := range s.OfKind(k.GroupKind) {
				if o.Ref.Namespace == t.Namespace && !slices.Contains(k.Versions, o.Ref.Version) {
					return fault.Failedf("the routes of %s are unknown: %s has version %s, expected %s",
						t, o.Ref, o.Ref.Version, strings.Join(k.Versions, " or "))
				}
			}
		}
	}
	return nil
}

// elsewhere lists the other namespaces that have a splittable service of the name.
func elsewhere(s *model.Snapshot, t Target, all []traffic.Route) []string {
	var out []string
	for _, other := range splittable(s, all, "") {
		if other.Name == t.Name && other.Namespace != t.Namespace {
			out = append(out, other.Namespace)
		}
	}
	return out
}

// names are what can be typed in a namespace.
func names(s *model.Snapshot, namespace string, all []traffic.Route) []string {
	var out []string
	for _, svc := range model.Services.In(s, namespace) {
		out = append(out, svc.Ref.Name)
	}
	for _, r := range all {
		if r.Object.Ref.Namespace == namespace {
			out = append(out, r.Object.Ref.Name)
		}
	}
	for _, t := range splittable(s, all, namespace) {
		out = append(out, t.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
