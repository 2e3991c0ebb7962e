// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

const z95 = 1.959963984540054

func p(k, n float64) compare.Proportion { return compare.Proportion{K: k, N: n} }

func close4(got, want float64) bool { return math.Abs(got-want) < 0.00005+1e-12 }

// Table I of Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
func TestWilsonPublished(t *testing.T) {
	for _, c := range []struct{ k, n, low, high float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		if i := compare.Wilson(p(c.k, c.n), z95); !close4(i.Low, c.low) || !close4(i.High, c.high) {
			t.Errorf("%v/%v: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, i.Low, i.High, c.low, c.high)
		}
	}
}

// Table II of Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
func TestNewcombePublished(t *testing.T) {
	for _, c := range []struct{ ka, na, kb, nb, low, high float64 }{
		{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926}, {0, 10, 0, 20, -0.1611, 0.2775}, {0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1}, {10, 10, 0, 10, 0.6075, 1},
	} {
		if i := compare.Newcombe(p(c.ka, c.na), p(c.kb, c.nb), z95); !close4(i.Low, c.low) || !close4(i.High, c.high) {
			t.Errorf("%v/%v-%v/%v: %.4f to %.4f, want %.4f to %.4f", c.ka, c.na, c.kb, c.nb, i.Low, i.High, c.low, c.high)
		}
	}
}

// The tea of Fisher, The Design of Experiments (1935), chapter II (1/70 and 34/70),
// and the twins of his JRSS 98 (1935) 39-82, as in the documentation of R's
// fisher.test (p = 0.0005367).
func TestFisherPublished(t *testing.T) {
	for _, c := range []struct{ ka, na, kb, nb, want float64 }{
		{4, 4, 0, 4, 2.0 / 70}, {3, 4, 1, 4, 34.0 / 70}, {2, 17, 10, 13, 0.0005367}, {0, 10, 0, 10, 1}, {10, 10, 10, 10, 1},
	} {
		if got := compare.Fisher(p(c.ka, c.na), p(c.kb, c.nb)); math.Abs(got-c.want) > 5e-8 {
			t.Errorf("%v/%v and %v/%v: %.7f, want %.7f", c.ka, c.na, c.kb, c.nb, got, c.want)
		}
	}
}

// Fisher's test against counting: every way to hand out k failures to na+nb
// requests is equally likely.
func TestFisherAgainstCounting(t *testing.T) {
	for na := range 7 {
		for nb := range 6 {
			for ka := range na + 1 {
				for kb := range nb + 1 {
					if na == 0 || nb == 0 {
						continue
					}
					ways := make([]int, na+1)
					for set := range 1 << (na + nb) {
						inA, all := ones(set&(1<<na-1)), ones(set)
						if all == ka+kb {
							ways[inA]++
						}
					}
					var likely, total int
					for _, w := range ways {
						total += w
						if w <= ways[ka] {
							likely += w
						}
					}
					got := compare.Fisher(p(float64(ka), float64(na)), p(float64(kb), float64(nb)))
					if want := float64(likely) / float64(total); math.Abs(got-want) > 1e-9 {
						t.Fatalf("%d/%d and %d/%d: %v, want %v", ka, na, kb, nb, got, want)
					}
				}
			}
		}
	}
}

func ones(set int) (n int) {
	for ; set > 0; set &= set - 1 {
		n++
	}
	return n
}

// The z test of 56/70 and 48/80, by hand: pooled 104/150, z = 0.2 / sqrt(104/150 *
// 46/150 * (1/70+1/80)) = 2.650172, p = 0.008045; and Fisher's below 5 expected.
func TestDifferent(t *testing.T) {
	got, exact := compare.Different(p(56, 70), p(48, 80))
	z := 0.2 / math.Sqrt(104.0/150*46/150*(1.0/70+1.0/80))
	if exact || math.Abs(z-2.650172) > 1e-6 || math.Abs(got-0.008045) > 1e-6 {
		t.Errorf("z %v p %v exact %v", z, got, exact)
	}
	if got, exact := compare.Different(p(2, 17), p(10, 13)); exact || got > 0.001 {
		t.Errorf("expected cells are 5.2 and more: p %v exact %v", got, exact)
	}
	if got, exact := compare.Different(p(3, 4), p(1, 4)); !exact || math.Abs(got-34.0/70) > 1e-9 {
		t.Errorf("expected cells are 2: p %v exact %v", got, exact)
	}
	for _, bad := range []compare.Proportion{{}, p(2, 1), p(-1, 2), p(math.NaN(), 3), p(1, math.Inf(1))} {
		if got, _ := compare.Different(bad, p(1, 2)); got != 1 {
			t.Errorf("%v: %v", bad, got)
		}
		if compare.Wilson(bad, z95) != (compare.Interval{Low: 0, High: 1}) || compare.Newcombe(p(1, 2), bad, z95) != (compare.Interval{Low: -1, High: 1}) || compare.Fisher(bad, p(1, 2)) != 1 {
			t.Errorf("%v is taken for data", bad)
		}
	}
}

// Points of the normal distribution, and of Kolmogorov's as in Smirnov, Annals of
// Mathematical Statistics 19 (1948) 279-281: 1.2238, 1.3581 and 1.6276 are exceeded
// by 10, 5 and 1 %.
func TestTables(t *testing.T) {
	for confidence, want := range map[float64]float64{0.9: 1.644854, 0.95: 1.959964, 0.99: 2.575829, 0: 1.959964, 1: 1.959964, math.NaN(): 1.959964} {
		if got := compare.Critical(confidence); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v: %v, want %v", confidence, got, want)
		}
	}
	for x, want := range map[float64]float64{1.2238: 0.1, 1.3581: 0.05, 1.6276: 0.01, 0.3: 0.9999907, 0.5: 0.9639452, 1.0: 0.2699997} {
		// So many that the correction vanishes: sqrt(n/2) * D = x.
		const n = 2e12
		d, got := compare.Kolmogorov([]float64{0, 0.5, 1}, []float64{0, 0.5 + x/1e6, 1}, n, n)
		if math.Abs(got-want) > 5e-5 || math.Abs(d-x/1e6) > 1e-12 {
			t.Errorf("%v: D %v p %v, want %v", x, d, got, want)
		}
	}
	if d, got := compare.Kolmogorov([]float64{0.5}, []float64{0.5}, 10, 10); d != 0 || got != 1 {
		t.Errorf("equal: %v %v", d, got)
	}
	if _, got := compare.Kolmogorov([]float64{0.1}, []float64{0.9}, 0, 10); got != 1 {
		t.Errorf("no data: %v", got)
	}
}

// Intervals hold the truth about as often as they say, and contain the estimate.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rounds = 4000
	for _, truth := range []float64{0.005, 0.1, 0.5} {
		var one, two, rejected int
		for range rounds {
			a, b := p(binomial(r, 300, truth), 300), p(binomial(r, 200, truth), 200)
			i := compare.Wilson(a, z95)
			if !i.Has(a.Share()) || i.Low < 0 || i.High > 1 {
				t.Fatalf("%v is not in %v", a, i)
			}
			if i.Has(truth) {
				one++
			}
			if compare.Newcombe(a, b, z95).Has(0) {
				two++
			}
			if pv, _ := compare.Different(a, b); pv < 0.05 {
				rejected++
			}
		}
		if one < rounds*93/100 || two < rounds*93/100 || rejected > rounds*6/100 {
			t.Errorf("truth %v: Wilson holds it %d, Newcombe %d times, the test rejects %d of %d", truth, one, two, rejected, rounds)
		}
	}
}

func binomial(r *rand.Rand, n int, p float64) (k float64) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}
