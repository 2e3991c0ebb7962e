// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import "time"

// value is one sample of a counter.
type value struct {
	at time.Time
	v  float64
}

// rate is what Prometheus' rate() returns for a counter with these samples, oldest
// first, of which all are in the window that ends at end: the increase between the
// first and the last, what was lost by resets added, stretched to the ends of the
// window unless the samples begin late or end early, and never below zero before
// the first. Stretched is the part of it that is no increase between samples. ok is false
// with fewer than two of them.
//
// The formula is that of extrapolatedRate in promql/functions.go of Prometheus 3.
func rate(samples []value, end time.Time, window time.Duration) (perSecond, stretched float64, ok bool) {
	if len(samples) < 2 {
		return 0, 0, false
	}
	first, last := samples[0], samples[len(samples)-1]
	increase := last.v - first.v
	for i, s := range samples[1:] {
		if s.v < samples[i].v {
			increase += samples[i].v
		}
	}
	sampled := last.at.Sub(first.at).Seconds()
	if sampled <= 0 {
		return 0, 0, false
	}
	apart := sampled / float64(len(samples)-1)
	before := stretch(first.at.Sub(end.Add(-window)).Seconds(), apart)
	if increase > 0 && first.v >= 0 {
		before = min(before, sampled*first.v/increase)
	}
	after := stretch(end.Sub(last.at).Seconds(), apart)
	known := increase / window.Seconds()
	perSecond = known * (sampled + before + after) / sampled
	return perSecond, perSecond - known, true
}

// stretch is how far samples that are so far apart speak for a gap at their end:
// for all of it, or if another sample should have been in it, for half a distance.
func stretch(gap, apart float64) float64 {
	if gap >= 1.1*apart {
		return apart / 2
	}
	return gap
}
