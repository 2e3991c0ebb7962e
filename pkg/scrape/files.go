// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Files is a source of golden signals from saved expositions: one with a time on
// every line, as `promtool tsdb dump-openmetrics` writes them, or two dumps of one
// process, such as its /stats/prometheus, of which the first is the older.
type Files struct {
	Paths []string
	// Read returns what a file holds.
	Read func(path string) ([]byte, error)
	// At is the end of the window in a file with times; zero is the last of them.
	At time.Time
	// Apart is the time between two dumps that have no times. Zero is as far apart as
	// they were written.
	Apart time.Duration
	// Written returns when a file was written; may be nil if nobody knows.
	Written func(path string) (time.Time, error)
}

// earliest is before any time that a sample may have: seconds read as milliseconds
// are all before it.
var earliest = time.Unix(1e8, 0)

// dump is a file with the samples of some metrics.
type dump struct {
	path   string
	points []Point
	// blank says that it has no samples at all, of whatever metric.
	blank bool
	// first and last are the earliest and the latest time in it; zero without any.
	// Timeless are the samples that have none.
	first, last time.Time
	timeless    int
}

// Signals implements [signals.Source].
func (f *Files) Signals(_ context.Context, q signals.Query) (signals.Answer, error) {
	metrics := q.Metrics()
	if len(f.Paths) == 2 {
		metrics = append(metrics, signals.Lives()...)
	}
	dumps, err := f.load(metrics)
	if err != nil {
		return signals.Answer{}, err
	}
	if len(dumps) == 2 {
		return f.between(dumps[0], dumps[1], q)
	}
	return f.within(dumps[0], q)
}

