// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Arm is one side of a comparison.
type Arm struct {
	// Name for people: "v2", "before", "canary".
	Name string
	// Requests and Failures as in Success, nil where nobody counted.
	Requests, Failures *float64
	Latency            signals.Latency
}

// Of makes an arm of a group.
func Of(name string, g signals.Group) Arm {
	return Arm{Name: name, Requests: g.Requests(), Failures: g.Failures(), Latency: g.Latency}
}

// Drop judges whether the candidate fails more often than the baseline: fail if
// that is significant and the share of successes is lower by more than effect (0
// to 1), inconclusive if it is as much lower and that may be chance. Anything else
// passes, once both arms have the minimum of requests.
func Drop(baseline, candidate Arm, effect float64, r Rules) Result {
	res := Result{Metric: "success", Threshold: "drop of " + precisely(effect)}
	for _, a := range []Arm{baseline, candidate} {
		switch {
		case a.Requests == nil:
			return r.noData(res, "unknown: no data of %s", a.Name)
		case !(*a.Requests > 0):
			return r.noData(res, "unknown: %s has no requests", a.Name)
		case a.Failures == nil:
			return r.unknown(res, a.Requests, "unknown: %s does not report the outcome of requests", a.Name)
		}
	}
	res.N = min(*baseline.Requests, *candidate.Requests)
	for _, a := range []Arm{baseline, candidate} {
		if why, short := r.short(*a.Requests); short {
			return r.noData(res, "of %s: %s", a.Name, why)
		}
	}
	b, c := failed(baseline), failed(candidate)
	value := c.Share() - b.Share()
	i := Newcombe(c, b, Critical(r.Confidence))
	p, exact := Different(c, b)
	res.Value, res.Interval, res.P = &value, &i, &p
	test := "z test"
	if exact {
		test = "Fisher"
	}
	res.Verdict = Pass
	if value > effect+tiny {
		res.Verdict = Inconclusive
		if p < r.alpha() {
			res.Verdict = Fail
		}
	}
	res.Reason = r.reason(res.Metric,
		fmt.Sprintf("%s %s of %s, %s %s of %s", candidate.Name, Ratio.format(1-c.Share()), about(c.N), baseline.Name, Ratio.format(1-b.Share()), about(b.N)),
		fmt.Sprintf("%s %s (%s)", change(value), interval(Ratio, i, r.Confidence), test), chance(p), "threshold "+res.Threshold)
	return res
}

// tiny forgives the rounding of a difference that is exactly the effect.
const tiny = 1e-12

func failed(a Arm) Proportion {
	return Proportion{min(max(*a.Failures, 0), *a.Requests), *a.Requests}
}

// change prints a difference of two shares, in percentage points.
func change(v float64) string {
	words := "more failures by "
	if v < 0 {
		words = "fewer failures by "
	}
	return words + strings.TrimSuffix(Ratio.format(math.Abs(v)), "%") + " percentage points,"
}

// chance prints a p-value. One that is too small to be told from 0 is not 0.
func chance(p float64) string {
	if p < 1e-4 {
		return "p<0.0001"
	}
	return fmt.Sprintf("p=%.3g", p)
}

