// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// reporters are the proxies that may have seen a request, whom to believe first, as for
// signals.Fold.
func (o *Objective) reporters() []signals.Reporter {
	if o.View == signals.Server {
		return []signals.Reporter{signals.ByDestination, signals.ByWaypoint, signals.BySource}
	}
	return []signals.Reporter{signals.BySource, signals.ByWaypoint, signals.ByDestination}
}

// matchers select the series of the service.
func (o *Objective) matchers() []string {
	keys := o.profile.Keys
	if len(o.Selector) == 0 {
		return []string{keys.Namespace[0] + "=" + signals.Quote(o.Namespace), keys.Service[0] + "=" + signals.Quote(o.Service)}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(o.Selector)) {
		out = append(out, name+"="+signals.Quote(o.Selector[name]))
	}
	return out
}

// within is the range of a window. It begins a millisecond early: a sample that is as
// old as the window belongs to it in Prometheus 2 and not in 3, and of a counter that
// began at 0 the fewer ones of 3 would be extrapolated to less than was counted.
func within(window time.Duration) string { return "[" + span(window) + "1ms]" }

// rate is that of the series of the service that have some more labels, over a range.
func (o *Objective) rate(metric, over string, more ...string) string {
	return fmt.Sprintf("rate(%s{%s}%s)", metric, strings.Join(append(o.matchers(), more...), ","), over)
}

// made are the rates of all events, whether they can be judged or not.
func (o *Objective) made(over string, more ...string) string {
	return o.rate(o.counter(), over, more...)
}

// seen are the rates of the events that the objective can judge, those of series with
// some more labels: of a failure, what says how it ended; of a time, what has the bucket.
func (o *Objective) seen(over string, more ...string) string {
	if o.Latency > 0 {
		return o.made(over, more...) + " and " + o.fast(over, more...)
	}
	return o.any(o.indicator.told, over, more...)
}

// wrong are the rates of those that went wrong. A slow one is each that is not in the
// bucket, series by series: processes may have other buckets than their neighbours.
func (o *Objective) wrong(over string, more ...string) string {
	if o.Latency > 0 {
		return o.made(over, more...) + " - " + o.fast(over, more...)
	}
	return o.any(o.indicator.failed(o.GRPC), over, more...)
}

// fast are the rates of the bucket, as series without its bound.
func (o *Objective) fast(over string, more ...string) string {
	return "sum without (le) (" + o.rate(o.buckets(), over, append(slices.Clone(more), boundMatcher(o.bound))...) + ")"
}

// any are the rates of the series that have one of several labels.
func (o *Objective) any(of []string, over string, more ...string) string {
	var rates []string
	for _, m := range of {
		rates = append(rates, o.rate(o.counter(), over, append(slices.Clone(more), m)...))
	}
	return strings.Join(rates, " or ")
}

// edges adds up per caller, as one reporter has it. Rates come first: the sum of
// counters falls when one of them begins again.
func (o *Objective) edges(reporter signals.Reporter, over string, of func(string, ...string) string) string {
	return "sum by (source_workload, source_workload_namespace) (" + of(over, "reporter="+signals.Quote(string(reporter))) + ")"
}

// believed adds up edges, each as the first reporter has it that has it at all, unless
// that one counts nothing and another does: "or" takes from its right side what its left
// side lacks. A sum over reporters would count most requests twice; a maximum, the tries
// of a request that went well at the second.
func (o *Objective) believed(window time.Duration, of func(signals.Reporter) string) string {
	var all []string
	reporters := o.reporters()
	for i, r := range reporters {
		one := of(r)
		if i < len(reporters)-1 {
			one += "\n  unless\n  " + o.outdone(i, window)
		}
		all = append(all, one)
	}
	return "sum(\n  " + strings.Join(all, "\n  or\n  ") + "\n)"
}

