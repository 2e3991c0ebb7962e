// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// UnitTest is a file for "promtool test rules": what happens in it is made up, and what
// is expected was counted, event by event, and not computed as the rules do it. rules
// is the path of the file with the groups of the objectives.
func UnitTest(rules string, all ...Objective) map[string]any {
	var tests []any
	for _, o := range all {
		for _, s := range o.scenarios() {
			tests = append(tests, o.test(s))
		}
	}
	return map[string]any{"rule_files": []any{rules}, "evaluation_interval": Interval.String(), "tests": tests}
}

// test is one scenario, and what is so at its end.
func (o *Objective) test(s scenario) map[string]any {
	w := live(o, s.edges)
	end := len(w.all) - 1
	series := []any{}
	for _, e := range s.edges {
		for _, in := range o.inputs(e) {
			if values, counts := in.values(e.phases); counts {
				series = append(series, map[string]any{"series": in.name(), "values": values})
			}
		}
	}
	var asked []any
	at := span(time.Duration(end) * Interval)
	for _, c := range append(w.recordings(end), w.alerts(end)...) {
		samples := []any{}
		if c.labels != "" {
			samples = append(samples, map[string]any{"labels": c.labels, "value": c.value})
		}
		asked = append(asked, map[string]any{"expr": c.expr, "eval_time": at, "exp_samples": samples})
	}
	return map[string]any{
		"name": o.Name + ": " + s.name, "interval": Interval.String(), "input_series": series, "promql_expr_test": asked,
	}
}

// check is an expression and its only sample; nothing at all where labels is empty.
type check struct {
	expr, labels string
	value        int64
}

// near holds a recording against a number: sums of the shortest window are as late as
// that window is long, so that any value since then will do.
func (w *world) near(name string, want, earlier *big.Rat) check {
	value, _ := want.Float64()
	before, _ := earlier.Float64()
	series := name + w.of.which()
	if value == 0 && before == 0 {
		return check{series + " == bool 0", w.of.which(), 1}
	}
	tolerance := math.Abs(value-before) + math.Abs(value)*0.002
	return check{fmt.Sprintf("abs(%s - %s) < bool %s", series, number(value), number(tolerance)), w.of.which(), 1}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

// recordings are the windows that a test is long enough for, and the budget.
func (w *world) recordings(end int) []check {
	var out []check
	late := end - int(base(w.of.Period)/Interval)
	for i, window := range windows(w.of.Period) {
		if end < int(window/Interval) {
			continue
		}
		all, bad := w.rates(window, end)
		allBefore, badBefore := w.rates(window, late)
		if i == 0 { // this one is of samples
			allBefore, badBefore = all, bad
		}
		for _, one := range []struct {
			name         string
			want, before *big.Rat
		}{{eventsRate, all, allBefore}, {errorsRate, bad, badBefore}} {
			if !w.counted(window, end) {
				out = append(out, check{expr: one.name + span(window) + w.of.which()})
			} else {
				out = append(out, w.near(one.name+span(window), one.want, one.before))
			}
		}
	}
	return append(out, w.ofBudget(BudgetSpeed, Burns(w.of.Period)[0].Long, end, late, func(spent *big.Rat) *big.Rat { return spent }),
		w.ofBudget(BudgetLeft, w.of.Period, end, late, func(spent *big.Rat) *big.Rat { return spent.Sub(one, spent) }))
}

// ofBudget is about the errors of a window by those that may be; without events there
// is no number, and above all not the one that is none.
func (w *world) ofBudget(name string, window time.Duration, end, late int, of func(*big.Rat) *big.Rat) check {
	at := func(step int) *big.Rat {
		all, bad := w.count(window, step)
		return of(new(big.Rat).Quo(big.NewRat(bad, max(all, 1)), budget(w.of.Target)))
	}
	if all, _ := w.count(window, end); all == 0 {
		return check{expr: name + w.of.which()}
	}
	return w.near(name, at(end), at(late))
}

// counted reports whether anybody counted within a window.
func (w *world) counted(window time.Duration, step int) bool {
	for i := max(0, step-int(window/Interval)); i <= step; i++ {
		if w.known[i] {
			return true
		}
	}
	return false
}

// alerts are all there are, whether they fire or not.
func (w *world) alerts(end int) []check {
	var out []check
	ask := func(alert string, is func(int) bool, hold, keep time.Duration) {
		c := check{expr: fmt.Sprintf("count(ALERTS{alertname=%s,alertstate=\"firing\",slo=%s}) or vector(0)", signals.Quote(alert), signals.Quote(w.of.Name)), labels: "{}"}
		if w.fires(is, hold, keep, end) {
			c.value = 1
		}
		out = append(out, c)
	}
	for _, b := range w.of.burns() {
		ask(b.Alert, func(step int) bool { return w.burns(b, step) }, b.Hold, b.Keep)
	}
	if w.of.LowTraffic > 0 {
		ask("FewRequestsFail", w.few, 15*time.Minute, 30*time.Minute)
	}
	ask("NoRequests", w.silent, time.Hour, 0)
	blind := w.of.blindAlert()
	ask(blind.Alert, w.blinded, blind.For, 0)
	return out
}
