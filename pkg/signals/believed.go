// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"maps"
	"slices"
)

// Parts returns the query for requests alone, the one for buckets alone and the one
// for their number, for a source to which buckets are dear: ok is false unless one
// view is meant and the answer to the first can spare a part of the second, as
// Believed says.
func (q Query) Parts() (requests, buckets, counts Query, ok bool) {
	p := q.Profile
	if q.View == "" || !p.Paired || p.Receiving != nil || len(p.Keys.Reporter) != 1 || len(p.Metrics) == 0 || p.Metrics[0].Buckets == "" {
		return q, q, q, false
	}
	requests, buckets = q.WithoutLatency(), q
	m := p.Metrics[0]
	buckets.Profile.Metrics = []Metrics{{Buckets: m.Buckets, PerSecond: m.PerSecond}}
	buckets.TCP, buckets.Count = false, Uncounted
	counts = buckets
	counts.Count = CountsAlone
	return requests, buckets, counts, true
}

// Believed returns a matcher for the buckets of the reporters that Fold believes of
// any edge, given the requests in the view of the query; ok is false where it is all
// of them. Where callers have proxies, that leaves out the half of the buckets that
// the called ones report as well.
func (q Query) Believed(requests Vector) (only Matcher, ok bool) {
	o := Options{Profile: q.Profile, View: q.View}
	label := q.Profile.Keys.Reporter[0]
	edges := map[edge]seen{}
	values := map[Reporter]map[string]bool{}
	for _, s := range requests {
		r := o.decode(s.Labels)
		if r.tag != tagRequests || !s.usable() {
			continue
		}
		e, by := o.edge(r), Reporter(r.reporter)
		if edges[e] == nil {
			edges[e] = seen{}
		}
		edges[e][by] += s.Value
		if values[by] == nil {
			values[by] = map[string]bool{}
		}
		values[by][s.Labels.Get(label)] = true
	}
	believed := map[Reporter]bool{}
	for _, saw := range edges {
		believed[q.View.choose(saw)] = true
	}
	if len(believed) == 0 || len(believed) == len(values) {
		return Matcher{}, false
	}
	found := map[string]bool{}
	for by := range believed {
		maps.Copy(found, values[by])
	}
	return Equal(label, slices.Sorted(maps.Keys(found))...), true
}
