// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// chosen is an http route that takes the request, or may take it.
type chosen struct {
	vs    virtualService
	route *networkingv1.HTTPRoute
	index int
	sure  bool
}

func (c chosen) at(tokens ...any) string {
	return patch.Pointer(append([]any{"spec", "http", c.index}, tokens...)...)
}

// rule names a route for people.
func (c chosen) rule() string {
	if c.route.GetName() != "" {
		return fmt.Sprintf("http[%d] %s", c.index, c.route.GetName())
	}
	return fmt.Sprintf("http[%d]", c.index)
}

// httpRoutes follows the first http route that takes the request, and those
// before it that may.
func (p *path) httpRoutes(vs virtualService, gateway string) []leg {
	q := words{
		method: p.r.Method, path: p.r.Path, authority: p.r.Host, headers: p.r.Headers,
		port: p.t.number, src: p.src, gateway: gateway,
	}
	if gateway != "mesh" {
		q.port = 0 // that of the Gateway's server, which is not known here
	}
	routes := p.e.choose(vs, q, nil)
	if len(routes) == 0 {
		h := p.by(verdict.Route, verdict.Deny, decider(vs.Object, "/spec/http", "no route", "no route takes the request: 404 (NR)"))
		p.ifProxied(h)
		p.dead = true
		return nil
	}
	var legs []leg
	var stops []verdict.Hop
	for _, c := range routes {
		if stop, stopped := p.stopped(c); stopped {
			stops = append(stops, stop)
			continue
		}
		legs = append(legs, p.e.legs(c, p.r)...)
	}
	return p.routedBy(routes, legs, stops)
}

// routedBy is the hop of the routes that a request may take.
func (p *path) routedBy(routes []chosen, legs []leg, stops []verdict.Hop) []leg {
	if len(stops) > 0 {
		h := stops[0]
		if len(routes) > 1 && len(legs) > 0 {
			h.Verdict = min(h.Verdict, verdict.Unknown)
			h.Notes = append(h.Notes, "other requests take other routes: give a method, a path and headers")
		}
		p.add(h)
		p.ifProxied(&p.hops[len(p.hops)-1])
		if p.hops[len(p.hops)-1].Verdict == verdict.Deny {
			p.dead = len(legs) == 0
		}
		return legs
	}
	c := routes[0]
	var to []string
	for _, l := range legs {
		to = append(to, strings.TrimSpace(l.text+" "+short(l.host, l.subset)))
	}
	h := p.by(verdict.Route, verdict.Allow, decider(c.vs.Object, c.at(), c.rule(), "to %s", strings.Join(slices.Compact(to), ", ")))
	if len(routes) > 1 {
		h.Notes = append(h.Notes, "which route it takes depends on the method, the path or headers that were not given")
	}
	for _, c := range routes {
		h.Notes = append(h.Notes, remarks(c)...)
	}
	p.ifProxied(h)
	return legs
}

// short is a destination for people.
func short(host, subset string) string {
	if subset == "" {
		return host
	}
	return host + " subset " + subset
}

// choose returns the routes that may take a request, the last one surely, if any
// does. The routes of a delegate stand in for the one that names it.
func (e *Engine) choose(vs virtualService, q words, root *networkingv1.HTTPRoute) []chosen {
	var out []chosen
	for i, r := range vs.Value.Spec.GetHttp() {
		fits := anyOf(r.GetMatch(), func(m *networkingv1.HTTPMatchRequest) truth { return q.matches(m, vs.Ref.Namespace) })
		if fits == no {
			continue
		}
		if d := r.GetDelegate(); d != nil && root == nil {
			ns := d.GetNamespace()
			if ns == "" {
				ns = vs.Ref.Namespace
			}
			if to, found := model.VirtualServices.Get(e.s, ns, d.GetName()); found {
				inner := e.choose(to, q, r)
				out = append(out, inner...)
				if fits == yes && slices.ContainsFunc(inner, func(c chosen) bool { return c.sure }) {
					return out
				}
				continue
			}
		}
		out = append(out, chosen{vs: vs, route: r, index: i, sure: fits == yes})
		if fits == yes {
			return out
		}
	}
	return out
}

// stopped reports whether a route answers by itself.
func (p *path) stopped(c chosen) (verdict.Hop, bool) {
	at, reason, v := "", "", verdict.Deny
	switch fault := c.route.GetFault().GetAbort(); {
	case c.route.GetRedirect() != nil:
		at, reason = c.at("redirect"), "redirects the caller to "+c.route.GetRedirect().GetAuthority()+c.route.GetRedirect().GetUri()
	case c.route.GetDirectResponse() != nil:
		at, reason = c.at("directResponse"), fmt.Sprintf("answers %d by itself", c.route.GetDirectResponse().GetStatus())
	case fault != nil && fault.GetPercentage().GetValue() >= 100:
		at, reason = c.at("fault", "abort"), fmt.Sprintf("aborts all requests with %d", fault.GetHttpStatus())
	case c.route.GetDelegate() != nil:
		at, reason, v = c.at("delegate"), "the VirtualService it delegates to is not in view", verdict.Unknown
	case len(c.route.GetRoute()) == 0:
		at, reason = c.at(), "has no destination"
	default:
		return verdict.Hop{}, false
	}
	return verdict.Hop{
		Number: verdict.Route, Name: stations[verdict.Route], Verdict: v,
		Decider: decider(c.vs.Object, at, c.rule(), "%s", reason),
	}, true
}

