// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// match is what a rule says to a request.
type match struct {
	policy *policy
	rule   rule
	answer
}

// decider names the rule.
func (m match) decider(reason string) verdict.Decider {
	return verdict.Decider{
		Object: m.policy.Ref, Pointer: m.rule.pointer, Where: m.policy.Where(m.rule.pointer),
		Rule: fmt.Sprintf("rule %d", m.rule.number), Reason: reason,
	}
}

// ballot is what the policies of a point say, by action.
type ballot struct {
	custom, deny, allow []match
	// allowing are the ALLOW policies: one is enough to turn the default.
	allowing []*policy
	notes    []string
}

func (f facts) vote(policies []*policy) ballot {
	var b ballot
	for _, p := range policies {
		b.notes = append(b.notes, p.notes...)
		switch {
		case p.dryRun:
			b.notes = append(b.notes, p.name()+" is on dry run and not enforced")
			continue
		case f.chain == ztunnelChain && (p.action == custom || p.action == audit):
			b.notes = append(b.notes, fmt.Sprintf("ztunnel does not support action %s of %s", p.action, p.name()))
			continue
		case p.action == allow:
			b.allowing = append(b.allowing, p)
		}
		f.namespace = p.Ref.Namespace
		for _, r := range p.rules[f.chain] {
			m := match{p, r, f.rule(r)}
			switch p.action {
			case custom:
				b.custom = append(b.custom, m)
			case deny:
				b.deny = append(b.deny, m)
			case allow:
				b.allow = append(b.allow, m)
			case audit:
				if m.truth == yes {
					b.notes = append(b.notes, fmt.Sprintf("rule %d of %s audits it", r.number, p.name()))
				}
			}
		}
	}
	return b
}

func having(ms []match, t truth) []match {
	return slices.DeleteFunc(slices.Clone(ms), func(m match) bool { return m.truth != t })
}

// decide is the answer of one point: CUSTOM, DENY and ALLOW in this order, as
// far as it can be told without asking a provider.
func (e *Engine) decide(p point) verdict.Hop {
	hop := verdict.Hop{Number: verdict.Authorization, Name: p.name, Notes: slices.Clone(p.notes)}
	policies := e.authz().at(p.at).policies
	if p.none != "" {
		hop.Reason = p.none
		if len(policies) > 0 {
			hop.Notes = append(hop.Notes, fmt.Sprintf("%s: selected, without effect", policyNames(policies)))
		}
		return hop
	}
	b := p.facts.vote(policies)
	hop.Notes = append(hop.Notes, b.notes...)
	hidden := e.hidden(model.AuthorizationPolicies.Kind, p.at.namespace)
	switch denied := having(b.deny, yes); {
	case len(denied) > 0:
		hop.Verdict, hop.Decider = verdict.Deny, denied[0].decider("DENY: "+words(denied[0].rule))
		p.facts.denyNotes(&hop, denied[0])
	case e.refused(&hop, b):
	case hidden != "":
		hop.Verdict, hop.Reason = verdict.Unknown, hidden
	case len(b.allowing) > 0 && len(having(b.allow, no)) == len(b.allow):
		e.byDefault(&hop, p.facts, b)
	case e.undecided(&hop, b):
	case len(policies) == 0:
		hop.Reason = "no policy selects " + peerName(p.facts.To)
	case len(b.allowing) == 0:
		hop.Verdict, hop.Reason = verdict.Allow, "no ALLOW policy, and nothing denies"
	default:
		granted := having(b.allow, yes)
		hop.Verdict, hop.Decider = verdict.Allow, granted[0].decider(words(granted[0].rule))
		hop.Only = len(granted) == 1 && len(having(b.allow, depends)) == 0
	}
	if hop.Verdict == verdict.Allow {
		hop.Notes = append(hop.Notes, p.facts.nameless(b)...)
	}
	return hop
}

// nameless notes the rules that a caller passes for showing no identity.
func (f facts) nameless(b ballot) []string {
	if !f.peer.none {
		return nil
	}
	var out []string
	for _, m := range having(b.deny, no) {
		f.namespace = m.policy.Ref.Namespace
		named := f.failing(m.rule)
		if len(named) > 0 && m.rule.void == "" && !slices.ContainsFunc(named, func(t test) bool { return !t.identity() || t.not }) {
			out = append(out, ruleName(m, true)+" denies by identity, which a caller without mutual TLS does not show: STRICT would keep it out")
		}
	}
	for _, m := range having(b.allow, yes) {
		if m.rule.any(func(t test) bool { return t.identity() && t.not }) {
			out = append(out, ruleName(m, true)+" also admits callers that show no identity: STRICT would keep them out")
		}
	}
	return out
}

