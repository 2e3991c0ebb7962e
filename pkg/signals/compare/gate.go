// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Unit is what the value of a gate is.
type Unit int

// The units. A Ratio is 0 to 1, Seconds are not negative, Plain is any number.
const (
	Plain Unit = iota
	Ratio
	Seconds
)

// Gate is a criterion: an operator and a threshold.
type Gate struct {
	// Op is one of >= <= > < == !=.
	Op string
	// Value is the threshold, a ratio from 0 to 1 or seconds.
	Value float64
	Unit  Unit
}

// The operators, longer ones first so that they are not cut.
var operators = []string{">=", "<=", "==", "!=", ">", "<"}

// ParseGate reads a criterion: ">=99.5", "<300ms", "== 0".
func ParseGate(s string, unit Unit) (Gate, error) {
	rest := strings.TrimSpace(s)
	for _, op := range operators {
		value, ok := strings.CutPrefix(rest, op)
		if !ok {
			continue
		}
		v, err := ParseValue(strings.TrimSpace(value), unit)
		if err != nil {
			return Gate{}, err
		}
		g := Gate{op, v, unit}
		return g, g.possible()
	}
	return Gate{}, fault.Usagef("%q has no operator: expected one of %s and a value", s, strings.Join(operators, " ")).
		Try("for example %s", unit.example())
}

// possible refuses the gates that no share can pass or miss: they are mistakes.
func (g Gate) possible() error {
	always := g.Unit == Ratio && (g.Value == 0 && g.Op == ">=" || g.Value == 1 && g.Op == "<=")
	never := g.Unit == Ratio && (g.Value == 0 && g.Op == "<" || g.Value == 1 && g.Op == ">")
	switch {
	case always:
		return fault.Usagef("%s holds of every share", g).Try("for example %s", g.Unit.example())
	case never:
		return fault.Usagef("%s holds of no share", g).Try("for example %s", g.Unit.example())
	}
	return nil
}

func (u Unit) example() string {
	return [...]string{"'>=1'", "'>=99.5'", "'<300ms'"}[u]
}

// ParseDrop reads by how much a share may fall, "1%" for one percentage point, as a
// ratio. The sign is required: 1 and 0.5 are points to some and ratios to others,
// and a drop of 100 % allowed by mistake lets everything through.
func ParseDrop(s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, ok := decimal(strings.TrimSpace(number), "e-2")
	switch {
	case !ok:
		return 0, fault.Usagef("%q is no drop of a share: expected percentage points", s).Try("for example 1%%")
	case !percent:
		return 0, fault.Usagef("a drop of %q may be meant in percentage points or as a ratio: write the sign", s).Try("%s%% for points", number)
	case v < 0 || v > 1:
		return 0, fault.Usagef("%q is no drop of a share: expected 0%% to 100%%", s).Try("for example 1%%")
	}
	return v, nil
}

// ParseValue reads a threshold without operator. A ratio may be written 0.995,
// 99.5 or 99.5%: a bare number below 1 is a ratio, a larger one a percentage, and a
// bare 1 could be either. Seconds need their unit: 300ms, 1.5s, 2m.
func ParseValue(s string, unit Unit) (float64, error) {
	if unit == Seconds {
		return parseSeconds(s)
	}
	number, percent := s, false
	if unit == Ratio {
		number, percent = strings.CutSuffix(s, "%")
	}
	number = strings.TrimSpace(number)
	v, ok := decimal(number, "")
	if !ok {
		return 0, fault.Usagef("%q is no number", s).Try("for example %s", unit.example())
	}
	if unit == Plain {
		return v, nil
	}
	if !percent && v == 1 {
		return 0, fault.Usagef("%q may be 1%% or 100%%: write which", s).Try("100%% or 1%%")
	}
	if percent || v > 1 {
		// By moving the point and not by a division, so that 99.9% and 0.999 are
		// the same number.
		v, _ = decimal(number, "e-2")
	}
	if v < 0 || v > 1 {
		return 0, fault.Usagef("%q is no share: expected 0 to 1, or 0%% to 100%%", s).Try("for example %s", unit.example())
	}
	return v, nil
}

