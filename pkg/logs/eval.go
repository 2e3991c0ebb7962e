// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// unclear collects the fields that could not be compared, and what one of each
// said that has a unit which cannot be read; it is empty where nothing says what
// the numbers count.
type unclear struct{ fields map[string]string }

func (u *unclear) add(field, said string) {
	if u.fields == nil {
		u.fields = map[string]string{}
	}
	if _, known := u.fields[field]; !known {
		u.fields[field] = said
	}
}

type (
	anyOf    struct{ left, right test }
	allOf    struct{ left, right test }
	no       struct{ test test }
	given    struct{ field string }
	matching struct {
		field   string
		pattern *regexp.Regexp
		not     bool
	}
)

func (t anyOf) holds(r Record, u *unclear) bool { return t.left.holds(r, u) || t.right.holds(r, u) }
func (t allOf) holds(r Record, u *unclear) bool { return t.left.holds(r, u) && t.right.holds(r, u) }
func (t no) holds(r Record, u *unclear) bool    { return !t.test.holds(r, u) }

func (t given) holds(r Record, _ *unclear) bool {
	f, found := r.Lookup(t.field)
	return found && f.Value != "" && (!f.Raw || f.Value != "false" && f.Value != "null")
}

func (t matching) holds(r Record, _ *unclear) bool {
	f, found := r.Lookup(t.field)
	return (found && t.pattern.MatchString(f.Value)) != t.not
}

// compared is a field beside a value, with what else the value may be read as.
type compared struct {
	field, op, text string
	quoted          bool
	null            bool
	level           Level
	isLevel         bool
	number          float64
	isNumber        bool
	// isDuration says that number is in seconds.
	isDuration bool
}

func (t compared) holds(r Record, u *unclear) bool {
	f, found := r.Lookup(t.field)
	isNull := !found || f.Raw && f.Value == "null"
	if t.null {
		return isNull == (t.op == "=")
	}
	if isNull {
		return t.op == "!="
	}
	order, comparable := t.order(f, r, u)
	switch {
	case !comparable:
		return t.op == "!="
	case t.op == "=":
		return order == 0
	case t.op == "!=":
		return order != 0
	case t.op == "<":
		return order < 0
	case t.op == "<=":
		return order <= 0
	case t.op == ">":
		return order > 0
	}
	return order >= 0
}

// order compares the field with the value in the first way in which both can be read.
func (t compared) order(f Field, r Record, u *unclear) (order int, comparable bool) {
	switch {
	case t.isLevel && r.Level != Unknown:
		return cmp.Compare(r.Level, t.level), true
	case t.isLevel:
		return strings.Compare(f.Value, t.text), t.equality()
	case t.isDuration:
		n, ok, isUnclear := seconds(f, r)
		switch {
		case ok:
			return cmp.Compare(n, t.number), true
		case isUnclear:
			u.add(t.field, "")
		case quantity(f.Value):
			u.add(t.field, f.Value)
		}
		return 0, false
	case t.isNumber:
		if n, err := strconv.ParseFloat(f.Value, 64); err == nil && n == n {
			return cmp.Or(cmp.Compare(n, t.number), exactly(f.Value, t.text, n)), true
		}
		if t.equality() || t.quoted && !quantity(f.Value) {
			break
		}
		if quantity(f.Value) {
			u.add(t.field, f.Value)
		}
		return 0, false
	}
	return strings.Compare(f.Value, t.text), true
}

func (t compared) equality() bool { return t.op == "=" || t.op == "!=" }
