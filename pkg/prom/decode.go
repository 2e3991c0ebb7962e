// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// envelope is what surrounds every answer of the API.
type envelope struct {
	status, errorType, message string
	// notes are warnings and infos.
	notes []string
}

// unwrap reads an answer; data gets the scanner where the data begin and has to
// take them.
func unwrap(body []byte, data func(*scanner)) (envelope, error) {
	var e envelope
	s := &scanner{data: body}
	s.object(func(key []byte) {
		switch string(key) {
		case "status":
			e.status = s.word()
		case "errorType":
			e.errorType = s.word()
		case "error":
			e.message = s.word()
		case "warnings", "infos":
			e.notes = append(e.notes, s.words()...)
		case "data":
			if s.null() {
				return
			}
			data(s)
		default:
			s.raw()
		}
	})
	return e, s.err
}

// null takes a null, if that comes next.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.bare()
	return true
}

// word takes a string; what is none is "".
func (s *scanner) word() string {
	if s.peek() != '"' {
		s.raw()
		return ""
	}
	return string(s.text())
}

// words takes an array of strings.
func (s *scanner) words() []string {
	if s.null() {
		return nil
	}
	var out []string
	s.array(func() { out = append(out, s.word()) })
	return out
}

// into takes a value and decodes it.
func (s *scanner) into(value any) {
	at := s.at
	raw := s.raw()
	if s.err != nil {
		return
	}
	if err := json.Unmarshal(raw, value); err != nil {
		s.err = fmt.Errorf("at byte %d: %w", at, err)
	}
}

// result is the data of a query: samples or series, as its type says.
type result struct {
	kind    string
	samples signals.Vector
	series  []Series
}

// read takes the data of a query. The type comes before the result from every
// server known; if it does not, the result is read when it is known.
func (r *result) read(s *scanner) {
	var later []byte
	s.object(func(key []byte) {
		switch string(key) {
		case "resultType":
			r.kind = s.word()
		case "result":
			if r.kind == "" {
				later = s.raw()
				return
			}
			r.values(s)
		default:
			s.raw()
		}
	})
	if later != nil && s.err == nil {
		again := &scanner{data: later}
		r.values(again)
		s.err = again.err
	}
}

func (r *result) values(s *scanner) {
	if s.null() {
		return
	}
	var l labelReader
	switch r.kind {
	case "vector":
		s.array(func() { r.samples = append(r.samples, l.sample(s)) })
	case "matrix":
		s.array(func() { r.series = append(r.series, l.series(s)) })
	case "scalar":
		_, value := point(s)
		r.samples = signals.Vector{{Value: value}}
	default:
		s.raw()
	}
}

// labelReader reads the labels of one series after another, and keeps one copy
// of each string: neighbours have nearly all of them in common.
type labelReader struct {
	known map[string]string
	// slab is where labels are put, so that there is one allocation for many.
	slab []signals.Label
	last signals.Labels
}

// slabLabels is how many labels are allocated at once.
const slabLabels = 4096

func (l *labelReader) intern(b []byte) string {
	if s, ok := l.known[string(b)]; ok {
		return s
	}
	if l.known == nil {
		l.known = make(map[string]string)
	}
	s := string(b)
	l.known[s] = s
	return s
}

// labels takes the labels of a series. The name of the metric is one of them.
func (l *labelReader) labels(s *scanner) signals.Labels {
	start := len(l.slab)
	i := 0
	s.object(func(key []byte) {
		var like signals.Label
		if i < len(l.last) {
			like = l.last[i]
		}
		i++
		if like.Name != string(key) {
			like.Name = l.intern(key)
		}
		if value := s.text(); like.Value != string(value) {
			like.Value = l.intern(value)
		}
		if len(l.slab) == cap(l.slab) {
			moved := make([]signals.Label, len(l.slab)-start, slabLabels+len(l.slab)-start)
			copy(moved, l.slab[start:])
			l.slab, start = moved, 0
		}
		l.slab = append(l.slab, like)
	})
	l.last = l.slab[start:len(l.slab):len(l.slab)]
	return l.last
}

func (l *labelReader) sample(s *scanner) signals.Sample {
	var out signals.Sample
	s.object(func(key []byte) {
		switch string(key) {
		case "metric":
			out.Labels = l.labels(s)
		case "value":
			_, out.Value = point(s)
		case "histogram":
			out.Native = true
			s.raw()
		default:
			s.raw()
		}
	})
	return out
}

func (l *labelReader) series(s *scanner) Series {
	var out Series
	s.object(func(key []byte) {
		switch string(key) {
		case "metric":
			out.Labels = l.labels(s)
		case "values":
			s.array(func() {
				at, value := point(s)
				out.Points = append(out.Points, Point{at, value})
			})
		case "histograms":
			out.Native = true
			s.raw()
		default:
			s.raw()
		}
	})
	return out
}

// point takes [seconds, "value"].
func point(s *scanner) (at time.Time, value float64) {
	i := 0
	s.array(func() {
		switch i {
		case 0:
			seconds := s.float(s.bare())
			at = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
		case 1:
			value = s.float(s.text())
		default:
			s.raw()
		}
		i++
	})
	return at, value
}

func (s *scanner) float(text []byte) float64 {
	if s.err != nil {
		return 0
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		s.err = fmt.Errorf("expected a number before byte %d, found %q", s.at, text)
	}
	return f
}
