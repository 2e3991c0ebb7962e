// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

var inf = math.Inf(1)

// envoyGrid are the bounds of Envoy's histograms, in milliseconds.
var envoyGrid = []float64{0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000, inf}

// observe counts values in buckets.
func observe(grid []float64, values ...float64) signals.Histogram {
	h := make([]signals.Bucket, len(grid))
	for i, le := range grid {
		h[i].LE = le
		for _, v := range values {
			if v <= le {
				h[i].Count++
			}
		}
	}
	return signals.NewHistogram(h)
}

func same(a, b float64) bool { return a == b || (math.IsNaN(a) && math.IsNaN(b)) }

// Known values: those measured with Prometheus for constant latencies on Envoy's
// grid, those of the examples and comments of promql/quantile.go, and its special
// cases.
func TestQuantile(t *testing.T) {
	constant := func(ms float64) signals.Histogram { return observe(envoyGrid, ms, ms, ms, ms) }
	h := func(b ...signals.Bucket) signals.Histogram { return signals.NewHistogram(b) }
	for _, c := range []struct {
		name    string
		h       signals.Histogram
		q, want float64
	}{
		{"30 ms, p50", constant(30), 0.5, 37.5},
		{"30 ms, p99", constant(30), 0.99, 49.75},
		{"900 ms, p50", constant(900), 0.5, 750},
		{"two hours are beyond the bounds", constant(7.2e6), 0.5, 3.6e6},
		{"q 0 where the first bucket is empty: 0/0, also in Prometheus", constant(30), 0, none},
		{"q 0", constant(0.2), 0, 0},
		{"q 1", constant(30), 1, 50},
		{"q below 0", constant(30), -0.1, math.Inf(-1)},
		{"q above 1", constant(30), 1.1, inf},
		{"q NaN", constant(30), none, none},
		{"no observations", observe(envoyGrid), 0.5, none},
		{"no buckets", nil, 0.5, none},
		{"one bucket", h(signals.Bucket{LE: inf, Count: 3}), 0.5, none},
		{"no last bucket", h(signals.Bucket{LE: 1, Count: 1}, signals.Bucket{LE: 2, Count: 3}), 0.5, none},
		{"first bucket starts at 0", observe([]float64{10, 20, inf}, 5, 5), 0.5, 5},
		{"first bound 0", observe([]float64{0, 1, inf}, -5, -5, 1), 0.5, 0},
		{"q 0 in an empty first bucket up to 0", observe([]float64{0, 1, inf}, 1), 0, 0},
		{"first bound below 0", observe([]float64{-2, 1, inf}, -5, -5, 1), 0.5, -2},
		{"inside, below 0", observe([]float64{-4, -2, 0, inf}, -3, -3), 0.5, -3},
		{"equal bounds are added up", h(signals.Bucket{LE: 1, Count: 2}, signals.Bucket{LE: 1, Count: 2}, signals.Bucket{LE: 2, Count: 8}, signals.Bucket{LE: inf, Count: 8}), 0.75, 1.5},
		{"any order", h(signals.Bucket{LE: inf, Count: 8}, signals.Bucket{LE: 2, Count: 8}, signals.Bucket{LE: 1, Count: 4}), 0.75, 1.5},
		{"counts that fall are raised", h(signals.Bucket{LE: 1, Count: 4}, signals.Bucket{LE: 2, Count: 2}, signals.Bucket{LE: 4, Count: 8}, signals.Bucket{LE: inf, Count: 8}), 0.75, 3},
		// Rounding puts the rank in the bucket before it, and only just.
		{"rounding upwards is ignored", h(signals.Bucket{LE: 1, Count: 1}, signals.Bucket{LE: 2, Count: 1 + 1e-14}, signals.Bucket{LE: 3, Count: 1 + 1e-14}, signals.Bucket{LE: inf, Count: 1 + 1e-14}), 1, 1},
		{"a real difference is not", h(signals.Bucket{LE: 1, Count: 1}, signals.Bucket{LE: 2, Count: 1 + 1e-9}, signals.Bucket{LE: inf, Count: 1 + 1e-9}), 1, 2},
	} {
		if got := c.h.Quantile(c.q); !same(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// naiveQuantile walks the counts of single buckets, in other words than Quantile:
// it looks for the bucket where the rank runs out.
func naiveQuantile(q float64, grid, each []float64) float64 {
	var n float64
	for _, c := range each {
		n += c
	}
	left, low := q*n, 0.0
	for i, c := range each {
		switch {
		case left > c:
		case i == len(grid)-1:
			return grid[i-1]
		case i == 0 && grid[0] <= 0:
			return grid[0]
		default:
			return low + (grid[i]-low)*(left/c)
		}
		left -= c
		low = grid[i]
	}
	return grid[len(grid)-2]
}

func TestQuantileAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		grid := []float64{float64(r.IntN(3) - 1)}
		for range 1 + r.IntN(8) {
			grid = append(grid, grid[len(grid)-1]+0.25+r.Float64()*10)
		}
		grid = append(grid, inf)
		each := make([]float64, len(grid))
		var b []signals.Bucket
		var sum float64
		for i := range grid {
			if r.IntN(3) > 0 {
				each[i] = float64(r.IntN(100))
			}
			sum += each[i]
			b = append(b, signals.Bucket{LE: grid[i], Count: sum})
		}
		r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		q := []float64{0.01, 0.5, 0.9, 0.95, 0.99, 0.999, r.Float64()}[r.IntN(7)]
		got, want := signals.NewHistogram(b).Quantile(q), naiveQuantile(q, grid, each)
		if sum == 0 {
			want = none
		}
		if !same(got, want) && !(math.Abs(got-want) < 1e-9*math.Max(1, math.Abs(want))) {
			t.Fatalf("q %v of %v counting %v: %v, want %v", q, grid, each, got, want)
		}
	}
}

// A quantile is in its bucket, rises with q, and is between what the data allow.
func TestQuantileProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		values := make([]float64, 1+r.IntN(200))
		for i := range values {
			values[i] = math.Exp(r.NormFloat64()*2 + 3)
		}
		l := signals.Latency{Histogram: observe(envoyGrid, values...), PerSecond: 1000}
		before := 0.0
		for _, q := range []float64{0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1} {
			e := l.Quantile(q)
			if e == nil || e.Value < before || e.Value < e.Low || e.Value > e.High || e.N != float64(len(values)) {
				t.Fatalf("q %v: %+v after %v", q, e, before)
			}
			before = e.Value
			// The share below the quantile is q again.
			if s := l.Under(e.Value); !e.Beyond && math.Abs(s.Value-q) > 1e-9 {
				t.Fatalf("share under the %v-quantile is %v", q, s.Value)
			}
		}
		bound := envoyGrid[r.IntN(15)] * (0.5 + r.Float64())
		var truly float64
		for _, v := range values {
			if v <= bound {
				truly++
			}
		}
		truly /= float64(len(values))
		if s := l.Under(bound / 1000); truly < s.Low-1e-12 || truly > s.High+1e-12 || s.Value < s.Low || s.Value > s.High {
			t.Fatalf("share under %v ms is %v, not in %+v", bound, truly, s)
		}
	}
}

