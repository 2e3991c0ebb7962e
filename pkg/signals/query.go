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
	// How many series each bucket is the sum of.
	tagSeries = "n"
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
	// Counted adds of how many series each bucket is made. It tells pods with
	// different bounds, which a sum hides, and costs as much as the buckets do.
	Counted bool
}

// PromQL returns the one expression: requests by outcome and latency buckets,
// each with its tag, united by "or". It fetches buckets, not quantiles: all
// quantiles, counts and shares are then computed from the same answer.
func (q Query) PromQL() string {
	var parts []string
	all := q.Profile.series(q.TCP)
	if i := slices.IndexFunc(all, func(s series) bool { return s.tag == tagLatency }); q.Counted && i >= 0 {
		all = append(all, series{all[i].metric, tagSeries, all[i].by})
	}
	for _, s := range all {
		sum := "sum"
		if s.tag == tagSeries {
			sum = "count"
		}
		parts = append(parts, fmt.Sprintf(`label_replace(%s by (%s) (rate(%s[%s])),%s,%s,"","")`,
			sum, strings.Join(quoteNames(s.by), ","), selector(s.metric, q.Match), PromDuration(q.Window),
			Quote(TagLabel), Quote(s.tag)))
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
