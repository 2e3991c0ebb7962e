// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Objective is a promise that was checked.
type Objective struct {
	// Name tells the objectives of a namespace apart.
	Name, Namespace, Service string
	// Target is the share of events that is to go well.
	Target *big.Rat
	Period time.Duration
	// Latency is how long an event may take, 0 where it only has to succeed.
	Latency time.Duration
	View    signals.View
	GRPC    signals.Policy
	// Selector are the labels of the service's series; none are those of the profile.
	Selector map[string]string
	// Minimum is how many events of the long window must have gone wrong for an alert,
	// LowTraffic that for services which are hardly called; 0 leaves that alert out.
	Minimum, LowTraffic int
	// Quiet says that hours without an event are nothing to tell of.
	Quiet   bool
	Labels  map[string]string
	Runbook string
	// Notes are for people: what was taken for granted, which alerts cannot be.
	Notes []string

	profile   signals.Profile
	indicator indicator
	// bound is the latency in the unit of the metric.
	bound float64
}

// The defaults: one failure of the ten requests of a quiet night is no outage.
const (
	minimumEvents = 10
	lowTraffic    = 3
)

// New checks an objective. namespace applies where it names none. The error joins all
// that is wrong, each of kind Usage.
func New(in api.Objective, namespace string) (Objective, error) {
	s := in.Spec
	o := Objective{
		Name: in.Metadata.Name, Namespace: cmp.Or(in.Metadata.Namespace, namespace, "default"), Service: s.Service,
		Selector: s.Selector, Labels: in.Metadata.Labels, Quiet: s.Quiet, Runbook: s.Runbook, Minimum: minimumEvents, LowTraffic: lowTraffic,
	}
	var errs []error
	keep := func(err error) { errs = append(errs, err) }
	var err error
	o.Target, err = ParseRatio(written(s.Target))
	keep(err)
	o.Period, err = ParsePeriod(cmp.Or(s.Period, "30d"))
	keep(err)
	o.View, err = signals.ParseView(cmp.Or(s.View, string(signals.Client)))
	keep(err)
	o.GRPC, err = signals.ParsePolicy(s.GRPCErrors)
	keep(err)
	o.profile, err = profileNamed(cmp.Or(s.Profile, "istio"), s.Metric)
	keep(err)
	o.indicator = indicators[o.profile.Name]
	keep(o.counts(s))
	keep(o.latency(s))
	keep(o.names())
	if err := errors.Join(errs...); err != nil {
		return Objective{}, err
	}
	return o, o.reachable()
}

// written is a target as it was typed: a number of YAML is read as a decimal again.
func written(target any) string {
	switch v := target.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(target)
}

// counts takes over the least numbers of events.
func (o *Objective) counts(s api.ObjectiveSpec) error {
	for _, n := range []struct {
		given *int32
		into  *int
		name  string
	}{{s.MinimumEvents, &o.Minimum, "minimumEvents"}, {s.LowTraffic, &o.LowTraffic, "lowTraffic"}} {
		if n.given == nil {
			continue
		}
		if *n.given < 0 {
			return fault.Usagef("expected a number of events of at least 0, found %s %d", n.name, *n.given)
		}
		*n.into = int(*n.given)
	}
	return nil
}

// latency takes over the threshold, if there is one.
func (o *Objective) latency(s api.ObjectiveSpec) error {
	if s.Latency == "" {
		if len(s.Buckets) > 0 {
			return fault.Usagef("buckets are those of latencies: expected a latency beside them, found none").Try("--latency 500ms")
		}
		return nil
	}
	var err error
	if o.Latency, err = time.ParseDuration(s.Latency); err != nil || o.Latency <= 0 || o.Latency > time.Hour {
		return fault.Usagef("expected a latency of at most an hour, found %q", s.Latency).Try("--latency 500ms")
	}
	if o.profile.Name == "" { // wrong, and told already
		return nil
	}
	perSecond, bounds := o.profile.Metrics[0].PerSecond, o.indicator.bounds
	switch {
	case len(s.Buckets) > 0:
		if bounds, err = parseBounds(s.Buckets, perSecond); err != nil {
			return err
		}
	case len(bounds) == 0:
		o.note("nobody knows the buckets of profile %s: %s must be one of them, else an alert will tell that its bucket is missing; %s", o.profile.Name, s.Latency, o.indicator.annotated)
	case o.profile.Name != "istio":
		o.note("the buckets of profile %s are taken to be the default ones; say others with --buckets", o.profile.Name)
	}
	o.bound, err = onGrid(o.Latency, perSecond, bounds, o.profile.Name, o.indicator.annotated)
	return err
}

var labelText = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// names checks what becomes a name in Kubernetes or in Prometheus.
func (o *Objective) names() error {
	if o.Name == "" {
		o.Name = o.Service + "-availability"
		if o.Latency > 0 {
			o.Name = o.Service + "-latency"
		}
	}
	var errs []error
	for _, n := range []struct{ what, value string }{{"service", o.Service}, {"objective", o.Name}, {"namespace", o.Namespace}} {
		if len(validation.IsDNS1123Subdomain(n.value)) > 0 {
			errs = append(errs, fault.Usagef("expected the name of %s %s in lower case letters, digits and dashes, found %q", article(n.what), n.what, n.value))
		}
	}
	if o.profile.Paired && len(o.Selector) > 0 {
		errs = append(errs, fault.Usagef("profile %s knows the labels of a service: expected no selector", o.profile.Name).Try("leave it out, or say another --profile"))
	}
	for name := range o.Selector {
		if !labelText.MatchString(name) {
			errs = append(errs, fault.Usagef("expected the name of a label in the selector, found %q", name))
		}
	}
	for name := range o.Labels {
		if !labelText.MatchString(name) || name == "slo" || name == "severity" {
			errs = append(errs, fault.Usagef("expected the name of a label for alerts other than slo and severity, found %q: letters, digits and underscores", name))
		}
	}
	return errors.Join(errs...)
}

func article(word string) string {
	if word == "objective" {
		return "an"
	}
	return "a"
}

// reachable leaves out alerts that can never be, and refuses an objective that would
// wake nobody up whatever happens.
func (o *Objective) reachable() error {
	pages := 0
	for _, b := range Burns(o.Period) {
		switch {
		case b.Reachable(o.Target) && b.Severity == critical:
			pages++
		case !b.Reachable(o.Target):
			o.note("%s is left out: it would tell of more than %s failures, %s times the budget", b.Alert, percent(b.Threshold(o.Target)), decimal(b.Factor))
		}
	}
	if pages > 0 {
		return nil
	}
	slowest := Burns(o.Period)[1]
	least := new(big.Rat).Sub(one, new(big.Rat).Inv(slowest.Factor))
	return fault.Usagef("expected a target above %s %%, found %s: its error budget is so large that nothing could burn it fast enough for an alert",
		new(big.Rat).Mul(least, hundred).FloatString(2), percent(o.Target)).Try("--target 99")
}

func (o *Objective) note(format string, args ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, args...))
}

// burns are the alerts that can be.
func (o *Objective) burns() []Burn {
	var out []Burn
	for _, b := range Burns(o.Period) {
		if b.Reachable(o.Target) {
			out = append(out, b)
		}
	}
	return out
}

// ill says what an event does that went wrong, for people.
func (o *Objective) ill() string {
	if o.Latency > 0 {
		return "take longer than " + signals.Duration(o.Latency.Seconds())
	}
	return "fail"
}