// Slower judges whether the candidate takes longer than the baseline: fail if
// significantly more of its requests are slower than the bucket of the baseline's
// q-quantile, and its own quantile is more than ratio times the baseline's. Where in
// their buckets the two are is a guess, of which alone nothing follows. Kolmogorov-Smirnov
// on the bounds they share, which is told too, hardly sees the last percents; it decides
// where nothing is above that bucket. slo is a bound in seconds whose share is told for
// both, 0 for none.
func Slower(baseline, candidate Arm, q, ratio, slo float64, r Rules) Result {
	res := Result{Metric: name(q), Threshold: fmt.Sprintf("ratio of %g", ratio)}
	var quantiles [2]*signals.Estimate
	for i, a := range []Arm{baseline, candidate} {
		e := a.Latency.Quantile(q)
		if e == nil {
			return r.unknown(res, a.Requests, "unknown: %s has no latency", a.Name)
		}
		if why, short := r.short(e.N); short {
			return r.noData(res, "of %s: %s", a.Name, why)
		}
		if !signals.Enough(q, e.N) {
			return r.noData(res, "of %s: %s requests tell none", a.Name, about(e.N))
		}
		quantiles[i] = e
	}
	b, c := quantiles[0], quantiles[1]
	res.N = min(b.N, c.N)
	shares, ok := shared(baseline.Latency, candidate.Latency)
	if !ok {
		return r.noData(res, "unknown: %s and %s share no bucket bound", baseline.Name, candidate.Name)
	}
	distance, p := Kolmogorov(shares[0], shares[1], b.N, c.N)
	beyond, told := tails(baseline.Latency, candidate.Latency, b, c.N)
	if !told {
		beyond = p
	}
	value := c.Value / b.Value
	res.P = &p
	if !math.IsNaN(value) && !math.IsInf(value, 0) {
		res.Value = &value
	}
	parts := []string{
		fmt.Sprintf("%s %s of %s, %s %s of %s", candidate.Name, c, about(c.N), baseline.Name, b, about(b.N)),
		fmt.Sprintf("ratio %.3g", value), fmt.Sprintf("KS D=%.3g %s", distance, chance(p)), "tail " + chance(beyond), "threshold " + res.Threshold,
	}
	if text := overSLO(baseline, candidate, slo); text != "" {
		parts = append(parts, text)
	}
	switch larger := value > ratio*(1+tiny); {
	case !(beyond < r.alpha()):
		res.Verdict = Pass
	case c.Beyond && (b.Beyond || !larger):
		// Above the last bound nobody knows by how much.
		res.Verdict = Inconclusive
		parts = append(parts, "nobody knows how far beyond the last bucket")
	case larger:
		res.Verdict = Fail
	default:
		res.Verdict = Pass
	}
	res.Reason = r.reason(res.Metric, parts...)
	return res
}

// overSLO tells the shares of both arms above a bound.
func overSLO(baseline, candidate Arm, slo float64) string {
	b, c := baseline.Latency.Under(slo), candidate.Latency.Under(slo)
	if !(slo > 0) || b == nil || c == nil {
		return ""
	}
	return fmt.Sprintf("over %s: %s %s, %s %s", signals.Duration(slo), candidate.Name, Ratio.format(1-c.Value), baseline.Name, Ratio.format(1-b.Value))
}

// tails is the p-value of as many requests being slower than a quantile of the baseline
// in both, at the first bound they share that is not below it; false without any. n is
// how many the candidate has.
func tails(baseline, candidate signals.Latency, of *signals.Estimate, n float64) (float64, bool) {
	with := candidate.Bounds()
	for i, bound := range baseline.Bounds() {
		j := slices.Index(with, bound)
		if j < 0 || bound < of.High || math.IsInf(bound, 1) {
			continue
		}
		slow := func(h signals.Histogram, i int, n float64) Proportion {
			return Proportion{n * max(0, 1-h[i].Count/h.Count()), n}
		}
		p, _ := Different(slow(baseline.Histogram, i, of.N), slow(candidate.Histogram, j, n))
		return p, true
	}
	return 1, false
}

// shared returns the cumulative shares of two latencies at the bounds they share,
// which have to be more than +Inf.
func shared(a, b signals.Latency) ([2][]float64, bool) {
	var out [2][]float64
	with := b.Bounds()
	for i, bound := range a.Bounds() {
		if j := slices.Index(with, bound); j >= 0 {
			out[0] = append(out[0], a.Histogram[i].Count/a.Histogram.Count())
			out[1] = append(out[1], b.Histogram[j].Count/b.Histogram.Count())
		}
	}
	return out, len(out[0]) > 1
}
