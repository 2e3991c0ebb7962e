// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package diagnose makes a diagnosis of what rules find: findings are cut to
// what was asked about, tied into causes, ranked, and given fixes that were
// tried before they are offered.
package diagnose

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Request is what to diagnose in a World.
type Request struct {
	// Rules are the rules to run.
	Rules []*rules.Rule
	// Catalog are all rules there are: a chain of causes may pass one that is not
	// run. Rules if empty.
	Catalog []*rules.Rule
	Scope   Scope
	// MinSeverity drops what is less severe.
	MinSeverity finding.Severity
	// Keep says whether a finding counts; those it refuses are listed apart with
	// what it answers. Nil keeps all.
	Keep func(rules.Result) (*Waiver, bool)
	// Fixes says which causes get fixes, by their place in the order; negative
	// for all of them. Trying a fix runs the rules again.
	Fixes int
}

// Waiver is the reason why a finding does not count.
type Waiver struct {
	// By is where it stands: an annotation, a comment, a file.
	By string
	// Reason is what somebody wrote down; may be empty.
	Reason string
}

// Waived is a finding that does not count.
type Waived struct {
	rules.Result
	Waiver
}

// Report is a diagnosis.
type Report struct {
	// Causes come in the order in which to look at them.
	Causes []*Cause
	Waived []Waived
	// Ran is how many rules had something to look at.
	Ran int
}

// Run diagnoses a World.
func Run(w *rules.World, q Request) *Report {
	if len(q.Catalog) == 0 {
		q.Catalog = q.Rules
	}
	report := &Report{}
	for _, r := range q.Rules {
		if r.Applies(w) {
			report.Ran++
		}
	}
	graph := newGraph(rules.Run(w, q.Rules), q.Catalog)
	graph.keep(q.Scope.filter(w, graph))
	graph.remove(func(r rules.Result) bool {
		if q.Keep == nil {
			return false
		}
		waiver, kept := q.Keep(r)
		if !kept {
			report.Waived = append(report.Waived, Waived{r, *waiver})
		}
		return !kept
	})
	graph.remove(func(r rules.Result) bool { return r.Severity < q.MinSeverity })
	report.Causes = graph.causes(w)
	for _, c := range report.Causes {
		c.blame(w)
	}
	n := len(report.Causes)
	if q.Fixes >= 0 {
		n = min(n, q.Fixes)
	}
	mend(w, q.Rules, report.Causes[:n])
	return report
}

// Results returns every finding that counts.
func (r *Report) Results() []rules.Result {
	var out []rules.Result
	for _, c := range r.Causes {
		out = append(out, c.Result)
		out = append(out, c.Explains...)
	}
	return out
}

// Worst is the most severe finding; ok is false when there is none.
func (r *Report) Worst() (worst finding.Severity, ok bool) {
	all := r.Results()
	if len(all) == 0 {
		return 0, false
	}
	return slices.MaxFunc(all, func(a, b rules.Result) int { return int(a.Severity) - int(b.Severity) }).Severity, true
}
