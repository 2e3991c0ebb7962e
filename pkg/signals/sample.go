// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"context"
	"slices"
	"time"
)

// Label is one name and value of a series.
type Label struct {
	Name, Value string
}

// Labels are those of one series, in any order, names unique. A slice, because a
// dozen labels are found faster in it than in a map and 100,000 series have one each.
type Labels []Label

// Get returns the value of a label, "" if there is none, which is how Prometheus
// itself treats a missing label.
func (l Labels) Get(name string) string {
	for i := range l {
		if l[i].Name == name {
			return l[i].Value
		}
	}
	return ""
}

// first returns the first value that is not empty among several names of one thing.
func (l Labels) first(names []string) string {
	for _, name := range names {
		if v := l.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// Sample is one series of an instant vector.
type Sample struct {
	Labels Labels
	// Value is a rate a second for everything a Query asks for.
	Value float64
	// Stretched is the part of Value that no samples tell of: they end before the window
	// does, and the rate is taken to be the same there. 0 where that is not known.
	Stretched float64
	// Native says that the series is a native histogram, which has no le and no
	// value of its own; its quantiles are unknown here.
	Native bool
}

// absurd is more than anybody measures, and so little that sums stay finite.
const absurd = 1e300

// usable reports whether a value is a measurement: NaN (also a stale marker),
// infinities and negative rates are not.
func (s Sample) usable() bool { return s.Value >= 0 && s.Value < absurd }

// Vector is an answer: the series at one instant.
type Vector []Sample

// Answer is what a Source found.
type Answer struct {
	Vector Vector
	// At is the instant of the vector, Window the time its rates are taken over.
	At     time.Time
	Window time.Duration
	// Queries are those that were sent, in the language of the source, if it is not
	// the one of Query.PromQL.
	Queries []string
	// Warnings are for people: partial answers, replicas, clocks apart.
	Warnings []string
}

// Add adds another answer to the same question, its warnings only where they are new.
func (a *Answer) Add(more Answer) {
	a.Vector, a.Queries = append(a.Vector, more.Vector...), append(a.Queries, more.Queries...)
	for _, w := range more.Warnings {
		if !slices.Contains(a.Warnings, w) {
			a.Warnings = append(a.Warnings, w)
		}
	}
}

// Source answers queries: Prometheus, scrapes of sidecars, or files.
type Source interface {
	// Signals answers one query. An error is a source that did not answer;
	// having nothing to tell is an empty vector.
	Signals(ctx context.Context, q Query) (Answer, error)
}