// Names returns the names of all metrics in the files, sorted.
func (f *Files) Names() ([]string, error) {
	dumps, err := f.load(nil)
	names := map[string]bool{}
	for _, d := range dumps {
		for _, p := range d.points {
			names[p.Labels.Get(nameLabel)] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), err
}

// load reads the files; nil metrics are all.
func (f *Files) load(metrics []string) ([]dump, error) {
	if len(f.Paths) != 1 && len(f.Paths) != 2 {
		return nil, fault.Usagef("expected one file with times or two without, found %d", len(f.Paths)).Try("--source file:BEFORE,AFTER")
	}
	var out []dump
	for _, path := range f.Paths {
		data, err := f.Read(path)
		if err != nil {
			return nil, err
		}
		data = bytes.TrimPrefix(data, []byte("\ufeff")) // of an editor
		d := dump{path: path, blank: blank(data)}
		format := Format{Name: path, OpenMetrics: bytes.HasSuffix(bytes.TrimRight(data, " \t\r\n"), []byte(theEnd))}
		if metrics != nil {
			format.Wanted = func(name string) bool { return slices.Contains(metrics, name) }
		}
		err = format.Read(bytes.NewReader(data), func(p Point) error {
			d.points = append(d.points, p)
			if p.At.IsZero() {
				d.timeless++
				return nil
			}
			if p.At.After(d.last) {
				d.last = p.At
			}
			if d.first.IsZero() || p.At.Before(d.first) {
				d.first = p.At
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// blank reports whether there is nothing but comments.
func blank(data []byte) bool {
	for line := range bytes.Lines(data) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			return false
		}
	}
	return true
}

// between subtracts two dumps.
func (f *Files) between(before, after dump, q signals.Query) (signals.Answer, error) {
	for _, d := range []dump{before, after} {
		if d.blank { // all that the other one counted would seem to have come since
			return signals.Answer{}, fault.Failedf("expected what a process counted, found no samples: a scrape that failed?").At(d.path).
				Try("scrape it again: --source file:BEFORE,AFTER")
		}
	}
	at, apart, warning, err := f.times(before, after)
	if err != nil {
		return signals.Answer{}, err
	}
	vector, err := signals.Delta(before.scrape(at.Add(-apart)), after.scrape(at), q)
	if err != nil {
		return signals.Answer{}, err
	}
	answer := signals.Answer{Vector: vector, At: at, Window: apart}
	if warning != "" {
		answer.Warnings = []string{warning}
	}
	return answer, nil
}

// times are when the second of two dumps was taken, and how long after the first:
// what they say themselves, what the caller says, or when they were written, which
// for copies is when they were copied.
func (f *Files) times(before, after dump) (at time.Time, apart time.Duration, warning string, err error) {
	if !before.last.IsZero() && !after.last.IsZero() {
		return after.last, after.last.Sub(before.last), "", nil
	}
	if f.Apart > 0 {
		return f.At, f.Apart, "", nil
	}
	var written [2]time.Time
	for i, d := range []dump{before, after} {
		if f.Written == nil {
			break
		}
		if written[i], err = f.Written(d.path); err != nil {
			return at, 0, "", err
		}
	}
	apart = written[1].Sub(written[0])
	if apart < time.Second {
		return at, 0, "", fault.Usagef("expected to know how long after %s the file %s was made: they have no times, and were not written one after the other", before.path, after.path).
			Try("--scrape-interval 10s says so")
	}
	warning = fmt.Sprintf("the files have no times: taken to be %s apart, as they were written; --scrape-interval says otherwise", apart.Round(time.Millisecond))
	return written[1], apart, warning, nil
}

func (d dump) scrape(at time.Time) signals.Scrape {
	s := signals.Scrape{Instance: "file", At: at}
	for _, p := range d.points {
		s.Samples = append(s.Samples, p.Sample)
	}
	return s
}

// within takes the rates of a file with times.
func (f *Files) within(d dump, q signals.Query) (signals.Answer, error) {
	end := f.At
	if end.IsZero() || end.After(d.last) && !d.last.IsZero() {
		end = d.last
	}
	switch {
	case d.timeless > 0:
		return signals.Answer{}, fault.Usagef("expected a time on every line, or a second file to compare with").At(d.path).
			Try("--source file:%s,LATER", d.path)
	case !d.last.IsZero() && d.last.Before(earliest):
		return signals.Answer{}, fault.Usagef("expected times in milliseconds, or %s as the last line, which says that they are seconds; the last time is %s",
			theEnd, d.last.UTC().Format(time.RFC3339)).At(d.path).Try("is the file complete?")
	}
	window, warnings := covered(d, end, q.Window)
	series := map[string][]value{}
	labels := map[string]signals.Labels{}
	byName := func(a, b signals.Label) int { return strings.Compare(a.Name, b.Name) }
	var key strings.Builder
	for _, p := range d.points {
		if p.At.After(end) || !p.At.After(end.Add(-window)) || p.Value != p.Value { // NaN is also the marker of an end
			continue
		}
		if !slices.IsSortedFunc(p.Labels, byName) { // one series, whatever the order on its lines
			slices.SortFunc(p.Labels, byName)
		}
		key.Reset()
		for _, l := range p.Labels {
			key.WriteString(l.Name + "\xff" + l.Value + "\xff")
		}
		k := key.String()
		series[k] = append(series[k], value{p.At, p.Value})
		labels[k] = p.Labels
	}
	var rates []signals.Sample
	for _, k := range slices.Sorted(maps.Keys(series)) {
		samples := series[k]
		slices.SortStableFunc(samples, func(a, b value) int { return a.at.Compare(b.at) })
		if v, stretched, ok := rate(samples, end, window); ok {
			rates = append(rates, signals.Sample{Labels: labels[k], Value: v, Stretched: stretched})
		}
	}
	return signals.Answer{Vector: signals.Named(rates, q), At: end, Window: window, Warnings: warnings}, nil
}

// covered is the window, or what the file has of it where that is less than half: what
// was not saved is not zero, as it would be in a rate over all of the window.
func covered(d dump, end time.Time, window time.Duration) (time.Duration, []string) {
	has := end.Sub(d.first)
	if d.first.IsZero() || has <= 0 || has >= window/2 {
		return window, nil
	}
	return has + time.Millisecond, []string{fmt.Sprintf("%s begins %s before %s: rates are of that time, and not of %s",
		d.path, signals.Span(has), end.UTC().Format(time.RFC3339), signals.PromDuration(window))}
}
