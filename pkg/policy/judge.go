// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"

	securityv1 "istio.io/api/security/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// judge notes who an intent leaves out although something says that they call,
// and where intents of two ends do not agree.
func (g *generator) judge(d *draft) {
	if d.ingress() {
		g.leftOut(d)
		g.othersPolicies(d)
	}
	if d.egress() {
		g.disagree(d)
	}
	for _, h := range g.hooks(d.of) {
		if d.ingress() {
			g.warn(d, "/spec/callers", "", "the API server calls %s on port %v (%s) without an identity: anybody is let in there", d.of.Ref.Short(), numbers(h.ports), h.by)
		}
	}
}

// leftOut notes callers that manifests tell of and the intent does not.
func (g *generator) leftOut(d *draft) {
	ns := d.of.Ref.Namespace
	for _, e := range g.world.callers()[d.of] {
		if _, err := g.source(e.from); d.listed(e) || g.closing && err != nil {
			continue // what is not in view is told of as such
		}
		from := e.from.text(ns)
		g.riskEach(d, "/spec/callers", fmt.Sprintf("add \"from: %s\" to the callers, or %s to deny", from, from), "%s is none of the callers of %s, but calls: %s (%s)", from, them, e.why, e.where)
	}
}

// listed reports whether the intent speaks of who sends an edge: lets it in, or
// denies it.
func (d *draft) listed(e edge) bool {
	ns := d.of.Ref.Namespace
	for _, text := range d.intent.Spec.Deny {
		if denied, err := parseCaller(text, ns); err == nil && denied.means(e.from, e.sender) {
			return true
		}
	}
	return slices.ContainsFunc(d.sources, func(s source) bool {
		return s.end == e.from || e.sender != nil && slices.Contains(s.workloads, e.sender) || s.kind == internetEnd && e.from.kind == gatewayEnd
	})
}

// disagree notes calls of the intent whose target does not list the caller, and
// callers of others that the calls do not list.
func (g *generator) disagree(d *draft) {
	for i, to := range d.targets {
		for _, target := range to.workloads {
			theirs := g.byWorkload[target]
			if theirs == nil || !theirs.ingress() || slices.ContainsFunc(theirs.sources, func(s source) bool { return slices.Contains(s.workloads, d.of) }) {
				continue
			}
			g.risk(d, fmt.Sprintf("/spec/calls/%d", i), "add it to the callers at "+theirs.where("/spec/callers"), "%s calls %s, which does not list it as a caller: its calls are denied", d.of.Ref.Short(), target.Ref.Short())
		}
	}
	for _, other := range g.listing[d.of] {
		called := slices.ContainsFunc(d.targets, func(t callee) bool { return slices.Contains(t.workloads, other.of) })
		if !called {
			g.risk(d, "/spec/calls", "add its Service to the calls of "+d.of.Ref.Short(), "%s lists %s as a caller, whose calls do not name it: they are denied", other.of.Ref.Short(), d.of.Ref.Short())
		}
	}
}

// othersPolicies notes policies of others that may deny what the intent lets in.
func (g *generator) othersPolicies(d *draft) {
	if !g.o.Layers.has(Authorization) {
		return
	}
	for _, action := range []securityv1.AuthorizationPolicy_Action{securityv1.AuthorizationPolicy_DENY, securityv1.AuthorizationPolicy_CUSTOM} {
		for _, p := range g.authorizing(d.of, action, "") {
			g.set.Risks = append(g.set.Risks, about(d.of.Ref, p.Where("/spec/action"), "check the callers one by one: kubectl micro secure check", "%s (%s) goes before all that lets callers in to %s", p.Ref, action, them))
		}
	}
	for _, p := range g.authorizing(d.of, allow, "") {
		if !ours(p.Object) && g.admitsMore(d, p) {
			g.widened(d, p.Object)
		}
	}
	for _, p := range g.isolating(d.of, ingress, "") {
		if !ours(p.Object) && g.letsMore(d, p) {
			g.widened(d, p.Object)
		}
	}
}

func (g *generator) widened(d *draft, o *model.Object) {
	g.set.Warnings = append(g.set.Warnings, about(d.of.Ref, o.Where(""), "remove it once the intent says all", "%s lets others in to %s too: whom it names stays let in beside the intent", o.Ref, them))
}

// admitsMore reports whether an AuthorizationPolicy lets in whom the intent does
// not name.
func (g *generator) admitsMore(d *draft, p authorization) bool {
	for _, r := range p.Value.Spec.GetRules() {
		if len(r.GetFrom()) == 0 {
			return true
		}
		for _, from := range r.GetFrom() {
			s := from.GetSource()
			if len(s.GetPrincipals()) == 0 || slices.ContainsFunc(s.GetPrincipals(), func(who string) bool {
				return !slices.ContainsFunc(d.sources, func(s source) bool { return slices.Contains(s.principals, who) })
			}) {
				return true
			}
		}
	}
	return false
}

// letsMore is the same of a NetworkPolicy.
func (g *generator) letsMore(d *draft, p model.Item[networkingv1.NetworkPolicy]) bool {
	for _, r := range p.Value.Spec.Ingress {
		if len(r.From) == 0 {
			return true
		}
		for i := range r.From {
			taken := (&inferrer{world: g.world}).selected(&r.From[i], p.Ref.Namespace)
			if r.From[i].IPBlock != nil || len(taken) == 0 || slices.ContainsFunc(taken, func(of *model.Workload) bool {
				return !slices.ContainsFunc(d.sources, func(s source) bool { return slices.Contains(s.workloads, of) })
			}) {
				return true
			}
		}
	}
	return false
}