// denyNotes explains a denial that was not meant.
func (f facts) denyNotes(hop *verdict.Hop, m match) {
	written := m.policy.rules[httpChain]
	i := m.rule.number - 1
	if f.chain != httpChain && i < len(written) && written[i].any(func(t test) bool { return t.http() }) {
		hop.ID = "KM9011"
		hop.Notes = append(hop.Notes, fmt.Sprintf("on %s the rule loses what it says about HTTP, so that it denies more", f.chain))
	}
}

// refused finds a CUSTOM policy that nobody can answer: Istio denies what it is
// about (getBadCustomDenyRules).
func (e *Engine) refused(hop *verdict.Hop, b ballot) bool {
	if e.config.Unknown != "" {
		return false
	}
	var providers []string
	for _, m := range b.custom {
		if !slices.Contains(providers, m.policy.provider) {
			providers = append(providers, m.policy.provider)
		}
	}
	for _, m := range having(b.custom, yes) {
		reason := ""
		switch {
		case !slices.Contains(e.config.Providers, m.policy.provider):
			reason = fmt.Sprintf("provider %q is not in the mesh configuration", m.policy.provider)
		case len(providers) > 1:
			reason = fmt.Sprintf("more than one provider for a workload: %s", quoted(providers))
		default:
			continue
		}
		hop.Verdict, hop.Decider, hop.ID = verdict.Deny, m.decider("CUSTOM: "+reason), "KM9028"
		return true
	}
	return false
}

// byDefault is the denial of what no ALLOW policy admits.
func (e *Engine) byDefault(hop *verdict.Hop, f facts, b ballot) {
	hop.Verdict, hop.ID = verdict.Deny, "KM9010"
	hop.Nearest = e.nearest(f, b.allow)
	p := b.allowing[0]
	if len(hop.Nearest) > 0 {
		p = b.allowing[slices.IndexFunc(b.allowing, func(p *policy) bool { return p.Ref == hop.Nearest[0].Object })]
	}
	hop.Decider = verdict.Decider{Object: p.Ref, Where: p.Where(""), Rule: "no rule", Reason: "(ALLOW) matched no rule"}
	switch {
	case len(b.allow) == 0:
		hop.Reason = "(ALLOW) has no rule, which denies everything"
	case len(b.allowing) > 1:
		hop.Reason = fmt.Sprintf("no rule of %s matches", policyNames(b.allowing))
	}
	e.explain(hop, f, b.allow)
}

// undecided is the answer of a point where something depends on what is open.
func (e *Engine) undecided(hop *verdict.Hop, b ballot) bool {
	asks := slices.DeleteFunc(slices.Clone(b.custom), func(m match) bool { return m.truth == no })
	denies, allows := having(b.deny, depends), having(b.allow, depends)
	if len(having(b.allow, yes)) > 0 {
		allows = nil
	}
	if len(asks)+len(denies)+len(allows) == 0 {
		return false
	}
	hop.Verdict = verdict.Unknown
	first := slices.Concat(asks, denies, allows)[0]
	hop.Decider = first.decider("")
	var parts, on []string
	var why []string
	for _, m := range asks {
		parts = append(parts, fmt.Sprintf("provider %q of %s decides", m.policy.provider, m.policy.name()))
	}
	for _, group := range []struct {
		ms   []match
		what string
	}{{denies, "denied"}, {allows, "allowed"}} {
		for _, m := range group.ms {
			on, why = append(on, fields(m.opens)...), append(why, reasons(m.opens)...)
			if left := residual(m); left != "" {
				parts = append(parts, fmt.Sprintf("%s is %s (%s)", left, group.what, ruleName(m, len(b.allowing) > 1 || len(denies) > 0)))
			}
		}
	}
	hop.Reason = strings.Join(parts, "; ")
	if len(on) > 0 {
		hop.Reason = "depends on " + list(unique(on), "and") + ": " + hop.Reason
	}
	if len(why) == 0 && len(asks) == 0 && (len(denies) == 0 || len(allows) == 0) {
		hop.Open = unique(on) // with both, no value need satisfy them
	}
	if len(why) > 0 {
		hop.Notes = append(hop.Notes, doubt)
		hop.Reason = strings.TrimSuffix(hop.Reason+"; "+strings.Join(unique(why), "; "), "; ")
		hop.Reason = strings.TrimPrefix(hop.Reason, "; ")
	}
	return true
}

// doubt is the note of an answer that no request could settle.
const doubt = "not all of this is in what was read"

func ruleName(m match, several bool) string {
	if several {
		return fmt.Sprintf("rule %d of %s", m.rule.number, m.policy.name())
	}
	return fmt.Sprintf("rule %d", m.rule.number)
}

func policyNames(policies []*policy) string {
	var out []string
	for _, p := range policies {
		out = append(out, p.name())
	}
	return list(out, "and")
}

func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
