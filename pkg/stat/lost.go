// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

// Lost are the requests to one Service that reached none of its workloads.
type Lost struct {
	Service string
	Parts   []signals.Part
	// Shared says that the Service has other workloads too, so that nobody knows
	// for which of them they were meant.
	Shared bool
	// Stretched is the share of the rates that no samples tell of, see signals.Sample.
	Stretched float64
}

// Rate is how many requests a second were lost.
func (l Lost) Rate() float64 {
	sum := 0.0
	for _, p := range l.Parts {
		sum += p.Rate
	}
	return sum
}

// Selected returns the workloads that a Service selects, false where nobody knows.
type Selected func(service string) (workloads []string, known bool)

// LostBy returns what was lost of the Services that a workload serves, from groups
// by service in the order of theirs. Which ones it serves is told by what reached it,
// or by who selects it, as nothing may have reached it at all. An idle one is one
// that nothing reached: where nobody knows who selects it, any may be its.
func LostBy(groups []signals.Group, workload string, idle bool, selected Selected) []Lost {
	var out []Lost
	for _, g := range groups {
		l := Lost{Service: g.Service, Stretched: 1 - g.Counted()}
		serves := false
		for _, p := range g.Parts {
			switch {
			case p.To == workload:
				serves = true
			case signals.Reached(p.To):
				l.Shared = true
			case p.Outcome != signals.Served: // an answer came from outside of the mesh
				l.Parts = append(l.Parts, p)
			}
		}
		if len(l.Parts) == 0 {
			continue
		}
		switch names, known := selected(g.Service); {
		case known && slices.Contains(names, workload):
			serves, l.Shared = true, l.Shared || len(names) > 1
		case !known && idle && !serves:
			serves, l.Shared = true, true
		}
		if serves {
			out = append(out, l)
		}
	}
	return out
}

// With returns a group with requests that were meant for it added. Where there are none,
// one that was not measured stays so.
func With(g signals.Group, all []Lost) signals.Group {
	if len(all) == 0 {
		return g
	}
	rate := 0.0
	if g.Rate != nil {
		rate = *g.Rate
	}
	g.Parts = slices.Clone(g.Parts)
	for _, l := range all {
		g.Stretched += l.Stretched * l.Rate()
		for _, p := range l.Parts {
			rate += p.Rate
			g.Parts = append(g.Parts, p)
			switch p.Outcome {
			case signals.Failed, signals.NoResponse:
				g.Failed += p.Rate
			case signals.ClientError:
				g.ClientErrors += p.Rate
			case signals.Unclassified:
				g.Unclassified += p.Rate
			}
			if p.Outcome == signals.NoResponse {
				g.NoResponse += p.Rate
			}
		}
	}
	g.Rate = &rate
	return g
}

// LostOf is what reached nobody of a group, whoever it was meant for.
func LostOf(g signals.Group) Lost {
	out := Lost{Service: g.Service, Shared: true, Stretched: 1 - g.Counted()}
	for _, p := range g.Parts {
		if p.Outcome != signals.Served {
			out.Parts = append(out.Parts, p)
		}
	}
	return out
}

// InDoubt returns a verdict on what is known, left open if all that was lost would
// change it.
func InDoubt(known, worst compare.Result, who string) compare.Result {
	if known.Verdict != worst.Verdict {
		known.Reason += ", " + string(worst.Verdict) + " if all requests that reached nobody were for " + who
		known.Verdict = compare.Inconclusive
	}
	return known
}

// CheckLost judges a target together with what was lost on the way to it. What other
// workloads may have lost decides nothing: where it would, the verdict is open.
func CheckLost(all []Criterion, t Target, lost []Lost, who string, r compare.Rules) []compare.Result {
	own := slices.DeleteFunc(slices.Clone(lost), func(l Lost) bool { return l.Shared })
	without, with := t, t
	without.Group, with.Group = With(t.Group, own), With(t.Group, lost)
	out, worst := Check(all, without, r), Check(all, with, r)
	for i := range out {
		out[i] = InDoubt(out[i], worst[i], who)
	}
	return out
}
