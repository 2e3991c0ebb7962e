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
	// run, and a fix must bring no error of any. Rules if empty.
	Catalog []*rules.Rule
	Scope   Scope
	// MinSeverity drops what is less severe.
	MinSeverity finding.Severity
	// Adjust returns the severity that a finding has here; false leaves it as it
	// is. Nil leaves all.
	Adjust func(rules.Result) (finding.Severity, bool)
	// Keep says whether a finding counts; those it refuses are listed apart with
	// what it answers. It is asked about all findings, those out of scope too.
	// Nil keeps all.
	Keep func(rules.Result) (*Waiver, bool)
	// Remarks returns what there is to say about suppressions, once Keep was asked
	// about all findings. Nil has nothing to say.
	Remarks func() []rules.Remark
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
	// Hidden is how many findings in scope MinSeverity has dropped.
	Hidden int
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
	found, waived := q.find(w)
	graph := newGraph(found, q.Catalog)
	graph.keep(q.Scope.filter(w))
	graph.remove(func(r rules.Result) bool {
		waiver, is := waived[r.Finding]
		if is {
			report.Waived = append(report.Waived, Waived{r, *waiver})
		}
		return is
	})
	graph.remove(func(r rules.Result) bool {
		low := r.Severity < q.MinSeverity
		if low {
			report.Hidden++
		}
		return low
	})
	report.Causes = graph.causes(w)
	for _, c := range report.Causes {
		c.blame(w)
	}
	n := len(report.Causes)
	if q.Fixes >= 0 {
		n = min(n, q.Fixes)
	}
	mend(w, q.judges(), report.Causes[:n])
	for _, c := range report.Causes[:n] {
		c.undo()
	}
	return report
}

// judges are the rules that a fix must not anger: those that run and, although
// nobody asked for them, all others that tell what is broken.
func (q *Request) judges() []*rules.Rule {
	out := slices.Clone(q.Rules)
	for _, r := range q.Catalog {
		if !r.Hygiene && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// find runs the rules, and those about suppressions after the others. It
// returns all findings, and the waivers of those that do not count.
func (q *Request) find(w *rules.World) ([]rules.Result, map[*finding.Finding]*Waiver) {
	found, waived := rules.Run(w, q.Rules), map[*finding.Finding]*Waiver{}
	q.judge(found, waived)
	if q.Remarks == nil {
		return found, waived
	}
	about := *w
	about.Remarks = q.Remarks()
	late := slices.DeleteFunc(slices.Clone(q.Rules), func(r *rules.Rule) bool {
		return !slices.ContainsFunc(about.Remarks, func(x rules.Remark) bool { return x.ID == r.ID })
	})
	remarks := rules.Run(&about, late)
	q.judge(remarks, waived)
	return append(found, remarks...), waived
}

// judge gives findings their severities and notes which of them do not count.
func (q *Request) judge(found []rules.Result, waived map[*finding.Finding]*Waiver) {
	for _, r := range found {
		if q.Adjust != nil {
			if severity, other := q.Adjust(r); other {
				r.Severity = severity
			}
		}
		if q.Keep == nil {
			continue
		}
		if waiver, kept := q.Keep(r); !kept {
			waived[r.Finding] = waiver
		}
	}
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
