// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// allow checks what narrows calls: each caller depends on the service, over a
// protocol in which requests show, and nothing else lets it in.
func (c *checker) allow(at, name string, s api.SystemService) {
	if len(s.Allow) == 0 {
		return
	}
	outside := s.ServiceType != "" && s.ServiceType != "ClusterIP"
	if s.Open || outside {
		what := "open: true"
		if outside {
			what = "serviceType: " + s.ServiceType
		}
		c.fail(at, "leave out "+what, "expected callers of %s that are known, so that some may be narrowed, found %s, which lets in everybody", name, what)
	}
	for i, a := range s.Allow {
		here := fmt.Sprintf("%s/%d", at, i)
		c.allowFrom(here+"/from", name, s, a)
		if len(a.Methods) == 0 && len(a.Paths) == 0 {
			c.fail(here, "methods: [GET], paths: [/users], or leave the entry out", "expected methods or paths that %s may ask for, found none", a.From)
		}
		for j, m := range a.Methods {
			if !method.MatchString(m) {
				c.fail(fmt.Sprintf("%s/methods/%d", here, j), strings.ToUpper(m), "expected a method of HTTP in upper case, found %q", m)
			}
		}
		for j, p := range a.Paths {
			if hint := wrongPath(p); hint != "" {
				c.fail(fmt.Sprintf("%s/paths/%d", here, j), hint, "expected a path as AuthorizationPolicies write it (/users, /users/*), found %q", p)
			}
		}
	}
}

// allowFrom checks the caller.
func (c *checker) allowFrom(at, name string, s api.SystemService, a api.Allow) {
	var callers []string
	for _, n := range slices.Sorted(maps.Keys(c.Services)) {
		if slices.ContainsFunc(c.Services[n].DependsOn, func(d api.Dependency) bool { return d.Service == name }) {
			callers = append(callers, n)
		}
	}
	if !slices.Contains(callers, a.From) {
		hint := "nobody depends on " + name
		if _, known := c.Services[a.From]; known {
			hint = fmt.Sprintf("services: {%s: {dependsOn: [%s]}}", a.From, name)
		} else if len(callers) > 0 {
			hint = "these do: " + strings.Join(callers, ", ")
		}
		c.fail(at, hint, "expected a service that depends on %s, found %q", name, a.From)
		return
	}
	for _, d := range c.Services[a.From].DependsOn {
		if d.Service != name {
			continue
		}
		p, known := calledPort(s, d.Port)
		switch {
		case !known:
		case !p.isHTTP():
			c.fail(at, "appProtocol: http, if that is what is spoken", "expected calls of HTTP, of which a mesh sees methods and paths, found port %s of %s", p.name, name)
		case slices.Contains(grpcProtocols, p.spoken) && len(a.Methods) > 0 && !slices.Contains(a.Methods, "POST"):
			c.fail(at, "leave methods out; paths are /package.Service/Method", "expected the method POST of gRPC calls on port %s, found %s", p.name, strings.Join(a.Methods, ", "))
		}
	}
}

// calledPort is the port that an edge to a service means.
func calledPort(s api.SystemService, name string) (port, bool) {
	if name == "" {
		var all []port
		for _, n := range slices.Sorted(maps.Keys(s.Ports)) {
			all = append(all, portOf(n, s.Ports[n]))
		}
		p := mainPort(all)
		if p == nil {
			return port{}, false
		}
		return *p, true
	}
	p, known := s.Ports[name]
	return portOf(name, p), known
}

// method is a method of HTTP as AuthorizationPolicies compare it.
var method = regexp.MustCompile(`^[A-Z]+$`)

// wrongPath is what to write instead of a path that would match nothing, or more
// than it seems to; empty for one that is well.
func wrongPath(p string) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(p, "*"), "*")
	base := cmp.Or(strings.TrimSuffix(p, "*"), "/")
	switch {
	case p == "" || strings.ContainsAny(p, " \t\n?#"):
		return "/users"
	case strings.Contains(inner, "*") && !strings.Contains(p, "{"):
		return "a * at the end or at the beginning, or {*} for one part of the path"
	case !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*"):
		return "/" + p
	case strings.HasSuffix(p, "*") && strings.HasPrefix(p, "/") && !strings.HasSuffix(base, "/") && !strings.HasSuffix(base, "{*"):
		return base + " and " + base + "/*: this is also for " + base + "x"
	}
	return ""
}
