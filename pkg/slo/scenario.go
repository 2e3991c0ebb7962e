// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"math/big"
	"time"
)

// scenario is one test: what happens, and why it is asked.
type scenario struct {
	name  string
	edges []edge
}

// scale is how long and how much things happen, so that each test is as short as the
// period of the objective lets it be.
type scale struct {
	// slow and fast are the long windows of the alerts that wake somebody up, in steps.
	slow, fast int64
	// requests a step, enough that a tenth of the budget is a whole number.
	requests int64
	budget   *big.Rat
}

func (o *Objective) scale() scale {
	burns := Burns(o.Period)
	s := scale{slow: int64(burns[1].Long / Interval), fast: int64(burns[0].Long / Interval), requests: 100, budget: budget(o.Target)}
	for new(big.Rat).Mul(s.budget, big.NewRat(s.requests, 1)).Cmp(big.NewRat(10, 1)) < 0 {
		s.requests *= 10
	}
	return s
}

// budgets are so many times the errors a step that may be; at most all requests.
func (s scale) budgets(times float64) int64 {
	factor := new(big.Rat).SetFloat64(times)
	n := new(big.Rat).Mul(new(big.Rat).Mul(s.budget, factor), big.NewRat(s.requests, 1))
	whole := new(big.Int).Quo(n.Num(), n.Denom()).Int64()
	return min(whole, s.requests)
}

// scenarios are those of every objective, and of a mesh those of several observers.
func (o *Objective) scenarios() []scenario {
	s := o.scale()
	of := func(name string, phases ...phase) scenario {
		return scenario{name, []edge{{caller: "gateway", phases: phases}}}
	}
	calm := func(steps int64) phase { return phase{steps: steps, requests: s.requests} }
	failing := func(steps int64, times float64) phase {
		return phase{steps: steps, requests: s.requests, bad: s.budgets(times)}
	}
	// The window of the alert is empty first, and is so for the hour that it holds.
	silent := phase{steps: s.fast + 90*int64(time.Minute/Interval), requests: 0}
	out := []scenario{
		of("nothing has ever gone wrong, and nobody counts what does not happen", calm(2*s.fast)),
		of("errors are within the budget", failing(s.slow+s.fast, 0.5)),
		of("an outage", calm(s.fast), failing(2*s.fast, 20)),
		of("an outage that is over", calm(s.fast), failing(s.fast, 20), calm(s.fast)),
		of("errors that would use up the budget in days", failing(s.slow+s.fast, 8)),
		of("nobody calls any more", failing(s.fast, 0.5), silent),
		of("nobody has ever counted", phase{steps: silent.steps, absent: true}),
		of("a busy day that was well and a quiet night that was not", failing(2*s.fast, 0.1), phase{steps: 2 * s.fast, requests: max(1, s.requests/100), bad: max(1, s.requests/100)}),
		of("processes that begin again", restarts(failing(s.fast/2, 0.5), 5)...),
		of("five requests, all of which go wrong", rare(s.fast/2, 5)...),
	}
	steady := []phase{calm(2 * s.fast)}
	out = append(out, scenario{"a process of which nobody can judge the events", []edge{
		{caller: "gateway", phases: steady}, {caller: "gateway", blind: everywhere, phases: steady},
	}}, scenario{"no process of which anybody can judge the events", []edge{{caller: "gateway", blind: everywhere, phases: steady}}})
	if o.profile.Paired {
		out = append(out, o.observers(s)...)
	}
	return out
}

// restarts are phases after each of which the counters begin again.
func restarts(p phase, n int64) []phase {
	out := []phase{p}
	p.restart = true
	for range n {
		out = append(out, p)
	}
	return out
}

// rare is a request every so many steps, which goes wrong.
func rare(every, n int64) []phase {
	out := []phase{{steps: every}}
	for range n {
		out = append(out, phase{steps: 1, requests: 1, bad: 1}, phase{steps: every - 1})
	}
	return out
}

// observers are about who counts: both ends, one of them, and in other words.
func (o *Objective) observers(s scale) []scenario {
	of := func(p phase) []phase {
		p.steps, p.requests = 2*s.fast, s.requests
		return []phase{p}
	}
	some := s.budgets(8)
	first, other := o.ends()
	// Each is too far from the one before for a rule to remember it.
	var seldom []phase
	for range 3 {
		seldom = append(seldom, phase{steps: s.fast}, phase{steps: 1, requests: 1, retried: 1})
	}
	seldom = append(seldom, phase{steps: s.fast - 1})
	out := []scenario{
		{"both ends count, and the calls that never arrived only the caller's", []edge{{caller: "gateway", phases: of(phase{lost: some})}}},
		{"tries that failed and were repeated", []edge{{caller: "gateway", phases: of(phase{retried: some})}}},
		{"a caller without a proxy beside one that has one", []edge{
			{caller: "gateway", phases: of(phase{})}, {caller: "unknown", outside: true, phases: of(phase{bad: some})},
		}},
		{"an end that counts no longer beside one that does", []edge{{caller: "gateway", still: first, phases: of(phase{bad: some})}}},
		{"ends that are read at different instants, and a request now and then", []edge{
			{caller: "gateway", late: first, phases: seldom}, {caller: "web", late: other, phases: seldom},
		}},
		{"an end that nobody can judge by beside one that is well", []edge{
			{caller: "gateway", blind: first, phases: of(phase{bad: some})}, {caller: "web", blind: other, phases: of(phase{})},
		}},
	}
	if o.Latency == 0 {
		out = append(out, scenario{"calls of gRPC that fail with a status of HTTP that is well", []edge{{caller: "gateway", streams: true, phases: of(phase{bad: some})}}})
	}
	return out
}
