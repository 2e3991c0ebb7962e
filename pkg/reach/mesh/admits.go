// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Answer is that of Admits.
type Answer int

// The answers. Conditions means that some requests get through and others do
// not, Unsure that nobody can tell.
const (
	No Answer = iota
	Yes
	Conditions
	Unsure
)

// String returns "no", "yes", "conditions" or "unknown".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case Conditions:
		return "conditions"
	case Unsure:
		return "unknown"
	}
	return "no"
}

// Summary is what the mesh makes of all requests from one end to another.
type Summary struct {
	Answer Answer
	// Words are the conditions, or why the answer is no or unknown; empty for yes.
	Words string
	// When are the Conditions: requests get through that meet one of those that
	// are not Denied, if there are any, and none of those that are.
	When []Condition
	// By is the object that decides; the zero Ref where none does.
	By ref.Ref
}

// Admits tells whether requests from one peer to a port of another (0 for any)
// get through mTLS and authorization. Pairs that nothing in the mesh tells apart
// are looked at once: a caller's identity counts only as far as the policies of
// the server name it.
func (e *Engine) Admits(from, to model.Peer, port int32) Summary {
	source, target := e.class(from), e.class(to)
	key := summaryKey{source.kind, target.target, port, 0}
	if source.proxied {
		if named, ok := e.named(target.target, to).of(source.who); ok {
			key.named = named
		} else {
			key.kind = -1 - source.source // too many values to tell: by the caller itself
		}
	}
	return e.summaries.get(key, func() Summary { return e.summarize(from, to, port) })
}

// summaryKey tells apart the pairs of which the answer may differ.
type summaryKey struct {
	kind, target int
	port         int32
	named        uint64
}

func (e *Engine) summarize(from, to model.Peer, port int32) Summary {
	r := Request{From: from, To: to, Port: port}
	_, tls := e.TLS(r)
	hops, whens := []verdict.Hop{tls}, [][]Condition{nil}
	for _, p := range e.points(r) {
		hop := e.enforced(p)
		var when []Condition
		if hop.Verdict == verdict.Unknown {
			when = p.facts.conditions(p.facts.vote(e.authz().at(p.at).policies))
		}
		hops, whens = append(hops, hop), append(whens, when)
	}
	// The words stand for all pairs of the same classes.
	anonymous := strings.NewReplacer(peerName(from), "the caller", peerName(to), "the server")
	if hop, found := verdict.First(hops, verdict.Deny); found {
		return Summary{Answer: No, Words: anonymous.Replace(hop.Reason), By: hop.Object}
	}
	out := Summary{Answer: Yes}
	var parts []string
	for i, h := range hops {
		if h.Verdict != verdict.Unknown {
			continue
		}
		if out.Answer == Yes {
			out.By = h.Object
		}
		conditions, conditional := strings.CutPrefix(h.Reason, "depends on ")
		if _, after, ok := strings.Cut(conditions, ": "); ok && conditional {
			conditions = after
		}
		switch {
		case !conditional || slices.Contains(h.Notes, doubt) || len(whens[i]) == 0:
			out.Answer, out.When = Unsure, nil
		case out.Answer == Yes:
			out.Answer, out.When = Conditions, whens[i]
		case out.Answer == Conditions: // both have to be met
			out.When = []Condition{{Other: []string{anonymous.Replace(strings.Join(append(parts, conditions), "; "))}}}
		}
		parts = append(parts, conditions)
	}
	out.Words = anonymous.Replace(strings.Join(parts, "; "))
	return out
}
