// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Success judges the share of requests that did not fail against a gate: the
// whole Wilson interval has to be on one side of the threshold. A gate at 100% is
// about there being any failure, and is judged by that alone. requests and failures
// are nil where nobody counted; failures alone nil is an unknown outcome.
func Success(gate Gate, requests, failures *float64, r Rules) Result {
	if requests == nil || failures == nil || !(*requests > 0) {
		return share("success", gate, requests, nil, r)
	}
	good := *requests - min(max(*failures, 0), *requests)
	if *failures > 0 && good == *requests {
		good = math.Nextafter(good, 0) // a failure must not be lost to rounding
	}
	return share("success", gate, requests, &good, r)
}

// ClientErrors judges the share of requests that were answered with 4xx, as Success
// does; errors is nil where the outcome is not known.
func ClientErrors(gate Gate, requests, errors *float64, r Rules) Result {
	return share("client-errors", gate, requests, errors, r)
}

// share judges count of requests against a gate.
func share(metric string, gate Gate, requests, count *float64, r Rules) Result {
	res := Result{Metric: metric, Threshold: gate.String()}
	switch {
	case requests == nil:
		return r.noData(res, "unknown: no data")
	case !(*requests > 0):
		return r.noData(res, "unknown: no requests")
	case count == nil:
		res.N = *requests
		return r.unknown(res, requests, "unknown: the outcome of the requests is not reported")
	}
	res.N = *requests
	p := Proportion{min(max(*count, 0), *requests), *requests}
	value, i := p.Share(), Wilson(p, Critical(r.Confidence))
	res.Value, res.Interval = &value, &i
	if why, short := r.short(res.N); short {
		return r.noData(res, "%s of %s", beside(gate, value), why)
	}
	parts := []string{
		fmt.Sprintf("%s of %s requests", beside(gate, value), about(res.N)),
		"threshold " + gate.String(), interval(Ratio, i, r.Confidence),
	}
	switch res.Verdict = gate.over(i); {
	case gate.exact():
		res.Verdict = Fail
		if gate.Holds(value) {
			res.Verdict = Pass
		}
		parts = append(parts, fmt.Sprintf("judged by the requests seen: none proves %s of those to come", precisely(gate.Value)))
	case res.Verdict == Inconclusive:
		parts = append(parts, "the interval straddles the threshold")
	}
	res.Reason = r.reason(metric, parts...)
	return res
}

// beside writes a share with as many digits as tell it from the threshold.
func beside(gate Gate, v float64) string {
	if text := Ratio.format(v); v == gate.Value || text != Ratio.format(gate.Value) {
		return text
	}
	return precisely(v)
}

// Latency judges a quantile against a gate by the bucket that holds it, which is
// all that is certain: a threshold inside the bucket is inconclusive, whatever side
// of it interpolation puts the value on. It takes enough requests for at least one
// to be above the quantile. requests are all that there were, timed or not, nil where
// nobody counted.
func Latency(gate Gate, q float64, requests *float64, l signals.Latency, r Rules) Result {
	res := Result{Metric: name(q), Threshold: gate.String()}
	e := l.Quantile(q)
	if e == nil {
		why := l.Unknown
		if why == "" {
			why = "no requests were timed"
		}
		return r.unknown(res, requests, "unknown: %s", why)
	}
	res.N = e.N
	if e.Beyond {
		res.Bound = e.String()
	} else {
		res.Value = &e.Value
	}
	if why, short := r.short(e.N); short {
		return r.noData(res, "%s of %s", e, why)
	}
	if !signals.Enough(q, e.N) {
		return r.noData(res, "%s of %s requests, which tell no %s", e, about(e.N), res.Metric)
	}
	res.Interval = &Interval{e.Low, e.High}
	parts := []string{
		fmt.Sprintf("%s of %s requests", e, about(e.N)), "threshold " + gate.String(), "bucket " + signals.Range(e.Low, e.High),
	}
	res.Verdict = gate.Within(e.Low, e.High)
	switch {
	case res.Verdict != Inconclusive:
	case e.Beyond:
		parts = append(parts, "nobody knows how far beyond the last bucket")
	default:
		parts = append(parts, fmt.Sprintf("the threshold is inside the bucket: %s and %s can be judged",
			signals.Duration(e.Low), signals.Duration(e.High)))
	}
	res.Reason = r.reason(res.Metric, parts...)
	return res
}

// name of a quantile: p50, p99, p99.9.
func name(q float64) string { return fmt.Sprintf("p%g", roundPercent(q)) }

// Value judges a quantity that is known exactly, nil if it is not known: rps,
// restarts, the rest of an error budget.
func Value(metric string, gate Gate, v *float64, r Rules) Result {
	res := Result{Metric: metric, Threshold: gate.String(), Value: v}
	if v == nil || *v != *v {
		res.Value = nil
		return r.noData(res, "unknown: no data")
	}
	res.Verdict = Fail
	exact := *v
	if math.Abs(exact-gate.Value) <= noise*math.Max(1, math.Abs(gate.Value)) {
		exact = gate.Value
	}
	if gate.Holds(exact) {
		res.Verdict = Pass
	}
	res.Reason = r.reason(metric, plainly(exact), "threshold "+gate.String())
	return res
}

// noise is what sums of rates are off by: 20 a second may be 19.999999999999996.
const noise = 1e-9

// plainly prints a quantity with at most six decimals.
func plainly(v float64) string {
	const scale = 1e6
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
}
