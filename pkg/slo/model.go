// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"math/big"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// phase is some time in the life of an edge, in steps of Interval. The numbers are of
// requests a step.
type phase struct {
	steps int64
	// requests arrive and are answered; bad of them badly. lost never arrive: who calls
	// counts them, and they are bad. retried are tries that the called one refused and
	// that the caller's proxy repeated with success, so that he never knew.
	requests, bad, lost, retried int64
	// restart has the processes begin again: counters start from nothing.
	restart bool
	// absent has no process at all.
	absent bool
}

// edge is a caller and what it does. One outside of the mesh has no proxy that counts.
type edge struct {
	caller  string
	outside bool
	// streams are calls of gRPC, which fail with a status of HTTP that is well.
	streams bool
	// blind is the end that does not count what the objective asks for, or everywhere;
	// still is one whose counters stand still, and late one that is read a step later.
	blind, still, late signals.Reporter
	phases             []phase
}

// everywhere is both ends, and the only one of an application.
const everywhere signals.Reporter = "everywhere"

// world is what happens in a test. It knows events, and nothing of PromQL.
type world struct {
	of    *Objective
	edges []edge
	// good and bad are the events up to the end of each step, as the objective's view
	// has them; known says whether anybody counts at that time.
	all, bad []int64
	known    []bool
	// blind are the events up to the end of each step that cannot be judged.
	blind []int64
}

// live plays a world.
func live(o *Objective, edges []edge) *world {
	w := &world{of: o, edges: edges}
	w.all, w.bad, w.known, w.blind = []int64{0}, []int64{0}, []bool{false}, []int64{0}
	for _, e := range edges {
		step := 0
		for _, p := range e.phases {
			for range p.steps {
				step++
				if len(w.all) == step {
					w.all, w.bad, w.known, w.blind = append(w.all, 0), append(w.bad, 0), append(w.known, false), append(w.blind, 0)
				}
				if e.blind == everywhere {
					w.blind[step] += p.requests
					continue
				}
				if p.absent {
					continue
				}
				all, bad := o.experienced(e, p)
				w.all[step], w.bad[step] = w.all[step]+all, w.bad[step]+bad
				w.known[step], w.known[step-1] = true, true
			}
		}
	}
	for i := 1; i < len(w.all); i++ {
		w.all[i], w.bad[i], w.blind[i] = w.all[i]+w.all[i-1], w.bad[i]+w.bad[i-1], w.blind[i]+w.blind[i-1]
	}
	return w
}

// experienced are the events of a step and those that went wrong, as those have it who
// the objective is about, or who can tell.
func (o *Objective) experienced(e edge, p phase) (all, bad int64) {
	end, other := o.ends()
	if e.still == end || e.blind == end {
		end = other
	}
	if !o.profile.Paired || e.outside || end == signals.ByDestination {
		return p.requests + p.retried, p.bad + p.retried
	}
	return p.requests + p.lost, p.bad + p.lost
}

// ends are who counts a call, whom to believe first.
func (o *Objective) ends() (first, other signals.Reporter) {
	if o.View == signals.Server {
		return signals.ByDestination, signals.BySource
	}
	return signals.BySource, signals.ByDestination
}

// count are the events within a window that ends with a step.
func (w *world) count(window time.Duration, step int) (all, bad int64) {
	from := max(0, step-int(window/Interval))
	return w.all[step] - w.all[from], w.bad[step] - w.bad[from]
}

// rates are those of a window, in events a second.
func (w *world) rates(window time.Duration, step int) (all, bad *big.Rat) {
	n, b := w.count(window, step)
	seconds := int64(window / time.Second)
	return big.NewRat(n, seconds), big.NewRat(b, seconds)
}

// burns reports whether what a burn asks for is so at a step.
func (w *world) burns(b Burn, step int) bool {
	for _, window := range []time.Duration{b.Long, b.Short} {
		all, bad := w.count(window, step)
		if all == 0 || big.NewRat(bad, all).Cmp(b.Threshold(w.of.Target)) <= 0 {
			return false
		}
	}
	_, bad := w.count(b.Long, step)
	return bad >= int64(w.of.Minimum)
}

// fires plays an alert up to a step: it must be so for a while, and stays for a while.
func (w *world) fires(is func(step int) bool, hold, keep time.Duration, step int) bool {
	since, last, firing := -1, -1, false
	for i := 0; i <= step; i++ {
		if !is(i) {
			firing = firing && last >= 0 && time.Duration(i-last)*Interval < keep
			since = -1
			continue
		}
		if since < 0 {
			since = i
		}
		last = i
		firing = firing || time.Duration(i-since)*Interval >= hold
	}
	return firing
}

// few reports whether hardly anybody calls and most of it goes wrong.
func (w *world) few(step int) bool {
	slow := Burns(w.of.Period)[1]
	limit := slow.Threshold(w.of.Target)
	if !slow.Reachable(w.of.Target) {
		limit = budget(w.of.Target)
	}
	all, bad := w.count(slow.Long, step)
	return all > 0 && bad >= int64(w.of.LowTraffic) && bad < int64(max(w.of.Minimum, w.of.LowTraffic+1)) && big.NewRat(bad, all).Cmp(limit) > 0
}

// blinded reports whether events cannot be judged: of a time, any; of a failure, more
// than may fail.
func (w *world) blinded(step int) bool {
	window := base(w.of.Period)
	blind := w.blind[step] - w.blind[max(0, step-int(window/Interval))]
	if w.of.Latency > 0 || blind == 0 {
		return blind > 0
	}
	all, _ := w.count(window, step)
	return big.NewRat(blind, blind+all).Cmp(budget(w.of.Target)) > 0
}

// silent reports whether there is nothing to judge by.
func (w *world) silent(step int) bool {
	window := Burns(w.of.Period)[0].Long
	if all, _ := w.count(window, step); all > 0 {
		return false
	}
	if !w.of.Quiet {
		return true
	}
	return !w.counted(window, step)
}
