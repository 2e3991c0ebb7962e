// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8007", Slug: "route-unreachable", Severity: finding.Warning,
	Short: "Route or match that no request reaches",
	Why: `The routes of a VirtualService are tried in their order, and the first that matches takes the request.
A route behind one that takes the same requests and more is never used. Istio does not even send
routes to the proxies that follow one for every request.

A prefix is a plain prefix of the path: /user covers /users and /user/1.`,
	Fix:       `Put the more specific route first, or remove the one that is never reached.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute",
	Aliases:   []string{"IST0130", "IST0131"},
	Needs:     []*model.Kind{model.VirtualServices.Kind},
	Check:     checkReached,
	Repair:    repairReached,
})

// covering is a match and the earlier one that takes all its requests.
type covering struct {
	way          way
	match        int
	by           way
	byMatch      int
	whole, equal bool
}

// where is the place of what is never reached.
func (c covering) where() string {
	if c.whole {
		return patch.Pointer("spec", c.way.protocol, c.way.index)
	}
	return patch.Pointer("spec", c.way.protocol, c.way.index, "match", c.match)
}

// covered finds the routes, and single matches, of a VirtualService that no
// request reaches.
func covered(vs virtualService) []covering {
	var out []covering
	for _, routes := range ways(&vs.Value.Spec) {
		for i, x := range routes {
			var found []covering
			for j := range x.matches {
				if c, ok := coveredMatch(vs, routes[:i+1], j); ok {
					found = append(found, c)
				}
			}
			if len(found) == len(x.matches) && !slices.ContainsFunc(found, func(c covering) bool { return c.by.index == i }) {
				first := found[0]
				first.whole = true
				first.equal = !slices.ContainsFunc(found, func(c covering) bool { return !c.equal })
				found = []covering{first}
			}
			out = append(out, found...)
		}
	}
	return out
}

// coveredMatch looks for the first match before a match of the last route that
// covers it. A route that delegates leaves over what its delegate does not match.
func coveredMatch(vs virtualService, routes []way, j int) (covering, bool) {
	last := routes[len(routes)-1]
	gateways := vs.Value.Spec.GetGateways()
	for _, by := range routes {
		for n, m := range by.matches {
			if by.index == last.index && n >= j {
				return covering{}, false
			}
			if (by.delegates && by.index != last.index) || !m.covers(last.matches[j], gateways) {
				continue
			}
			return covering{way: last, match: j, by: by, byMatch: n, equal: last.matches[j].covers(m, gateways)}, true
		}
	}
	return covering{}, false
}

func checkReached(w *rules.World, emit rules.Emit) {
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, c := range covered(vs) {
			what, by := routeName(vs, c.way), routeName(vs, c.by)
			var why string
			switch m := c.by.matches[c.byMatch]; {
			case c.by.index == c.way.index:
				why = "another match of the route takes its requests"
			case c.equal:
				why = by + " matches the same requests before it"
			case !c.by.explicit || m.takesAll():
				why = by + " takes every request before it"
			case m.http != nil:
				why = fmt.Sprintf("%s takes its requests before it (%s)", by, m)
			default:
				why = by + " takes its connections before it"
			}
			f := emit(vs.Object, c.where(), "%s is never reached: %s", c.subject(what), why)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: vs.Where(patch.Pointer("spec", c.by.protocol, c.by.index)), Value: by})
			if c.by.index == c.way.index {
				f.Severity = finding.Info
			}
		}
	}
}

// subject is what is not reached, for people.
func (c covering) subject(route string) string {
	if c.whole {
		return "route " + route
	}
	if c.way.protocol == "http" {
		return fmt.Sprintf("match %d of route %s (%s)", c.match, route, c.way.matches[c.match])
	}
	return fmt.Sprintf("match %d of route %s", c.match, route)
}

// routeName is what people call a route: "http[0]", or "http[0] primary".
func routeName(vs virtualService, x way) string {
	id := fmt.Sprintf("%s[%d]", x.protocol, x.index)
	if x.protocol == "http" {
		id = strings.TrimSpace(id + " " + vs.Value.Spec.GetHttp()[x.index].GetName())
	}
	return id
}

// repairReached moves the more specific route before the one that covers it,
// and removes what says the same again.
func repairReached(w *rules.World, r rules.Result) []rules.Fix {
	vs, ok := model.VirtualServices.Of(r.On)
	if !ok {
		return nil
	}
	for _, c := range covered(vs) {
		if c.where() != r.Pointer {
			continue
		}
		remove := patch.Op{Op: patch.Remove, Path: c.where()}
		if !c.whole {
			return []rules.Fix{rules.Change(rules.Safe, "remove the match", r.On, remove)}
		}
		drop := rules.Change(rules.Safe, "remove route "+routeName(vs, c.way), r.On, remove)
		route, err := patch.Get(r.On.Raw(), c.where())
		if err != nil || c.equal || c.way.takes(c.by, vs.Value.Spec.GetGateways()) {
			return []rules.Fix{drop}
		}
		title := fmt.Sprintf("move route %s before %s", routeName(vs, c.way), routeName(vs, c.by))
		move := rules.Change(rules.Review, title, r.On, remove,
			patch.Op{Op: patch.Add, Path: patch.Pointer("spec", c.by.protocol, c.by.index), Value: route})
		return []rules.Fix{move, drop}
	}
	return nil
}

// takes reports whether a route would take all requests of another.
func (x way) takes(o way, gateways []string) bool {
	return !slices.ContainsFunc(o.matches, func(m match) bool {
		return !slices.ContainsFunc(x.matches, func(a match) bool { return a.covers(m, gateways) })
	})
}
