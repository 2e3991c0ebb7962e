// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import "time"

// Flow is how fast something is counted, which may change, and when its counter
// starts again at 0.
type Flow struct {
	phases   []phase
	restarts []time.Time
}

// phase lasts until the next one begins.
type phase struct {
	from      time.Time
	perSecond float64
}

// Steady is a flow that never changes.
func Steady(perSecond float64) Flow { return Flow{phases: []phase{{perSecond: perSecond}}} }

// Then returns the flow with another speed from some instant on, which is to be
// after the last change.
func (f Flow) Then(at time.Time, perSecond float64) Flow {
	f.phases = append(f.phases[:len(f.phases):len(f.phases)], phase{at, perSecond})
	return f
}

// Restart returns the flow with a counter that falls to 0 right after the sample
// of some instant. Nothing is lost if that is one of a scrape.
func (f Flow) Restart(at time.Time) Flow {
	f.restarts = append(f.restarts[:len(f.restarts):len(f.restarts)], at)
	return f
}

// Times returns the flow with all its speeds multiplied.
func (f Flow) Times(by float64) Flow {
	phases := make([]phase, len(f.phases))
	for i, p := range f.phases {
		phases[i] = phase{p.from, p.perSecond * by}
	}
	f.phases = phases
	return f
}

// before is how long a counter has been counting when its history begins.
const before = time.Hour

// count returns what the counter shows at some instant of a history.
func (f Flow) count(begin, at time.Time) float64 {
	since := begin.Add(-before)
	for _, r := range f.restarts {
		if r.Before(at) && r.After(since) {
			since = r
		}
	}
	var total float64
	for i, p := range f.phases {
		from, to := p.from, at
		if from.Before(since) {
			from = since
		}
		if i+1 < len(f.phases) && f.phases[i+1].from.Before(to) {
			to = f.phases[i+1].from
		}
		if to.After(from) {
			total += p.perSecond * to.Sub(from).Seconds()
		}
	}
	return total
}
