// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"

	securityv1 "istio.io/api/security/v1"

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
		if d.listed(e) {
			continue
		}
		from := e.from.text(ns)
		g.risk(d, "/spec/callers", fmt.Sprintf("add \"from: %s\" to the callers, or %s to deny", from, from), "%s is none of the callers of %s, but calls it: %s (%s)", from, d.of.Ref.Short(), e.why, e.where)
	}
}

// listed reports whether the intent speaks of who sends an edge: lets it in, or
// denies it.
func (d *draft) listed(e edge) bool {
	ns := d.of.Ref.Namespace
	for _, text := range d.intent.Spec.Deny {
		if denied, err := parseCaller(text, ns); err == nil && (denied == e.from || denied.kind == accountEnd && e.sender != nil && e.sender.Account() == denied.name && e.sender.Ref.Namespace == denied.namespace) {
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
	for _, other := range g.drafts {
		lists := slices.ContainsFunc(other.sources, func(s source) bool { return s.kind == workloadEnd && slices.Contains(s.workloads, d.of) })
		called := slices.ContainsFunc(d.targets, func(t callee) bool { return slices.Contains(t.workloads, other.of) })
		if lists && !called {
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
			g.set.Risks = append(g.set.Risks, Notice{On: p.Ref, Where: p.Where("/spec/action"), Text: fmt.Sprintf("%s (%s) goes before all that lets callers in to %s", p.Ref, action, d.of.Ref.Short()), Fix: "check the callers one by one: kubectl micro secure check"})
		}
	}
	for _, p := range g.authorizing(d.of, securityv1.AuthorizationPolicy_ALLOW, "") {
		if !ours(p.Object) && len(p.Value.Spec.GetRules()) > 0 {
			g.widened(d, p.Object)
		}
	}
	for _, p := range g.isolating(d.of, ingress, "") {
		if !ours(p.Object) && len(p.Value.Spec.Ingress) > 0 {
			g.widened(d, p.Object)
		}
	}
}

func (g *generator) widened(d *draft, o *model.Object) {
	g.set.Warnings = append(g.set.Warnings, Notice{On: o.Ref, Where: o.Where(""), Text: fmt.Sprintf("%s lets callers in to %s too: whom it names stays let in beside the intent", o.Ref, d.of.Ref.Short()), Fix: "remove it once the intent says all"})
}
