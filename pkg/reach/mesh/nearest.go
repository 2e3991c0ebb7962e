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

// missLimit is how many rules are shown that miss by as few fields.
const missLimit = 3

// far is how far a rule is off that fails a test. What the caller can change in
// its request is nearest, then who the caller is; a rule for another port or
// another host is about something else.
func (t test) far() int {
	switch t.attribute {
	case byPort, byDestinationIP, byHost, bySNI:
		return 9
	case bySourceIP, byRemoteIP, byOther:
		return 4
	case byPrincipal, byNamespace, byAccount, byTrustDomain:
		return 3
	}
	return 2
}

// nearest are the rules of ALLOW policies that fail by the least.
func (e *Engine) nearest(f facts, ms []match) []verdict.Miss {
	best := 0
	var out []verdict.Miss
	for _, m := range ms {
		f.namespace = m.policy.Ref.Namespace
		miss, off := verdict.Miss{Decider: m.decider("")}, 0
		for _, t := range f.failing(m.rule) {
			miss.Wants, miss.Has = append(miss.Wants, t.words()), append(miss.Has, f.has(t))
			off += t.far()
		}
		if m.rule.void != "" {
			miss.Wants, miss.Has = []string{words(m.policy.rules[httpChain][m.rule.number-1])}, []string{m.rule.void}
			off += 2
		}
		miss.Reason = strings.Join(miss.Wants, ", ")
		switch {
		case out == nil || off < best:
			best, out = off, []verdict.Miss{miss}
		case off == best && len(out) < missLimit:
			out = append(out, miss)
		}
	}
	return out
}

// failing are the tests that keep a rule from matching: of each group, those of
// the element that comes closest.
func (f *facts) failing(r rule) []test {
	var out []test
	for _, group := range r.groups {
		var least []test
		for i, e := range group {
			var failed []test
			for _, t := range e {
				if f.holds(t).truth == no {
					failed = append(failed, t)
				}
			}
			if i == 0 || len(failed) < len(least) {
				least = failed
			}
		}
		out = append(out, least...)
	}
	return out
}

// explain says why nobody meant this denial, and what would lift it.
func (e *Engine) explain(hop *verdict.Hop, f facts, ms []match) {
	for _, m := range ms {
		f.namespace = m.policy.Ref.Namespace
		if !slices.ContainsFunc(hop.Nearest, func(n verdict.Miss) bool { return n.Object == m.policy.Ref && n.Pointer == m.rule.pointer }) {
			continue
		}
		if m.rule.void != "" {
			hop.ID = "KM9011"
			hop.Notes = append(hop.Notes, fmt.Sprintf("rule %d of %s never matches here: %s", m.rule.number, m.policy.name(), m.rule.void))
			continue
		}
		for _, t := range f.failing(m.rule) {
			switch {
			case t.identity() && f.peer.none && !t.not:
				hop.ID = "KM9009"
			case t.attribute == byPrincipal && !t.not:
				e.explainPrincipal(hop, f, m, t)
			}
		}
	}
	hop.Notes = unique(hop.Notes)
}

// explainPrincipal looks at the values of principals that nobody carries.
func (e *Engine) explainPrincipal(hop *verdict.Hop, f facts, m match, t test) {
	for _, v := range t.values {
		if strings.HasPrefix(v, "spiffe://") {
			hop.ID = "KM9020"
			hop.Notes = append(hop.Notes, fmt.Sprintf("rule %d: a principal is written without spiffe://, with it none matches", m.rule.number))
			continue
		}
		parts := strings.Split(v, "/")
		if len(parts) != 5 || strings.Contains(v, "*") || e.accounts()[parts[2]+"/"+parts[4]] {
			continue
		}
		if absence := e.s.PodAbsence(parts[2]); absence == model.Unknown {
			continue
		}
		hop.ID = "KM9007"
		where := ""
		if e.s.Partial {
			where = " in these files"
		}
		hop.Notes = append(hop.Notes, fmt.Sprintf("no workload%s runs as ServiceAccount %s/%s", where, parts[2], parts[4]))
	}
	if len(t.values) != 1 || hop.Fix != "" || len(hop.Nearest) == 0 || len(hop.Nearest[0].Wants) != 1 {
		return
	}
	parts := strings.Split(t.values[0], "/")
	hop.Fix = fmt.Sprintf("the principal in rule %d", m.rule.number)
	if len(parts) == 5 && parts[2] == f.From.Namespace && f.source.Workload == f.From.Workload && !strings.Contains(t.values[0], "*") {
		hop.Fix = fmt.Sprintf("serviceAccountName: %s in %s, or %s", parts[4], peerName(f.From), hop.Fix)
	}
}

// readAccounts are the ServiceAccounts that workloads run as, "namespace/name".
func (e *Engine) readAccounts() map[string]bool {
	out := map[string]bool{}
	for _, w := range e.s.Workloads("") {
		out[w.Ref.Namespace+"/"+w.Account()] = true
	}
	return out
}
