// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// onGrid checks that a threshold is a bound of the buckets: only there requests are
// counted, and between two bounds a number would be guessed. It returns the bound in
// the unit of the metric. bounds are in that unit; none means that they are unknown.
func onGrid(threshold time.Duration, perSecond float64, bounds []float64, profile, annotated string) (float64, error) {
	if perSecond == 0 {
		perSecond = 1
	}
	// Divide as late as possible: 0.3 s is 300 ms, and not 299.99999.
	bound := float64(threshold) * perSecond / float64(time.Second)
	if len(bounds) == 0 || slices.Contains(bounds, bound) {
		return bound, nil
	}
	var near []string
	at, _ := slices.BinarySearch(bounds, bound)
	for _, i := range []int{at - 1, at} {
		if i >= 0 && i < len(bounds) {
			near = append(near, seconds(bounds[i], perSecond))
		}
	}
	want := slices.Insert(slices.Clone(bounds), at, bound)
	err := fault.Usagef("expected a latency that is a bound of the buckets of profile %s, found %s: the nearest are %s", profile, signals.Duration(threshold.Seconds()), strings.Join(near, " and "))
	hint := "--latency " + near[len(near)-1] + ", or " + annotated
	if profile == "istio" {
		hint += fmt.Sprintf(`: '{"istiocustom":[%s]}'`, numbers(want)) + "\nand say them with --buckets " + inSeconds(want, perSecond)
	}
	return 0, err.Try("%s", hint)
}

// seconds writes a bound as a flag takes it.
func seconds(bound, perSecond float64) string {
	return time.Duration(bound * float64(time.Second) / perSecond).String()
}

func numbers(all []float64) string {
	var out []string
	for _, b := range all {
		out = append(out, strconv.FormatFloat(b, 'f', -1, 64))
	}
	return strings.Join(out, ",")
}

func inSeconds(all []float64, perSecond float64) string {
	var out []string
	for _, b := range all {
		out = append(out, strconv.FormatFloat(b/perSecond, 'f', -1, 64))
	}
	return strings.Join(out, ",")
}

// boundMatcher selects the bucket of a bound in all spellings: Prometheus 3 writes a
// whole number with a decimal point, and a large one with an exponent
// (https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values).
func boundMatcher(bound float64) string {
	plain, short := strconv.FormatFloat(bound, 'f', -1, 64), strconv.FormatFloat(bound, 'g', -1, 64)
	pattern := regexp.QuoteMeta(plain)
	if !strings.Contains(plain, ".") {
		pattern += `(\.0)?`
	}
	if short != plain {
		pattern += "|" + regexp.QuoteMeta(short)
	}
	if pattern == plain {
		return "le=" + signals.Quote(plain)
	}
	return "le=~" + signals.Quote(pattern)
}

// parseBounds reads upper bounds in seconds and returns them, ascending, in the unit of
// the metric.
func parseBounds(all []string, perSecond float64) ([]float64, error) {
	if perSecond == 0 {
		perSecond = 1
	}
	var out []float64
	for _, s := range all {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v > 0 && v < 1e9) {
			return nil, fault.Usagef("expected the upper bound of a bucket in seconds, found %q", s).Try("--buckets 0.1,0.25,0.5,1")
		}
		// 0.3 * 1000 is 300 only once it is rounded: micros are fine enough.
		exact, _ := strconv.ParseFloat(strconv.FormatFloat(v*perSecond, 'g', 12, 64), 64)
		out = append(out, exact)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