func TestBelow(t *testing.T) {
	h := observe([]float64{10, 20, inf}, 5, 15, 15, 30)
	for _, c := range []struct {
		h     signals.Histogram
		bound float64
		want  signals.Share
	}{
		{h, 10, signals.Share{Value: 0.25, Low: 0.25, High: 0.25, N: 4}},
		{h, 15, signals.Share{Value: 0.5, Low: 0.25, High: 0.75, N: 4}},
		{h, 5, signals.Share{Value: 0.125, Low: 0, High: 0.25, N: 4}},
		{h, 0, signals.Share{N: 4}},
		{h, -1, signals.Share{N: 4}},
		{h, 40, signals.Share{Value: 0.75, Low: 0.75, High: 1, N: 4}},
		{h, inf, signals.Share{Value: 1, Low: 1, High: 1, N: 4}},
		{observe([]float64{-1, 1, inf}, -3, 0), -2, signals.Share{Value: 0.5, Low: 0, High: 0.5, N: 2}},
	} {
		if got, ok := c.h.Below(c.bound); !ok || got != c.want {
			t.Errorf("below %v: %+v %v, want %+v", c.bound, got, ok, c.want)
		}
	}
	for name, h := range map[string]signals.Histogram{"nothing": nil, "no last bucket": observe([]float64{1}, 1), "no observations": observe([]float64{1, inf})} {
		if got, ok := h.Below(1); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, ok := h.Below(none); ok {
		t.Errorf("below NaN: %+v", got)
	}
}

// An estimate tells its bucket, that it is beyond the last one, and that buckets
// contradict each other.
func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		h    signals.Histogram
		want signals.Estimate
		text string
	}{
		{observe(envoyGrid, 30, 30), signals.Estimate{Value: 0.0375, Low: 0.025, High: 0.05, N: 2}, "37.5ms"},
		{observe(envoyGrid, 2.7e6), signals.Estimate{Value: 2700, Low: 1800, High: 3600, N: 1}, "2700s"},
		{observe(envoyGrid, 7.2e6), signals.Estimate{Value: 3600, Low: 3600, High: inf, N: 1, Beyond: true}, ">3600s"},
		{observe([]float64{0, 1, inf}, -1), signals.Estimate{Value: 0, Low: math.Inf(-1), High: 0, N: 1}, "0ms"},
		{signals.NewHistogram([]signals.Bucket{{LE: 1000, Count: 4}, {LE: 2000, Count: 2}, {LE: inf, Count: 8}}),
			signals.Estimate{Value: 1, Low: 0, High: 1, N: 8, Forced: true}, "1s"},
	} {
		got := signals.Latency{Histogram: c.h, PerSecond: 1000}.Quantile(0.5)
		if got == nil || *got != c.want || got.String() != c.text {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

// What is not a number is no estimate.
func TestNoEstimate(t *testing.T) {
	l := signals.Latency{Histogram: observe(envoyGrid, 30)}
	for _, q := range []float64{0, -1, 2, none} {
		if e := l.Quantile(q); e != nil {
			t.Errorf("q %v: %+v", q, e)
		}
	}
}

func TestEnough(t *testing.T) {
	for _, c := range []struct {
		q, n float64
		want bool
	}{{0.99, 100, true}, {0.99, 99, false}, {0.9, 10, true}, {0.5, 2, true}, {0.5, 1, false}, {0.999, 1000, true}, {0.999, 999, false}, {0.95, 20, true}, {1, 1e9, false}} {
		if got := signals.Enough(c.q, c.n); got != c.want {
			t.Errorf("p%v of %v: %v", c.q*100, c.n, got)
		}
	}
}

func TestMergeNothing(t *testing.T) {
	if h, grids := signals.Merge(nil, nil); h != nil || grids != 0 {
		t.Errorf("%v %d", h, grids)
	}
	// What is merged stays as it was.
	a, b := observe([]float64{1, 2, inf}, 1, 2), observe([]float64{2, inf}, 1)
	sum, grids := signals.Merge(a, b, a)
	if grids != 2 || sum.Count() != 5 || len(sum) != 2 || a.Count() != 2 || len(a) != 3 || b.Count() != 1 {
		t.Errorf("%v of %d grids; %v and %v afterwards", sum, grids, a, b)
	}
}

func TestParseLE(t *testing.T) {
	for s, want := range map[string]float64{"1": 1, "1.0": 1, "1e0": 1, "0.005": 0.005, "+Inf": inf, "Inf": inf, "-1": -1} {
		if got, err := signals.ParseLE(s); err != nil || got != want {
			t.Errorf("%q: %v %v", s, got, err)
		}
	}
	for _, s := range []string{"", "NaN", "one", "1s", "1,0", " 1"} {
		if got, err := signals.ParseLE(s); err == nil {
			t.Errorf("%q is %v, want an error", s, got)
		}
	}
}
