// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math"
)

// Interval is a range of values, both ends included.
type Interval struct {
	Low, High float64
}

// Has reports whether v is in the interval.
func (i Interval) Has(v float64) bool { return i.Low <= v && v <= i.High }

// quantile95 is the two-sided 95 % point of the normal distribution.
const quantile95 = 1.959963984540054

// Critical returns z such that a standard normal value is within ±z with the
// given confidence, 0.95 for one that is no probability.
func Critical(confidence float64) float64 {
	if !(confidence > 0 && confidence < 1) {
		return quantile95
	}
	return math.Sqrt2 * math.Erfinv(confidence)
}

// Proportion is k of n. Both may be fractions: rates times a window are.
type Proportion struct {
	K, N float64
}

// valid reports whether there is anything to compute.
func (p Proportion) valid() bool {
	return p.N > 0 && p.K >= 0 && p.K <= p.N && !math.IsInf(p.N, 1)
}

// Share returns k/n.
func (p Proportion) Share() float64 { return p.K / p.N }

// Wilson returns the score interval of a proportion: Wilson, JASA 22 (1927)
// 209-212; method 3 of Newcombe, Statistics in Medicine 17 (1998) 857-872. It
// never leaves [0, 1], and without any data it is all of that.
func Wilson(p Proportion, z float64) Interval {
	if !p.valid() {
		return Interval{0, 1}
	}
	share := p.Share()
	mid := 2*p.N*share + z*z
	half := z * math.Sqrt(z*z+4*p.N*share*(1-share))
	all := 2 * (p.N + z*z)
	i := Interval{max(0, (mid-half)/all), min(1, (mid+half)/all)}
	// Exact where rounding would leave a rest.
	if p.K == 0 {
		i.Low = 0
	}
	if p.K == p.N {
		i.High = 1
	}
	return i
}

// Newcombe returns the interval of the difference a-b of two proportions, from
// their Wilson intervals: method 10 of Newcombe, Statistics in Medicine 17 (1998)
// 873-890.
func Newcombe(a, b Proportion, z float64) Interval {
	if !a.valid() || !b.valid() {
		return Interval{-1, 1}
	}
	d, wa, wb := a.Share()-b.Share(), Wilson(a, z), Wilson(b, z)
	return Interval{
		max(-1, d-math.Hypot(a.Share()-wa.Low, wb.High-b.Share())),
		min(1, d+math.Hypot(wa.High-a.Share(), b.Share()-wb.Low)),
	}
}

// minExpected is the expected count of a cell below which the normal
// approximation is not used (Cochran, Biometrics 10 (1954) 417-451).
const minExpected = 5

// Different returns the two-sided p-value of two proportions being one, and
// whether it is Fisher's exact test: that is used if any expected cell is below 5,
// the pooled z test else. Without data in either arm p is 1.
func Different(a, b Proportion) (p float64, exact bool) {
	if !a.valid() || !b.valid() {
		return 1, false
	}
	pooled := (a.K + b.K) / (a.N + b.N)
	if min(a.N, b.N)*min(pooled, 1-pooled) < minExpected {
		return Fisher(a, b), true
	}
	z := (a.Share() - b.Share()) / math.Sqrt(pooled*(1-pooled)*(1/a.N+1/b.N))
	return math.Erfc(math.Abs(z) / math.Sqrt2), false
}

// Fisher returns the two-sided p-value of Fisher's exact test: the probability,
// with the margins as they are, of all tables that are at most as likely as the
// one seen. Counts are rounded to whole numbers.
func Fisher(a, b Proportion) float64 {
	if !a.valid() || !b.valid() {
		return 1
	}
	ka, na, nb := math.Round(a.K), math.Round(a.N), math.Round(b.N)
	k := ka + math.Round(b.K)
	if na == 0 || nb == 0 {
		return 1
	}
	base := logChoose(na+nb, k)
	chance := func(x float64) float64 { return math.Exp(logChoose(na, x) + logChoose(nb, k-x) - base) }
	// Tables as likely as the seen one must not be lost to rounding.
	limit := chance(ka) * (1 + 1e-7)
	low, high := max(0, k-nb), min(k, na)
	// From either end inwards: past the limit there is nothing more to add, since
	// chances rise to the mode and fall after it.
	var p float64
	for ; low <= high; low++ {
		c := chance(low)
		if c > limit {
			break
		}
		p += c
	}
	for ; high >= low; high-- {
		c := chance(high)
		if c > limit {
			break
		}
		p += c
	}
	return min(p, 1)
}

// logChoose is the logarithm of the binomial coefficient.
func logChoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// Kolmogorov returns the largest distance of two cumulative distributions, given
// as shares at the same bounds, and the p-value of both being one, for samples of
// na and nb. The p-value is the asymptotic one with Stephens' correction (JRSS B
// 32 (1970) 115-122). On buckets it is too large if anything: what differs inside
// a bucket is not seen, so a difference is never invented.
func Kolmogorov(a, b []float64, na, nb float64) (distance, p float64) {
	for i := range min(len(a), len(b)) {
		distance = max(distance, math.Abs(a[i]-b[i]))
	}
	if !(na > 0 && nb > 0) {
		return distance, 1
	}
	root := math.Sqrt(na * nb / (na + nb))
	return distance, kolmogorovTail((root + 0.12 + 0.11/root) * distance)
}

// kolmogorovTail is the probability that Kolmogorov's statistic exceeds x, by
// whichever of its two series converges there.
func kolmogorovTail(x float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x < 1.18:
		var sum float64
		for k := 1.0; k <= 9; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * x * x))
		}
		return min(1, max(0, 1-math.Sqrt(2*math.Pi)/x*sum))
	}
	var sum float64
	sign := 1.0
	for k := 1.0; k <= 6; k++ {
		sum += sign * math.Exp(-2*k*k*x*x)
		sign = -sign
	}
	return min(1, max(0, 2*sum))
}
