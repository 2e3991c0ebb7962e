// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"maps"
	"math/big"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Rule is a recording, or an alert, as Prometheus reads it.
type Rule struct {
	Record, Alert string
	Expr          string
	// For is how long it must be so, Keep how long it stays so afterwards.
	For, Keep           time.Duration
	Labels, Annotations map[string]string
}

// Rules are the recordings and the alerts of an objective, in the order in which they
// have to be evaluated.
func (o *Objective) Rules() []Rule {
	out := o.recordings()
	for _, b := range o.burns() {
		out = append(out, o.burnAlert(b))
	}
	if o.LowTraffic > 0 {
		out = append(out, o.quietAlert())
	}
	return append(out, o.absentAlerts()...)
}

func (o *Objective) labels() map[string]string {
	return map[string]string{"namespace": o.Namespace, "service": o.Service, "slo": o.Name}
}

// recordings count events and errors: over the shortest window as samples say, over
// the others as sums of these. Reading six hours of samples twice a minute, and days of
// them, would cost Prometheus more than the service is worth.
func (o *Objective) recordings() []Rule {
	var out []Rule
	record := func(name, expr string) { out = append(out, Rule{Record: name, Expr: expr, Labels: o.labels()}) }
	record(eventsRate+span(base(o.Period)), o.events(base(o.Period)))
	record(errorsRate+span(base(o.Period)), o.errors(base(o.Period)))
	for _, w := range append(windows(o.Period)[1:], o.Period) {
		record(eventsRate+span(w), o.summed(eventsRate, w))
		record(errorsRate+span(w), o.summed(errorsRate, w))
	}
	left := decimal(budget(o.Target))
	record(targetName, "vector("+decimal(o.Target)+")")
	record(BudgetSpeed, fmt.Sprintf("%s / %s", o.share(Burns(o.Period)[0].Long), left))
	record(BudgetLeft, fmt.Sprintf("1 - %s / %s", o.share(o.Period), left))
	return out
}

// burnAlert tells that the budget burns too fast. The least number of errors is asked
// of the long window, lest the one failure of a quiet night wakes somebody up.
func (o *Objective) burnAlert(b Burn) Rule {
	limit := decimal(b.Threshold(o.Target))
	expr := fmt.Sprintf("%s > %s\nand\n%s > %s", o.share(b.Long), limit, o.share(b.Short), limit)
	if o.Minimum > 0 {
		expr += fmt.Sprintf("\nand\n%s * %d > %s", o.recorded(errorsRate, b.Long), b.Long/time.Second, atLeast(o.Minimum))
	}
	return o.alert(Rule{
		Alert: b.Alert, Expr: expr, For: b.Hold, Keep: b.Keep,
	}, b.Severity, "{{ $value | humanizePercentage }} of the requests to "+o.Service+" "+o.ill(),
		fmt.Sprintf("In the last %s the error budget of %s burned more than %s times as fast as it may: over %s of it is gone.%s", span(b.Long), span(o.Period), decimal(b.Factor), b.Gone, o.look()))
}

// quietAlert is for services that are hardly called: a share says little there, and
// the others wait for more errors than there are requests.
func (o *Objective) quietAlert() Rule {
	w := quietWindow(o.Period)
	limit := decimal(new(big.Rat).Mul(Burns(o.Period)[1].Factor, budget(o.Target)))
	if !Burns(o.Period)[1].Reachable(o.Target) {
		limit = decimal(budget(o.Target))
	}
	errors := o.recorded(errorsRate, w)
	return o.alert(Rule{
		Alert: "FewRequestsFail", For: 15 * time.Minute, Keep: 30 * time.Minute,
		Expr: fmt.Sprintf("%s * %d > %s < %s\nand\n%s > %s", errors, w/time.Second, atLeast(o.LowTraffic), atLeast(max(o.Minimum, o.LowTraffic+1)), o.share(w), limit),
	}, warning, "{{ $value | humanize }} requests to "+o.Service+" "+o.ill()+" in "+span(w),
		"So few are no outage, but hardly anybody calls: the alerts about shares wait for more."+o.look())
}

// absentAlerts tell of what would keep the others silent.
func (o *Objective) absentAlerts() []Rule {
	w := Burns(o.Period)[0].Long
	seen := o.recorded(eventsRate, w)
	expr, what := fmt.Sprintf("absent(%s > 0)", seen), "Nobody has called for "+span(w)+", or Prometheus does not read who counts."
	if o.Quiet {
		expr, what = fmt.Sprintf("absent(%s)", seen), "Prometheus does not read who counts, or no pod counts any longer."
	}
	out := []Rule{o.alert(Rule{Alert: "NoRequests", Expr: expr, For: time.Hour}, warning,
		"Prometheus knows of no requests to "+o.Service, what+" The other alerts about them stay silent until it does.")}
	return append(out, o.blindAlert())
}

// blindAlert tells of events that can be judged by nobody, and are left out of all that
// the others say: of those in no bucket, of any; of those that do not say how they ended,
// if they are more than may fail, so that they could be the end of the promise.
func (o *Objective) blindAlert() Rule {
	w := base(o.Period)
	r := Rule{Alert: "OutcomeUnknown", For: 15 * time.Minute}
	limit, summary := decimal(budget(o.Target)), "do not say how they ended"
	what := "They are more than the error budget, and the other alerts leave them out: the counter has to have the label of the status."
	if o.Latency > 0 {
		// Sums of the same numbers in another order are the same only nearly.
		r.Alert, limit, summary = "BucketMissing", "0.000001", "are in no bucket that ends at "+signals.Duration(o.Latency.Seconds())
		what = "Nobody counts those of them that took longer: " + o.indicator.annotated + ", or take another bound. The other alerts leave them out."
	}
	r.Expr = fmt.Sprintf("1 - (sum(%s) or vector(0)) / (%s > 0) > %s", o.recorded(eventsRate, w), o.total(w, o.made), limit)
	return o.alert(r, warning, "{{ $value | humanizePercentage }} of the requests to "+o.Service+" "+summary, what)
}

func (o *Objective) alert(r Rule, severity, summary, what string) Rule {
	r.Labels = o.labels()
	maps.Copy(r.Labels, o.Labels)
	r.Labels["severity"] = severity
	r.Annotations = map[string]string{"summary": summary, "description": what}
	if o.Runbook != "" {
		r.Annotations["runbook_url"] = o.Runbook
	}
	return r
}

// look is what to type next.
func (o *Objective) look() string {
	return fmt.Sprintf(" Look: kubectl micro diagnose service/%s -n %s", o.Service, o.Namespace)
}

// atLeast is what a count has to be above: counts that are sums of rates are whole
// numbers only nearly.
func atLeast(n int) string { return decimal(big.NewRat(int64(2*n-1), 2)) }
