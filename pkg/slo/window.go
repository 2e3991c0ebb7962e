// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

const (
	day = 24 * time.Hour
	// reference is the period that the workbook's windows are for.
	reference = 30 * day
	// shortest is four scrapes, half a minute apart: a rate over less has gaps.
	shortest = 2 * time.Minute
	// longestKeep is how long an alert stays at most once it is over.
	longestKeep = 15 * time.Minute
	// Interval is how often the rules are evaluated. Counts over days are sums over
	// the evaluations, so that it is part of them.
	Interval = time.Minute
)

// pair is one alert: the budget burns by a factor, over a long window that says that
// it matters and a short one that says that it still does.
type pair struct {
	name string
	// share of the budget that is gone after the long window.
	share *big.Rat
	// long and short are for a period of 30 days.
	long, short time.Duration
	severity    string
	hold        time.Duration
	gone        string
}

// The severities: what wakes somebody up, and what can wait till morning.
const critical, warning = "critical", "warning"

// pairs are those of the workbook, table 5-8 and the text above it.
var pairs = []pair{
	{"BudgetBurnsFast", big.NewRat(2, 100), time.Hour, 5 * time.Minute, critical, 2 * time.Minute, "2 %"},
	{"BudgetBurns", big.NewRat(5, 100), 6 * time.Hour, 30 * time.Minute, critical, 15 * time.Minute, "5 %"},
	{"BudgetBurnsSlowly", big.NewRat(10, 100), day, 2 * time.Hour, warning, time.Hour, "10 %"},
	{"BudgetLeaks", big.NewRat(10, 100), 3 * day, 6 * time.Hour, warning, 3 * time.Hour, "10 %"},
}

// Burn is a pair for one period.
type Burn struct {
	// Alert is the name of the alert.
	Alert string
	// Factor is how many times faster than allowed the budget burns; exact.
	Factor *big.Rat
	// Long and Short are the windows; both have to burn.
	Long, Short time.Duration
	Severity    string
	// Hold is how long it has to be so before anybody is told, Keep how long the alert
	// stays once it is over, so that it does not come and go.
	Hold, Keep time.Duration
	// Gone is the share of the period's budget that is gone after the long window.
	Gone string
}

// Burns are the alerts for a period of whole days, the fastest first. The windows
// are those of the workbook for 30 days, in proportion; the factor follows from the
// long one. A short window is at least four scrapes.
func Burns(period time.Duration) []Burn {
	var out []Burn
	for _, p := range pairs {
		b := Burn{Alert: p.name, Long: scaled(p.long, period), Short: scaled(p.short, period), Severity: p.severity, Hold: p.hold, Gone: p.gone}
		b.Keep = min(b.Short, longestKeep)
		b.Factor = new(big.Rat).Mul(p.share, big.NewRat(int64(period), int64(b.Long)))
		out = append(out, b)
	}
	return out
}

// scaled is a window for another period, in whole minutes.
func scaled(window, period time.Duration) time.Duration {
	exact := window * time.Duration(period/day) / time.Duration(reference/day)
	up := (exact + time.Minute - 1).Truncate(time.Minute)
	return max(up, shortest)
}

// Threshold is the share of failures above which a burn alerts.
func (b Burn) Threshold(target *big.Rat) *big.Rat { return new(big.Rat).Mul(b.Factor, budget(target)) }

// Reachable reports whether a share of failures can be above the threshold at all.
func (b Burn) Reachable(target *big.Rat) bool { return b.Threshold(target).Cmp(one) < 0 }

// budget is the share that may go wrong.
func budget(target *big.Rat) *big.Rat { return new(big.Rat).Sub(one, target) }

var periodText = regexp.MustCompile(`^([1-9][0-9]?)([dw])$`)

// ParsePeriod reads a period in whole days or weeks, from 7 to 30 days: the tests that
// are shipped with the rules hold for these.
func ParsePeriod(s string) (time.Duration, error) {
	m := periodText.FindStringSubmatch(s)
	if m == nil {
		return 0, fault.Usagef("expected a period in days or weeks, found %q", s).Try("--period 30d")
	}
	n, _ := strconv.Atoi(m[1])
	if m[2] == "w" {
		n *= 7
	}
	if n < 7 || n > 30 {
		return 0, fault.Usagef("expected a period of 7d to 30d, found %q: the windows of its alerts would be too short for a rate, or too long to tell in time", s).Try("--period 30d")
	}
	return time.Duration(n) * day, nil
}

// span writes a duration as PromQL and names of recordings have it.
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// justBelow writes a window of whole minutes less a second.
func justBelow(window time.Duration) string {
	text := ""
	if whole := (window - time.Second) / day; whole > 0 {
		text = fmt.Sprintf("%dd", whole)
	}
	return text + ((window - time.Second) % day).String()
}

// windows are those that are recorded, ascending, without the period.
func windows(period time.Duration) []time.Duration {
	out := []time.Duration{}
	for _, b := range Burns(period) {
		out = append(out, b.Long, b.Short)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// base is the window whose recording the long ones are made of.
func base(period time.Duration) time.Duration { return windows(period)[0] }

// quietWindow is that of the alert for services that are hardly called.
func quietWindow(period time.Duration) time.Duration { return Burns(period)[1].Long }