// decimal reads digits with an optional point and sign, no other notation.
func decimal(s, exponent string) (float64, bool) {
	if s == "" || strings.Trim(s, "+-.0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s+exponent, 64)
	return v, err == nil
}

func parseSeconds(s string) (float64, error) {
	if _, bare := decimal(s, ""); bare && s != "0" {
		return 0, fault.Usagef("%q has no unit: milliseconds or seconds?", s).Try("%sms or %ss", s, s)
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fault.Usagef("%q is no duration: expected a number with us, ms, s or m", s).Try("for example %s", Seconds.example())
	}
	return d.Seconds(), nil
}

// String writes the gate as it is read: ">=99.5%", "<300ms".
func (g Gate) String() string {
	text := strconv.FormatFloat(g.Value, 'f', -1, 64)
	switch g.Unit {
	case Ratio:
		text = precisely(g.Value)
	case Seconds:
		text = time.Duration(math.Round(g.Value * float64(time.Second))).String()
	}
	return g.Op + text
}

// precisely writes a share with all its digits: 15 are as many as come back from
// binary unchanged.
func precisely(v float64) string {
	exact, _ := strconv.ParseFloat(strconv.FormatFloat(v*100, 'g', 15, 64), 64)
	return strconv.FormatFloat(exact, 'f', -1, 64) + "%"
}

// format prints a value exactly, other than a table does: 0.99996 is 99.996% and
// not 99.99%, because a threshold must be told from the value beside it.
func (u Unit) format(v float64) string {
	switch u {
	case Ratio:
		return percentage(v)
	case Seconds:
		return signals.Duration(v)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// percentage prints up to four decimals. What is not 1 is not printed as 100%, and
// what is not 0 not as 0%.
func percentage(v float64) string {
	const finest = 1e-6
	switch {
	case v < 1 && v > 1-finest:
		v = 1 - finest
	case v > 0 && v < finest/2:
		return "<0.0001%"
	case v < 0 && v > -finest/2:
		return ">-0.0001%"
	}
	text := strconv.FormatFloat(v*100, 'f', 4, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}

// rounding is how far, in parts of it, a value may be from one that it is meant to be:
// rates are quotients, and 20 a second may come as 19.999999999999996.
const rounding = 1e-9

// Holds reports whether a value that is known exactly satisfies the gate.
func (g Gate) Holds(v float64) bool {
	if !g.exact() && math.Abs(v-g.Value) <= rounding*math.Abs(g.Value) {
		v = g.Value
	}
	switch g.Op {
	case ">=":
		return v >= g.Value
	case "<=":
		return v <= g.Value
	case ">":
		return v > g.Value
	case "<":
		return v < g.Value
	case "!=":
		return v != g.Value
	}
	return v == g.Value
}

// exact reports whether the gate is about there being any exception at all: no
// number of requests proves 100 %, so an interval could never clear it.
func (g Gate) exact() bool { return g.Unit == Ratio && (g.Value == 0 || g.Value == 1) }

// over returns pass if the whole interval satisfies the gate, fail if none of it
// does, inconclusive else.
func (g Gate) over(i Interval) Verdict {
	low, high := g.Holds(i.Low), g.Holds(i.High)
	inside := i.Low < g.Value && g.Value < i.High
	switch {
	case low && high && !(g.Op == "!=" && inside):
		return Pass
	case !low && !high && !(g.Op == "==" && inside):
		return Fail
	}
	return Inconclusive
}

// Within judges a value of which only its bucket is known: it is above low and at
// most high, which may be +Inf. Where that does not decide, nobody knows.
func (g Gate) Within(low, high float64) Verdict {
	var holds bool
	switch {
	case g.Value <= low:
		holds = g.Op == ">" || g.Op == ">=" || g.Op == "!="
	case g.Value > high, g.Value == high && g.Op != "==" && g.Op != "!=":
		holds = g.Op == "<" || g.Op == "<=" || g.Op == "!="
	default:
		return Inconclusive
	}
	if holds {
		return Pass
	}
	return Fail
}
