// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"maps"
	"regexp"
	"slices"
	"sync"
)

// Filter chooses lines. Its fields all have to agree; the zero value takes every
// line.
type Filter struct {
	// Level is the least level; Unknown takes all. A line whose level cannot be
	// told is taken, unless it continues one that was not (see Stream.Keep).
	Level Level
	// Include takes lines that one of them matches, Exclude none that one matches.
	Include, Exclude []*regexp.Regexp
	Where            *Where
	// JSONOnly takes only lines that are a JSON object.
	JSONOnly bool

	mu      sync.Mutex
	unclear map[string]string
}

// Stream is a Filter at work on the lines of one container, in their order. It
// is not safe for concurrent use; several streams of one Filter are.
type Stream struct {
	filter *Filter
	// dropped says that the level of the last line that began something was too low.
	dropped bool
	// cut says that the level of the last line was too low, whatever its beginning.
	cut     bool
	unclear unclear
}

// Stream returns a filter for one container.
func (f *Filter) Stream() *Stream { return &Stream{filter: f} }

// Keep reports whether a line is taken. Lines that begin with a blank, such as
// those of a stack trace, continue the line before: where that was below the
// least level they go with it.
//
// The cheap questions come first: the line is parsed for Where only when all
// others have agreed.
func (s *Stream) Keep(text string) bool { return s.KeepPiece(Piece{Text: text}) }

// KeepPiece is Keep for a line that may be long: what continues one goes with it as
// those lines do, whatever it says.
func (s *Stream) KeepPiece(p Piece) bool {
	f, text := s.filter, p.Text
	switch {
	case f.Level == Unknown:
	case p.Continues && s.cut, !p.Continues && !s.grave(text):
		s.cut = true
		return false
	}
	s.cut = false
	if len(f.Include) > 0 && !matchesAny(f.Include, text) || matchesAny(f.Exclude, text) {
		return false
	}
	if f.JSONOnly && !isObject(text) {
		return false
	}
	if f.Where == nil {
		return true
	}
	kept := f.Where.test.holds(Parse(text), &s.unclear)
	if len(s.unclear.fields) > 0 {
		f.remember(&s.unclear)
	}
	return kept
}

func (s *Stream) grave(text string) bool {
	if text != "" && (text[0] == ' ' || text[0] == '\t') {
		if level := Detect(text); level != Unknown {
			return level >= s.filter.Level
		}
		return !s.dropped
	}
	level := Detect(text)
	s.dropped = level != Unknown && level < s.filter.Level
	return !s.dropped
}

func matchesAny(patterns []*regexp.Regexp, text string) bool {
	for _, p := range patterns {
		if p.MatchString(text) {
			return true
		}
	}
	return false
}

func (f *Filter) remember(u *unclear) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unclear == nil {
		f.unclear = map[string]string{}
	}
	for field, said := range u.fields {
		if _, known := f.unclear[field]; !known {
			f.unclear[field] = said
		}
	}
	u.fields = nil
}

// Unclear is a field that Where could not compare; such a comparison does not hold.
type Unclear struct {
	Field string
	// Said is what it said first, a number with a unit that cannot be read; empty
	// where it is a number without one and Where compares it with a duration.
	Said string
}

// Unclear returns the fields that could not be compared so far, sorted by their names.
func (f *Filter) Unclear() []Unclear {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Unclear
	for _, field := range slices.Sorted(maps.Keys(f.unclear)) {
		out = append(out, Unclear{field, f.unclear[field]})
	}
	return out
}
