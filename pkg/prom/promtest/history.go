// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Now is the last instant of every history, and one of a scrape.
var Now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// Labels of a series, by name.
type Labels map[string]string

// With returns the labels with some added or changed, given as name and value.
func (l Labels) With(pairs ...string) Labels {
	out := make(Labels, len(l)+len(pairs)/2)
	for k, v := range l {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// History is what a Prometheus has seen up to [Now]. Make one with [NewHistory].
type History struct {
	// From is the first scrape, Interval the time between two.
	From     time.Time
	Interval time.Duration

	series []series
}

// series has a sample at each scrape between two instants, inclusive.
type series struct {
	text     string
	value    func(time.Time) float64
	from, to time.Time
}

// NewHistory returns an empty history of some length, a multiple of the interval
// between two scrapes.
func NewHistory(length, interval time.Duration) *History {
	return &History{From: Now.Add(-length), Interval: interval}
}

// Span is when a series exists; the zero value is always. Both ends are scrapes
// that still see it.
type Span struct{ From, To time.Time }

// Counter adds a counter.
func (h *History) Counter(name string, l Labels, f Flow, when ...Span) {
	h.add(name, l, func(at time.Time) float64 { return f.count(h.From, at) }, when)
}

// Gauge adds a series with a value that does not change.
func (h *History) Gauge(name string, l Labels, value float64, when ...Span) {
	h.add(name, l, func(time.Time) float64 { return value }, when)
}

// Func adds a series whose value is any function of time.
func (h *History) Func(name string, l Labels, value func(time.Time) float64, when ...Span) {
	h.add(name, l, value, when)
}

func (h *History) add(name string, l Labels, value func(time.Time) float64, when []Span) {
	s := series{text: name + l.String(), value: value, from: h.From, to: Now}
	for _, w := range when {
		if w.From.After(s.from) {
			s.from = w.From
		}
		if !w.To.IsZero() && w.To.Before(s.to) {
			s.to = w.To
		}
	}
	h.series = append(h.series, s)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// String returns the labels as in the exposition format, sorted by name.
func (l Labels) String() string {
	if len(l) == 0 {
		return ""
	}
	pairs := make([]string, 0, len(l))
	for name, value := range l {
		pairs = append(pairs, name+`="`+escape.Replace(value)+`"`)
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

// In returns the history with another name for the namespace shop, for tests that
// cannot have that one.
func (h History) In(namespace string) History {
	rename := strings.NewReplacer(`="shop"`, `="`+namespace+`"`, ".shop.svc.", "."+namespace+".svc.")
	all := make([]series, len(h.series))
	for i, s := range h.series {
		s.text = rename.Replace(s.text)
		all[i] = s
	}
	h.series = all
	return h
}

// OpenMetrics returns the history as text with a timestamp on every sample.
func (h History) OpenMetrics() []byte {
	var out bytes.Buffer
	_ = h.write(&out) // a buffer takes everything
	return out.Bytes()
}

func (h History) write(to io.Writer) error {
	out := bufio.NewWriterSize(to, 1<<16)
	var number []byte
	for _, s := range h.series {
		for at := h.From; !at.After(s.to); at = at.Add(h.Interval) {
			if at.Before(s.from) {
				continue
			}
			number = append(number[:0], ' ')
			number = strconv.AppendFloat(number, s.value(at), 'g', -1, 64)
			number = append(number, ' ')
			number = strconv.AppendFloat(number, float64(at.UnixMilli())/1000, 'f', -1, 64)
			number = append(number, '\n')
			out.WriteString(s.text)
			out.Write(number)
		}
	}
	out.WriteString("# EOF\n")
	return out.Flush()
}