// remarks are what a route does besides.
func remarks(c chosen) []string {
	var out []string
	if abort := c.route.GetFault().GetAbort(); abort != nil {
		out = append(out, fmt.Sprintf("%s aborts %v%% of the requests", c.rule(), abort.GetPercentage().GetValue()))
	}
	if c.route.GetFault().GetDelay() != nil {
		out = append(out, c.rule()+" delays requests on purpose")
	}
	if w := c.route.GetRewrite(); w != nil {
		out = append(out, c.rule()+" rewrites the request: policies of the server see it rewritten")
	}
	for _, d := range c.route.GetRoute() {
		if d.GetWeight() == 0 && len(c.route.GetRoute()) > 1 {
			out = append(out, fmt.Sprintf("%s sends nothing to %s: its weight is 0", c.rule(), short(d.GetDestination().GetHost(), d.GetDestination().GetSubset())))
		}
	}
	return out
}

// legs are the destinations of a route that get requests.
func (e *Engine) legs(c chosen, r Request) []leg {
	total := int32(0)
	for _, d := range c.route.GetRoute() {
		total += d.GetWeight()
	}
	var out []leg
	for i, d := range c.route.GetRoute() {
		to := d.GetDestination()
		if total > 0 && d.GetWeight() == 0 {
			continue
		}
		one := leg{
			host: e.s.FQDN(to.GetHost(), c.vs.Ref.Namespace), subset: to.GetSubset(), port: int32(to.GetPort().GetNumber()),
			by: c.vs.Object, at: c.at("route", i, "destination"), r: rewritten(c.route, d, r),
		}
		if total > 0 && d.GetWeight() != total {
			one.text = fmt.Sprintf("%d%%", d.GetWeight()*100/total)
		}
		out = append(out, one)
	}
	return out
}

// rewritten is the request as a route passes it on.
func rewritten(route *networkingv1.HTTPRoute, d *networkingv1.HTTPRouteDestination, r Request) Request {
	w := route.GetRewrite()
	if w.GetAuthority() != "" {
		r.Host = w.GetAuthority()
	}
	switch {
	case w.GetUriRegexRewrite() != nil:
		r.Path = "" // any: what comes of it is not computed
	case w.GetUri() != "" && r.Path != "":
		r.Path = w.GetUri() + strings.TrimPrefix(r.Path, prefixOf(route, r))
	}
	if r.Headers == nil {
		return r
	}
	r.Headers = maps.Clone(r.Headers)
	for _, ops := range []*networkingv1.Headers_HeaderOperations{route.GetHeaders().GetRequest(), d.GetHeaders().GetRequest()} {
		for _, gone := range ops.GetRemove() {
			maps.DeleteFunc(r.Headers, func(k, _ string) bool { return strings.EqualFold(k, gone) })
		}
		for _, set := range []map[string]string{ops.GetAdd(), ops.GetSet()} {
			for k, v := range set {
				maps.DeleteFunc(r.Headers, func(have, _ string) bool { return strings.EqualFold(have, k) })
				r.Headers[k] = v
			}
		}
	}
	return r
}

// prefixOf is the part of the path that a rewrite takes the place of: the prefix
// that matched, else all of it.
func prefixOf(route *networkingv1.HTTPRoute, r Request) string {
	for _, m := range route.GetMatch() {
		if prefix := m.GetUri().GetPrefix(); prefix != "" && strings.HasPrefix(r.Path, prefix) {
			return prefix
		}
	}
	if len(route.GetMatch()) == 0 {
		return "/"
	}
	return r.Path
}

// tcpRoutes follows the first tcp route that takes the connection.
func (p *path) tcpRoutes(vs virtualService, gateway string) []leg {
	q := words{port: p.t.number, src: p.src, gateway: gateway}
	for i, r := range vs.Value.Spec.GetTcp() {
		fits := anyOf(r.GetMatch(), func(m *networkingv1.L4MatchAttributes) truth {
			out := q.caller(m.GetPort(), m.GetSourceLabels(), m.GetSourceNamespace(), m.GetGateways(), vs.Ref.Namespace)
			if len(m.GetDestinationSubnets()) > 0 || m.GetSourceSubnet() != "" {
				out = min(out, maybe)
			}
			return out
		})
		if fits == no {
			continue
		}
		var legs []leg
		for j, d := range r.GetRoute() {
			to := d.GetDestination()
			if d.GetWeight() == 0 && len(r.GetRoute()) > 1 {
				continue
			}
			legs = append(legs, leg{
				host: p.e.s.FQDN(to.GetHost(), vs.Ref.Namespace), subset: to.GetSubset(), port: int32(to.GetPort().GetNumber()),
				by: vs.Object, at: patch.Pointer("spec", "tcp", i, "route", j, "destination"), r: p.r,
			})
		}
		v := verdict.Allow
		if fits == maybe {
			v = verdict.Unknown
		}
		h := p.by(verdict.Route, v, decider(vs.Object, patch.Pointer("spec", "tcp", i), fmt.Sprintf("tcp[%d]", i), "takes the connection"))
		p.ifProxied(h)
		return legs
	}
	p.by(verdict.Route, verdict.None, decider(vs.Object, "/spec/tcp", "no route", "no tcp route takes the port"))
	return p.straight()
}
