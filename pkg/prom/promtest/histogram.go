// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import (
	"math"
	"strconv"
)

// Bounds of classic histograms, without the infinite one.
var (
	// Envoy's, in milliseconds, as Istio configures them.
	Envoy = []float64{
		0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
	}
	// Seconds are the defaults of Prometheus' client libraries.
	Seconds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
)

// Took says that a share of all observations has one value, in the unit of the
// bounds. A quantile is interpolated inside the bucket that holds it.
type Took struct{ Share, Value float64 }

// All says that every observation has one value.
func All(value float64) []Took { return []Took{{1, value}} }

// Histogram adds the buckets, the sum and the count of a classic histogram of so
// many observations. Shares add up to 1.
func (h *History) Histogram(name string, l Labels, bounds []float64, f Flow, took []Took, when ...Span) {
	h.Buckets(name, l, bounds, f, took, when...)
	var sum float64
	for _, o := range took {
		sum += o.Share * o.Value
	}
	h.Counter(name+"_sum", l, f.Times(sum), when...)
	h.Counter(name+"_count", l, f, when...)
}

// Buckets adds the buckets alone.
func (h *History) Buckets(name string, l Labels, bounds []float64, f Flow, took []Took, when ...Span) {
	for i := range len(bounds) + 1 {
		le, text := math.Inf(1), "+Inf"
		if i < len(bounds) {
			le = bounds[i]
			text = strconv.FormatFloat(le, 'f', -1, 64)
		}
		var share float64
		for _, o := range took {
			if o.Value <= le {
				share += o.Share
			}
		}
		h.Counter(name+"_bucket", l.With("le", text), f.Times(share), when...)
	}
}