// outdone are the edges of which a reporter counts nothing, and a later one something:
// a proxy that was told to count no longer keeps its counters as they are. The ends are
// read at different instants, and a request that only one has told of by now is not to
// count as the other has it, and be tries for a moment: so who is asked earlier is asked
// about a minute more on either side.
func (o *Objective) outdone(i int, window time.Duration) string {
	reporters := o.reporters()
	var busy []string
	for at := i; at < len(reporters); at++ {
		over := within(2*window + time.Duration(len(reporters)-1-at)*2*Interval)
		if at > 0 {
			over += " offset " + span(time.Duration(at)*Interval)
		}
		busy = append(busy, o.edges(reporters[at], over, o.seen)+" > 0")
	}
	return "((" + strings.Join(busy[1:], " or ") + ") unless " + busy[0] + ")"
}

// events are the requests a second that can be judged.
func (o *Objective) events(window time.Duration) string { return o.total(window, o.seen) }

// total are requests a second.
func (o *Objective) total(window time.Duration, of func(string, ...string) string) string {
	if !o.profile.Paired {
		return "sum(" + of(within(window)) + ")"
	}
	return o.believed(window, func(r signals.Reporter) string { return o.edges(r, within(window), of) })
}

// errors are those a second that went wrong; zero, and not nothing, while there are
// requests.
func (o *Objective) errors(window time.Duration) string {
	switch {
	case o.Latency > 0:
		return o.slow(window)
	case o.profile.Paired:
		return o.believed(window, func(r signals.Reporter) string {
			return "(" + o.edges(r, within(window), o.wrong) + " or 0 * " + o.edges(r, within(window), o.seen) + ")"
		})
	}
	return "sum(" + o.wrong(within(window)) + ")\nor\n0 * sum(" + o.seen(within(window)) + ")"
}

// slow are the requests that took longer. All buckets of a histogram exist from its
// first observation on, so that there is nothing to fill in; where the bucket is missing
// for good, an alert says so. Two counters are never read at quite the same instant,
// and the difference is no less than none.
func (o *Objective) slow(window time.Duration) string {
	return "clamp_min(" + o.total(window, o.wrong) + ", 0)"
}

// counter is the metric of all events.
func (o *Objective) counter() string {
	if o.Latency > 0 {
		return strings.TrimSuffix(o.buckets(), "_bucket") + "_count"
	}
	return o.profile.Metrics[0].Requests
}

func (o *Objective) buckets() string { return o.profile.Metrics[0].Buckets }

// The names of the recordings; those of rates end with their window.
const (
	eventsRate = "slo:events:rate"
	errorsRate = "slo:errors:rate"
	targetName = "slo:target:ratio"
)

// BudgetLeft is the share of the error budget that is left, below 0 if more than all
// is gone; BudgetSpeed how many times faster than allowed it burns.
const (
	BudgetLeft  = "slo:error_budget:remaining"
	BudgetSpeed = "slo:error_budget:burn_rate"
)

// which selects the recordings of the objective.
func (o *Objective) which() string {
	return fmt.Sprintf("{namespace=%s,service=%s,slo=%s}", signals.Quote(o.Namespace), signals.Quote(o.Service), signals.Quote(o.Name))
}

func (o *Objective) recorded(name string, window time.Duration) string {
	return name + span(window) + o.which()
}

// share is that of the events of a window that went wrong; nothing without events.
func (o *Objective) share(window time.Duration) string {
	return fmt.Sprintf("%s / (%s > 0)", o.recorded(errorsRate, window), o.recorded(eventsRate, window))
}

// summed makes a longer window of the recordings of the shortest. It is a sum of
// counts: what was not recorded counts for nothing, and a busy hour for more than a
// quiet one. The range ends a second early for it to hold as many evaluations in
// Prometheus 2, where both its ends belong to it, as in 3, where one does.
func (o *Objective) summed(name string, window time.Duration) string {
	return fmt.Sprintf("sum_over_time(%s[%s]) * %d / %d", o.recorded(name, base(o.Period)), justBelow(window), Interval/time.Second, window/time.Second)
}
