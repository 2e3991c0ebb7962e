// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// entry is a suppression that was read.
type entry struct {
	note
	// by and where are the place: the first as a waiver names it, the second as
	// a finding does.
	by, where string
	// on and pointer are the object and field that a remark is about.
	on      *model.Object
	pointer string
	// ids are those of the rules it means.
	ids map[string]bool
	// end is when it ends; zero for never.
	end     time.Time
	expired bool
	// broken entries cannot be read: they suppress nothing.
	broken bool
	// peer entries are written for another tool, which has its own rules about
	// reasons.
	peer bool
	// idle reports whether a suppression that was never used is one too many;
	// nil where nobody can tell.
	idle func() bool
	used bool
}

// admit reads what a note means, says what is wrong with it, and remembers it.
func (s *Set) admit(e *entry) *entry {
	s.entries = append(s.entries, e)
	if e.problem != "" {
		e.broken = true
		s.remark(unreadable, e, e.problem, e.hint)
		return e
	}
	e.ids = map[string]bool{}
	for _, word := range e.words {
		s.understand(e, word)
	}
	var err error
	if e.end, err = e.date(); err != nil {
		e.broken = true
		s.remark(unreadable, e, err.Error(), "")
		return e
	}
	if len(e.ids) == 0 {
		e.broken = true
		return e
	}
	if e.expired = !e.end.IsZero() && !s.world.Now.Before(e.end); e.expired {
		s.remark(expired, e, "the suppression of "+e.said()+" held until "+e.until,
			"mend the fault, or agree on a later date")
	}
	if e.reason == "" {
		s.remark(reasonless, e, "the suppression of "+e.said()+" has no reason", "add it: "+e.example())
	}
	return e
}

// example is the entry with a reason, as its author would write it.
func (e *entry) example() string {
	out := e.said()
	if e.until != "" {
		out += " until=" + e.until
	}
	return out + ": REASON"
}

// understand adds the rules that a word means.
func (s *Set) understand(e *entry, word string) {
	found := false
	for _, r := range s.all {
		if s.means(word, r) {
			e.ids[r.ID] = true
			found = true
		}
	}
	if !found {
		message, hint := s.unknown(word)
		s.remark(unreadable, e, message, hint)
	}
}

// unknown is what to say about a word that means no rule.
func (s *Set) unknown(word string) (message, hint string) {
	var names []string
	for _, r := range s.all {
		names = append(names, r.ID, r.Slug)
		names = append(names, r.Aliases...)
	}
	if near := ref.Closest(word, names); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	return "no rule is called " + strings.TrimSpace(word), hint
}

// The rules about suppressions.
const (
	reasonless = "KM0005"
	expired    = "KM0006"
	unreadable = "KM0007"
	unused     = "KM0008"
)

func (s *Set) remark(id string, e *entry, message, hint string) {
	s.remarks = append(s.remarks, rules.Remark{ID: id, On: e.on, Pointer: e.pointer, Where: e.where, Message: message, Hint: hint})
}
