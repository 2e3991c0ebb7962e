// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestCounted takes what was stretched off the rate: what is left is the sum of the
// increases between samples, whatever the resets and the gaps at the window's ends.
func TestCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	end := time.Unix(1790000000, 0)
	stretched := 0
	for range 2000 {
		window := time.Duration(60+r.IntN(600)) * time.Second
		at := end.Add(-window).Add(time.Duration(r.IntN(30000)) * time.Millisecond)
		var samples []value
		v, want := float64(r.IntN(1000)), 0.0
		for at.Before(end) {
			samples = append(samples, value{at: at, v: v})
			at = at.Add(time.Duration(5+r.IntN(25)) * time.Second)
			more := float64(r.IntN(100))
			if r.IntN(8) == 0 && v > 100 { // a restart that shows: the whole value was counted since
				v = 0
			}
			if v += more; at.Before(end) {
				want += more
			}
		}
		perSecond, over, ok := rate(samples, end, window)
		if ok != (len(samples) > 1) {
			t.Fatalf("%d samples: ok is %t", len(samples), ok)
		}
		if got := (perSecond - over) * window.Seconds(); ok && math.Abs(got-want) > 1e-6 {
			t.Fatalf("counted %v, want %v, of %v", got, want, samples)
		}
		if over < 0 {
			t.Fatalf("%v stretched of %v", over, perSecond)
		}
		if over > 0 {
			stretched++
		}
	}
	if stretched < 1000 {
		t.Fatalf("only %d of 2000 were stretched", stretched)
	}
}
