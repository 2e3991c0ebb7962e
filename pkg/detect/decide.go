// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// maxEvidence is how many observations of a fact are reported.
const maxEvidence = 12

// rank sorts observations, the most confident first, then by place.
func rank(list []api.DetectedEvidence) []api.DetectedEvidence {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b api.DetectedEvidence) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Source, b.Source))
	})
	return out
}

func capped(list []api.DetectedEvidence) []api.DetectedEvidence {
	return list[:min(len(list), maxEvidence)]
}

// decide answers a question: the highest confidence wins, among equals the value
// that more rules agree on, and otherwise nobody.
func decide(list []api.DetectedEvidence) api.DetectedFact {
	ranked := rank(list)
	best := leaders(ranked)
	fact := api.DetectedFact{Evidence: capped(firsts(ranked, best))}
	if len(best) == 1 {
		fact.Value = &best[0]
	} else if len(best) > 1 {
		fact.Ambiguous = best
	}
	return fact
}

// firsts moves the best observation of each leader to the front, so that each is
// among those that are reported.
func firsts(ranked []api.DetectedEvidence, best []string) []api.DetectedEvidence {
	if len(best) < 2 {
		return ranked
	}
	var first, rest []api.DetectedEvidence
	seen := map[string]bool{}
	for _, e := range ranked {
		if slices.Contains(best, e.Value) && !seen[e.Value] {
			seen[e.Value] = true
			first = append(first, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(first, rest...)
}

// leaders are the values that share the first place.
func leaders(ranked []api.DetectedEvidence) []string {
	var best []string
	for _, e := range ranked {
		if e.Confidence == ranked[0].Confidence && !slices.Contains(best, e.Value) {
			best = append(best, e.Value)
		}
	}
	if len(best) < 2 {
		return best
	}
	most, agreed := 0, []string(nil)
	for _, value := range best {
		switch n := sources(ranked, value); {
		case n > most:
			most, agreed = n, []string{value}
		case n == most:
			agreed = append(agreed, value)
		}
	}
	return agreed
}

// sources counts the rules that observed a value.
func sources(list []api.DetectedEvidence, value string) int {
	rules := map[string]bool{}
	for _, e := range list {
		if e.Value == value {
			rules[e.Source] = true
		}
	}
	return len(rules)
}

// items keeps the best observation of each value: for facts with many answers.
func items(list []api.DetectedEvidence) []api.DetectedEvidence {
	out := []api.DetectedEvidence{}
	seen := map[string]bool{}
	for _, e := range rank(list) {
		if !seen[e.Value] {
			seen[e.Value] = true
			out = append(out, e)
		}
	}
	return out
}

// best is the most confident observation; ok is false when there is none.
func (u *unit) best(t topic) (api.DetectedEvidence, bool) {
	ranked := rank(u.facts[t])
	if len(ranked) == 0 {
		return api.DetectedEvidence{}, false
	}
	return ranked[0], true
}

// sameTier is how far apart the ports of one program may be in confidence; a
// port that something of less weight says is another opinion, not another port.
const sameTier = 19

// morePorts are the ports besides the main one.
func (u *unit) morePorts(main api.DetectedFact) []api.DetectedEvidence {
	out := []api.DetectedEvidence{}
	if main.Value == nil {
		return out
	}
	for _, e := range items(u.facts[port]) {
		if e.Value != *main.Value && e.Confidence >= main.Evidence[0].Confidence-sameTier && e.Confidence >= hint {
			out = append(out, e)
		}
	}
	return out
}
