// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Verdict is what came out.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
)

// Rules are what a verdict is made with; the zero value has the suite's defaults.
type Rules struct {
	// MinRequests is the least number of requests of an arm; 100 if 0.
	MinRequests float64
	// Confidence of intervals and tests; 0.95 if 0.
	Confidence float64
	// NoDataPasses makes no data, and too little of it, a pass.
	NoDataPasses bool
	// Window and View are only told in reasons.
	Window time.Duration
	View   signals.View
}

const defaultMinRequests = 100

func (r Rules) minRequests() float64 {
	if r.MinRequests > 0 {
		return r.MinRequests
	}
	return defaultMinRequests
}

// alpha is the p-value from which on a difference is significant.
func (r Rules) alpha() float64 {
	if !(r.Confidence > 0 && r.Confidence < 1) {
		return 0.05
	}
	return 1 - r.Confidence
}

// Result is a verdict with everything that it is made of.
type Result struct {
	Verdict Verdict
	// Metric is what was judged: "success", "p99", "rps".
	Metric string
	// Reason is one line for people: value, count, threshold, interval.
	Reason string
	// Value is nil where nothing was measured, and where only a bound of it is known.
	Value *float64
	// Bound is that bound for people, ">3600s", "" where there is a value.
	Bound string
	// N is the number of requests; of the smaller arm where there are two.
	N float64
	// Threshold is the gate, or the effect that counts.
	Threshold string
	// Interval of the value, of a quantile its bucket, whose High may be +Inf; nil
	// where none is computed.
	Interval *Interval
	// P is the p-value of a comparison, nil where nothing was compared.
	P *float64
}

// noData is the verdict of (a) no data and (b) too little of it.
func (r Rules) noData(res Result, why string, args ...any) Result {
	parts := []string{fmt.Sprintf(why, args...), "threshold " + res.Threshold}
	res.Verdict = Inconclusive
	if r.NoDataPasses {
		res.Verdict = Pass
		parts = append(parts, "no data may pass")
	}
	res.Reason = r.reason(res.Metric, parts...)
	return res
}

// unknown is the verdict where something is not known of requests. It is one of no data
// only where there are too few of them: enough of which nobody knows how they went are no
// quiet night, and never pass.
func (r Rules) unknown(res Result, requests *float64, why string, args ...any) Result {
	if requests != nil {
		if _, short := r.short(*requests); !short {
			r.NoDataPasses = false
		}
	}
	return r.noData(res, why, args...)
}

// short returns whether an arm is too small, and the words for it.
func (r Rules) short(n float64) (string, bool) {
	if n >= r.minRequests()-slack {
		return "", false
	}
	return fmt.Sprintf("%s requests, fewer than %s", about(n), signals.Count(r.minRequests())), true
}

// slack forgives the rounding of a rate times a window: 100 requests may be
// 99.99999999999999.
const slack = 1e-6

// about prints a count. It is a rate times a window, and an estimate even where it
// happens to be whole.
func about(n float64) string { return "≈" + signals.Count(n) }

// reason joins what there is to say, and ends with window and view.
func (r Rules) reason(metric string, parts ...string) string {
	if r.Window > 0 {
		parts = append(parts, "window "+signals.Span(r.Window))
	}
	if r.View != "" {
		parts = append(parts, "view "+string(r.View))
	}
	return metric + " " + strings.Join(parts, ", ")
}

// interval prints an interval with its confidence.
func interval(u Unit, i Interval, confidence float64) string {
	if !(confidence > 0 && confidence < 1) {
		confidence = 0.95
	}
	return fmt.Sprintf("%g%% interval %s to %s", roundPercent(confidence), u.format(i.Low), u.format(i.High))
}

func roundPercent(confidence float64) float64 { return math.Round(confidence*1e4) / 100 }
