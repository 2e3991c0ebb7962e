// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// leLabel holds the upper bound of a bucket of a classic histogram.
const leLabel = "le"

// ParseLE reads the upper bound of a bucket. "1", "1.0" and "1e0" are one bound
// whoever wrote it; "+Inf" is the last.
func ParseLE(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) {
		return 0, fault.Failedf("%q is no upper bound of a bucket: expected a number or +Inf", s)
	}
	return v, nil
}

// formatLE writes a bound in the one way by which bounds are compared as text.
func formatLE(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Bucket is one of a cumulative histogram: Count observations of at most LE.
type Bucket struct {
	LE, Count float64
}

// Histogram is a cumulative classic histogram, its bounds ascending and each there
// once. Counts are whatever was counted: observations, or observations a second.
type Histogram []Bucket

// NewHistogram sorts buckets and adds up those with one bound. The buckets are
// not changed.
func NewHistogram(buckets []Bucket) Histogram {
	h := Histogram(slices.Clone(buckets))
	slices.SortStableFunc(h, func(a, b Bucket) int { return cmp.Compare(a.LE, b.LE) })
	n := 0
	for i := range h {
		if n > 0 && h[n-1].LE == h[i].LE {
			h[n-1].Count += h[i].Count
			continue
		}
		h[n] = h[i]
		n++
	}
	return h[:n]
}

// Count returns the number of observations, 0 without a +Inf bucket: nobody knows
// then how many there were.
func (h Histogram) Count() float64 {
	if len(h) == 0 || !math.IsInf(h[len(h)-1].LE, 1) {
		return 0
	}
	return h[len(h)-1].Count
}

// Scale returns h with its counts multiplied.
func (h Histogram) Scale(by float64) Histogram {
	out := slices.Clone(h)
	for i := range out {
		out[i].Count *= by
	}
	return out
}

// grid is what histograms have in common if they can be added bucket by bucket.
func (h Histogram) grid() string {
	var b strings.Builder
	for _, x := range h {
		b.WriteString(formatLE(x.LE))
		b.WriteByte(' ')
	}
	return b.String()
}

// Merge adds histograms up and returns how many grids they had. Cumulative counts
// of different grids may be added only at bounds they share, where the sum is
// exact; the other bounds are given up.
func Merge(all ...Histogram) (Histogram, int) {
	grids := map[string]bool{}
	var sum Histogram
	for _, h := range all {
		if len(h) == 0 {
			continue
		}
		id := h.grid()
		first := len(grids) == 0
		grids[id] = true
		if first {
			sum = slices.Clone(h)
			continue
		}
		sum = plus(sum, h)
	}
	return sum, len(grids)
}

// plus adds two histograms at the bounds that both have.
func plus(a, b Histogram) Histogram {
	out := a[:0]
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].LE < b[j].LE:
			i++
		case a[i].LE > b[j].LE:
			j++
		default:
			out = append(out, Bucket{a[i].LE, a[i].Count + b[j].Count})
			i++
			j++
		}
	}
	return out
}

// monotonic returns h with counts that never fall, and whether any did by more
// than rounding. Differences below one in 10^12 are rounding in either direction.
func (h Histogram) monotonic() (Histogram, bool) {
	out, forced := slices.Clone(h), false
	for i := 1; i < len(out); i++ {
		before, now := out[i-1].Count, out[i].Count
		switch {
		case now == before:
		case nearly(before, now):
			out[i].Count = before
		case now < before:
			out[i].Count, forced = before, true
		}
	}
	return out, forced
}

// made is of what a row's buckets are the sums: so many series of so many histograms.
type made struct{ series, whole float64 }

// mixed reports whether a sum is one of histograms with different bounds: as it is
// known that each of n has all bounds of the sum only if there are n times as many
// series. Where nobody counted, or what was counted is gone, nobody knows.
func (m made) mixed(sum Histogram) bool {
	return m.whole > 0 && m.series != m.whole*float64(len(sum))
}

// count notes how many series there are of a row.
func (f *folder) count(r row, n float64) {
	all := r.tag == tagSeries
	r.tag = tagLatency // it is about the same row
	m := f.made[r]
	if all {
		m.series += n
	} else {
		m.whole += n
	}
	f.made[r] = m
}

// contradicts reports whether counts fall, which those of one process never do. A
// quantile of them is what Prometheus makes of it, and wrong.
func (h Histogram) contradicts() bool {
	_, forced := h.monotonic()
	return forced
}

// The least normal number, and the relative difference that is still rounding, as
// Prometheus has it (promql/quantile.go, util/almost).
const (
	leastNormal = 0x1p-1022
	rounding    = 1e-12
)

func nearly(a, b float64) bool {
	size, diff := math.Abs(a)+math.Abs(b), math.Abs(a-b)
	if a == 0 || b == 0 || size < leastNormal {
		return diff < rounding*leastNormal
	}
	return diff/math.Min(size, math.MaxFloat64) < rounding
}
