// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"
	"strings"
)

// Condition are requests that a rule lets through, or keeps out.
type Condition struct {
	// Methods and Paths are those of HTTP, as policies write them; empty for all.
	Methods, Paths []string
	// Other is what else has to hold, in words.
	Other []string
	// Denied is true where these requests are kept out.
	Denied bool
	// Rule is the rule that says so: "rule 1 of shop/orders".
	Rule string
}

// String is "GET or POST /orders", with "not" in front of what is kept out.
func (c Condition) String() string {
	parts := slices.Clone(c.Other)
	if head := strings.TrimSpace(list(c.Methods, "or") + " " + list(c.Paths, "or")); head != "" {
		parts = slices.Insert(parts, 0, head)
	}
	text := strings.Join(parts, ", ")
	if c.Denied {
		return "not " + text
	}
	return text
}

// mostConditions bounds the alternatives of one rule.
const mostConditions = 16

// conditions are what the requests have to bring of which a ballot leaves the
// answer open: one of those that are not Denied, if there are any, and none of
// those that are.
func (f facts) conditions(b ballot) []Condition {
	var out []Condition
	if len(having(b.allow, yes)) == 0 {
		for _, m := range having(b.allow, depends) {
			out = append(out, f.alternatives(m, false)...)
		}
	}
	for _, m := range having(b.deny, depends) {
		out = append(out, f.alternatives(m, true)...)
	}
	return out
}

// alternatives are the requests that one rule takes: each way to meet one
// element of every group.
func (f facts) alternatives(m match, denied bool) []Condition {
	f.namespace = m.policy.Ref.Namespace
	ways := []element{nil}
	for _, group := range m.rule.groups {
		var next []element
		for _, e := range f.openElements(group) {
			for _, w := range ways {
				next = append(next, slices.Concat(w, e))
			}
		}
		ways = next
	}
	rule := ruleName(m, true)
	if len(ways) > mostConditions {
		return []Condition{{Other: []string{residual(m)}, Denied: denied, Rule: rule}}
	}
	var out []Condition
	for _, w := range ways {
		c := Condition{Denied: denied, Rule: rule}
		for _, t := range w {
			switch {
			case t.attribute == byMethod && !t.not && c.Methods == nil:
				c.Methods = t.values
			case t.attribute == byPath && !t.not && c.Paths == nil:
				c.Paths = t.values
			default:
				c.Other = append(c.Other, t.words())
			}
		}
		out = append(out, c)
	}
	return out
}

// openElements are the elements of a group that may match, down to the tests
// that are open; one that surely matches leaves nothing open.
func (f facts) openElements(group []element) []element {
	var out []element
	for _, e := range group {
		switch f.element(e).truth {
		case yes:
			return []element{nil}
		case depends:
			var left element
			for _, t := range e {
				if f.holds(t).truth == depends {
					left = append(left, t)
				}
			}
			out = append(out, left)
		}
	}
	return out
}
