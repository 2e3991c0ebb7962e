// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"math"
	"sort"
)

// Quantile returns the q-quantile of h as Prometheus' histogram_quantile does
// (promql/quantile.go), in the unit of the bounds:
//
//   - linear between the bounds of the bucket that holds it; the first bucket
//     starts at 0, or is its own bound if that is not above 0;
//   - in the +Inf bucket, the last finite bound;
//   - NaN without observations, without a +Inf bucket, with fewer than two
//     buckets and for q NaN; -Inf for q < 0 and +Inf for q > 1;
//   - counts that fall from bucket to bucket are raised to the one before.
func (h Histogram) Quantile(q float64) float64 {
	v, _, _ := h.quantile(q)
	return v
}

// quantile returns also the index of the bucket that holds the quantile, -1 if
// there is none, and whether counts had to be raised.
func (h Histogram) quantile(q float64) (value float64, at int, forced bool) {
	switch {
	case math.IsNaN(q):
		return q, -1, false
	case q < 0:
		return math.Inf(-1), -1, false
	case q > 1:
		return math.Inf(1), -1, false
	}
	last := len(h) - 1
	if last < 1 || !math.IsInf(h[last].LE, 1) {
		return math.NaN(), -1, false
	}
	h, forced = h.monotonic()
	n := h[last].Count
	if n == 0 || math.IsNaN(n) {
		return math.NaN(), -1, forced
	}
	rank := q * n
	at = sort.Search(last, func(i int) bool { return h[i].Count >= rank })
	if at == last {
		return h[last-1].LE, at, forced
	}
	if at == 0 && h[0].LE <= 0 {
		return h[0].LE, at, forced
	}
	low, count := 0.0, h[at].Count
	if at > 0 {
		low = h[at-1].LE
		count -= h[at-1].Count
		rank -= h[at-1].Count
	}
	return low + (h[at].LE-low)*(rank/count), at, forced
}

// Estimate is a quantile with what one must know to believe it.
type Estimate struct {
	// Value in seconds; the bound if the quantile is beyond it.
	Value float64
	// The bucket that holds it, in seconds; High is +Inf in the last one. The
	// true value is somewhere in it.
	Low, High float64
	// N is the number of requests it is made of.
	N float64
	// Beyond says that it is above the last finite bound, nobody knows how far.
	Beyond bool
	// Forced says that the buckets contradicted each other, usually because
	// proxies with different bounds were added up.
	Forced bool
}

// Enough reports whether n observations can tell a q-quantile: at least one is
// expected above it.
func Enough(q, n float64) bool {
	const slack = 1e-9 // 100*(1-0.99) is not 1 in binary
	return n*(1-q) >= 1-slack
}

// Share is how many observations are at most some bound.
type Share struct {
	// Value is interpolated like a quantile; Low and High are certain. All
	// three are equal if the bound is one of the histogram's.
	Value, Low, High float64
	// N is the number of observations.
	N float64
}

// Below returns the share of observations of at most bound, in the unit of the
// bounds; false if there are none. Value is Prometheus' histogram_fraction(-Inf, bound).
func (h Histogram) Below(bound float64) (Share, bool) {
	last := len(h) - 1
	if math.IsNaN(bound) || last < 0 || !(h.Count() > 0) {
		return Share{}, false
	}
	h, _ = h.monotonic()
	n := h[last].Count
	at := sort.Search(len(h), func(i int) bool { return h[i].LE >= bound })
	if at == len(h) || h[at].LE == bound {
		share := h[min(at, last)].Count / n
		return Share{share, share, share, n}, true
	}
	low, under := math.Inf(-1), 0.0
	if at > 0 {
		low, under = h[at-1].LE, h[at-1].Count
	} else if h[0].LE > 0 {
		low = 0
	}
	s := Share{Low: under / n, High: h[at].Count / n, N: n}
	switch {
	case bound <= low:
		s.Value, s.High = s.Low, s.Low
	case math.IsInf(low, -1):
		s.Value = s.High
	default:
		s.Value = (under + (h[at].Count-under)*(bound-low)/(h[at].LE-low)) / n
	}
	return s, true
}
