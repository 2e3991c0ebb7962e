// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package suppress decides which findings do not count because somebody wrote
// down that they need not: in an annotation of the object, in a comment beside
// the field, or in the file .kubectl-micro.yaml.
//
//	kubectl-micro.dev/ignore: "KM3004 until=2026-12-31: the port is opaque on purpose"
//	# kubectl-micro:ignore KM3004 until=2026-12-31 the port is opaque on purpose
//
// The annotation counts for findings about the object; on a pod template or on
// a controller, also for those about its pods. A comment behind something
// counts for that line, one on a line of its own for the field or list item
// that comes next and all that is in it, one before the first key for the whole
// document. In Dockerfiles, pipelines and scripts it counts for its line or, on
// a line of its own, for the command below it. What other tools' annotations suppress is suppressed for the rules
// that have their checks as aliases.
//
// A suppression that has expired or that cannot be read suppresses nothing.
// What is wrong with suppressions is said in remarks, which are the findings of
// the rules KM0005 to KM0008.
package suppress

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Set holds the suppressions of one World. It is not safe for concurrent use.
type Set struct {
	world *rules.World
	all   []*rules.Rule
	means func(word string, r *rules.Rule) bool

	// notes are those in the annotations of objects, read once.
	notes    map[*model.Object]*annotations
	comments []comment
	ignores  []ignore
	severity []severity

	entries []*entry
	remarks []rules.Remark
	// contradicted are the pairs that have been told.
	contradicted map[[2]*entry]bool
}

// Waiver is why a finding does not count.
type Waiver struct {
	// By is where it stands: "annotation of Service shop/cart", "cart.yaml:12",
	// ".kubectl-micro.yaml:4".
	By string
	// Reason is what somebody wrote down; may be empty.
	Reason string
}

// New reads the suppressions of a World. The config may be nil. All are the
// rules there are, and means tells whether a word means one of them.
//
// The annotations of live objects are read when a finding is about the object:
// to read those of a whole cluster would cost more than all rules.
func New(w *rules.World, config *api.Config, all []*rules.Rule, means func(word string, r *rules.Rule) bool) *Set {
	s := &Set{world: w, all: all, means: means, notes: map[*model.Object]*annotations{}, contradicted: map[[2]*entry]bool{}}
	for _, o := range slices.Concat(w.Objects(), w.Shadowed()) {
		if !o.Live() {
			s.annotations(o)
		}
	}
	s.readComments()
	s.readTexts()
	if config != nil {
		s.configure(config)
	}
	return s
}

// Keep reports whether a finding counts, and if not, why.
func (s *Set) Keep(r rules.Result) (*Waiver, bool) {
	var by *entry
	var also []*entry
	for _, e := range s.about(r) {
		if e.broken || !e.ids[r.ID] {
			continue
		}
		e.used = true
		also = append(also, e)
		if by == nil || e.outlives(by) {
			by = e
		}
	}
	for _, e := range also {
		s.contradiction(r, e, by)
	}
	if by == nil || by.expired {
		return nil, true
	}
	return &Waiver{By: by.by, Reason: by.reason}, false
}

// about lists the entries whose place is that of a finding, whatever their rules.
func (s *Set) about(r rules.Result) []*entry {
	out := s.annotated(r)
	if file, line, ok := place(r.Where); ok {
		for i := range s.comments {
			if c := &s.comments[i]; c.file == file && c.from <= line && line <= c.to {
				out = append(out, c.entry)
			}
		}
	}
	for _, i := range s.ignores {
		if i.matches(r.On) {
			out = append(out, i.entry)
		}
	}
	return out
}

// outlives reports whether an entry holds longer than another.
func (e *entry) outlives(other *entry) bool {
	return !other.end.IsZero() && (e.end.IsZero() || e.end.After(other.end))
}

// contradiction remarks, once, that an entry ends before another one about the
// same finding, which counts.
func (s *Set) contradiction(r rules.Result, a, b *entry) {
	pair := [2]*entry{a, b}
	if a.peer || a.end.IsZero() || b.end.IsZero() || a.end.Equal(b.end) || s.contradicted[pair] {
		return
	}
	s.contradicted[pair] = true
	s.remark(unreadable, a, "the suppression of "+r.ID+" ends on "+a.until+" here and on "+b.until+" in another place; the later day counts",
		"leave one of the two: the other is in "+b.by)
}

// Severity returns the severity that the config gives to a finding; false if
// none.
func (s *Set) Severity(r rules.Result) (finding.Severity, bool) {
	for _, x := range s.severity {
		if s.means(x.word, r.Rule) {
			return x.severity, true
		}
	}
	return 0, false
}

// Remarks returns what is to be said about the suppressions, after Keep was
// asked about all that the rules have found.
func (s *Set) Remarks(ran []*rules.Rule) []rules.Remark {
	applied := map[string]bool{}
	for _, r := range ran {
		applied[r.ID] = r.Applies(s.world) && !s.crippled(r)
	}
	for _, e := range s.entries {
		if e.used || e.broken || e.expired || e.idle == nil || !e.answered(applied) || !e.idle() {
			continue
		}
		e.used = true // it is told once
		s.remark(unused, e, "the suppression of "+e.said()+" suppresses nothing", "remove it, or correct what it is about")
	}
	return slices.Clone(s.remarks)
}

// crippled reports whether a rule could not look at all that it needs.
func (s *Set) crippled(r *rules.Rule) bool {
	return slices.ContainsFunc(r.Needs, func(k *model.Kind) bool {
		_, gap := s.world.Gap(k.GroupKind, "")
		return gap
	})
}

// answered reports whether all rules that an entry means have run. Those about
// suppressions come too late to count.
func (e *entry) answered(applied map[string]bool) bool {
	for id := range e.ids {
		if !applied[id] || id >= reasonless && id <= unused {
			return false
		}
	}
	return true
}
