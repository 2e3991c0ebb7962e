// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

// Criterion is one gate of a check.
type Criterion struct {
	Metric string
	Gate   compare.Gate
	// judge gives the verdict on a target.
	judge func(gate compare.Gate, t Target, r compare.Rules) compare.Result
}

// Target is what gates are applied to.
type Target struct {
	// Group is the zero value if nobody measured anything.
	Group signals.Group
	// Restarts counts those of its pods, nil if unknown.
	Restarts *float64
}

// metrics are what gates can be about, with their units.
var metrics = []struct {
	name  string
	unit  compare.Unit
	judge func(compare.Gate, Target, compare.Rules) compare.Result
}{
	{"success", compare.Ratio, func(g compare.Gate, t Target, r compare.Rules) compare.Result {
		return compare.Success(g, t.Group.Requests(), t.Group.Failures(), r)
	}},
	{"client-errors", compare.Ratio, func(g compare.Gate, t Target, r compare.Rules) compare.Result {
		return compare.ClientErrors(g, t.Group.Requests(), clientErrors(t.Group), r)
	}},
	{"p50", compare.Seconds, latencyGate(0.5)},
	{"p95", compare.Seconds, latencyGate(0.95)},
	{"p99", compare.Seconds, latencyGate(0.99)},
	{"rps", compare.Plain, func(g compare.Gate, t Target, r compare.Rules) compare.Result {
		return compare.Value("rps", g, t.Group.Rate, r)
	}},
	{RestartsMetric, compare.Plain, func(g compare.Gate, t Target, r compare.Rules) compare.Result {
		return compare.Value(RestartsMetric, g, t.Restarts, r)
	}},
}

// RestartsMetric is the gate about pods and not about requests.
const RestartsMetric = "restarts"

func latencyGate(q float64) func(compare.Gate, Target, compare.Rules) compare.Result {
	return func(g compare.Gate, t Target, r compare.Rules) compare.Result {
		return compare.Latency(g, q, t.Group.Requests(), t.Group.Latency, r)
	}
}

// clientErrors is about how many requests were answered with 4xx.
func clientErrors(g signals.Group) *float64 {
	n := g.Requests()
	if n == nil || g.Unclassified > 0 {
		return nil
	}
	errors := g.ClientErrors * g.Window.Seconds()
	return &errors
}

// Metrics are the names of gates.
func Metrics() []string {
	var out []string
	for _, m := range metrics {
		out = append(out, m.name)
	}
	return out
}

// ParseCriterion reads a gate on a metric: "success", ">=99.5".
func ParseCriterion(metric, gate string) (Criterion, error) {
	for _, m := range metrics {
		if m.name != metric {
			continue
		}
		g, err := compare.ParseGate(gate, m.unit)
		if err != nil {
			return Criterion{}, err
		}
		return Criterion{metric, g, m.judge}, nil
	}
	return Criterion{}, fault.Usagef("no gate %q", metric)
}

// Check judges a target by all criteria.
func Check(all []Criterion, t Target, r compare.Rules) []compare.Result {
	var out []compare.Result
	for _, c := range all {
		out = append(out, c.judge(c.Gate, t, r))
	}
	return out
}

// Worst is the verdict on the whole: one failure fails it, and what is open leaves
// it open.
func Worst(results []compare.Result) compare.Verdict {
	worst := compare.Pass
	for _, r := range results {
		if r.Verdict == compare.Fail {
			return compare.Fail
		}
		if r.Verdict == compare.Inconclusive {
			worst = compare.Inconclusive
		}
	}
	return worst
}

// ShapeResults are the shape of results, in their order.
func ShapeResults(results []compare.Result, r compare.Rules) []api.GateResult {
	out := []api.GateResult{}
	for _, x := range results {
		shape := api.GateResult{
			Metric: x.Metric, Verdict: string(x.Verdict), Value: number(x.Value), Bound: x.Bound,
			Window: r.Window.Seconds(), View: string(r.View), Threshold: x.Threshold, P: number(x.P), Reason: x.Reason,
		}
		if x.N > 0 {
			shape.Requests = number(&x.N)
		}
		if x.Interval != nil {
			shape.Interval = &api.GateInterval{Low: number(&x.Interval.Low), High: number(&x.Interval.High)}
		}
		out = append(out, shape)
	}
	return out
}

// Needs reports whether a metric is among the criteria.
func Needs(all []Criterion, metric string) bool {
	return slices.ContainsFunc(all, func(c Criterion) bool { return c.Metric == metric })
}
