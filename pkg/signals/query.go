// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// TagLabel is the label by which the halves of one answer are told apart.
const TagLabel = "_q"

// The values of TagLabel.
const (
	tagRequests = "req"
	tagLatency  = "lat"
	// Bytes as the client sees them: what it sent and what it received.
	tagSent     = "sent"
	tagReceived = "recv"
	// How many series of buckets there are, and how many histograms they are of.
	tagSeries = "n"
	tagWhole  = "whole"
)

// Query asks for the golden signals of one profile in one round trip.
type Query struct {
	Profile Profile
	// Window is what rates are taken over.
	Window time.Duration
	// Match restricts the series.
	Match []Matcher
	// View is the only one that the answer is folded in; empty is both. It lets a
	// source leave out what would not be believed.
	View View
	// TCP adds the bytes of TCP connections, where the profile knows them.
	TCP bool
	// Count says whether to ask of how many series the buckets are made.
	Count Counting
}

// Counting says whether it is asked how many series of buckets there are, and how many
// histograms they are of. It tells pods with different bounds, which a sum hides.
type Counting int

// The ways to ask.
const (
	Uncounted Counting = iota
	Counted
	CountsAlone
)

// WithoutLatency returns the query for requests alone.
func (q Query) WithoutLatency() Query {
	q.Count = Uncounted
	if len(q.Profile.Metrics) > 0 {
		m := q.Profile.Metrics[0]
		q.Profile.Metrics = []Metrics{{Requests: m.Requests, PerSecond: m.PerSecond}}
	}
	return q
}

// PromQL returns the one expression: requests by outcome and latency buckets,
// each with its tag, united by "or". It fetches buckets, not quantiles: all
// quantiles, counts and shares are then computed from the same answer.
func (q Query) PromQL() string {
	var parts []string
	add := func(s series, how string, more ...Matcher) {
		of := selector(s.metric, slices.Concat(q.Match, more))
		if s.tag != tagSeries && s.tag != tagWhole {
			of = "rate(" + of + "[" + PromDuration(q.Window) + "])"
		}
		parts = append(parts, fmt.Sprintf(`label_replace(%s by (%s) (%s),%s,%s,"","")`,
			how, strings.Join(quoteNames(s.by), ","), of, Quote(TagLabel), Quote(s.tag)))
	}
	for _, s := range q.Profile.series(q.TCP) {
		if q.Count != CountsAlone {
			add(s, "sum")
		}
		if s.tag == tagLatency && q.Count != Uncounted {
			who := slices.DeleteFunc(slices.Clone(s.by), func(name string) bool { return name == leLabel })
			add(series{s.metric, tagSeries, who}, "count")
			add(series{s.metric, tagWhole, who}, "count", Equal(leLabel, "+Inf"))
		}
	}
	return strings.Join(parts, " or ")
}

// Metrics returns the names the query reads, sorted.
func (q Query) Metrics() []string {
	var names []string
	for _, s := range q.Profile.series(q.TCP) {
		names = append(names, s.metric)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func quoteNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = labelName(n)
	}
	return out
}

// PromDuration writes a duration as PromQL does: whole milliseconds, the largest
// unit that divides it.
func PromDuration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

// Span writes a duration for people: what was measured between two scrapes is no whole
// second, and nobody asks by how much.
func Span(d time.Duration) string {
	if d >= 10*time.Second {
		d = d.Round(time.Second)
	}
	return PromDuration(d)
}

// minWindow is the shortest window worth a rate whatever the scrape interval.
const minWindow = time.Minute

// CheckWindow refuses a window in which a rate cannot be trusted: less than a
// minute or less than four scrapes. scrape is 0 where it is not known. A rate
// needs two scrapes in the window, and Prometheus 3 leaves its left end open.
func CheckWindow(window, scrape time.Duration) error {
	least := max(minWindow, 4*scrape)
	if window >= least {
		return nil
	}
	why := "the shortest"
	if least > minWindow {
		why = "four scrapes of " + PromDuration(scrape)
	}
	return fault.Usagef("a window of %s is too short for a rate: %s is %s", window, why, PromDuration(least)).
		Try("--window %s", PromDuration(least))
}
