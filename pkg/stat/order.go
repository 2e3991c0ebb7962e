// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

// fields are what rows can be sorted and filtered by.
var fields = []struct {
	name  string
	unit  compare.Unit
	value func(signals.Group) *float64
	q     float64 // of latency, 0 for others
}{
	{"rps", compare.Plain, func(g signals.Group) *float64 { return g.Rate }, 0},
	{"errors", compare.Plain, errorRate, 0},
	{"success", compare.Ratio, signals.Group.Success, 0},
	{"client-errors", compare.Ratio, signals.Group.ClientErrorShare, 0},
	{"requests", compare.Plain, signals.Group.Requests, 0},
	{"p50", compare.Seconds, quantile(0.5), 0.5},
	{"p95", compare.Seconds, quantile(0.95), 0.95},
	{"p99", compare.Seconds, quantile(0.99), 0.99},
}

// Fields are the words of --filter and, with "name", of --sort-by.
func Fields() []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.name)
	}
	return out
}

// errorRate is how many requests failed a second.
func errorRate(g signals.Group) *float64 {
	if g.Rate == nil || g.Unclassified > 0 {
		return nil
	}
	return &g.Failed
}

func quantile(q float64) func(signals.Group) *float64 {
	return func(g signals.Group) *float64 {
		e := g.Latency.Quantile(q)
		if e == nil || !signals.Enough(q, e.N) {
			return nil
		}
		return &e.Value
	}
}

// of returns the value of a field in a row, nil for unknown.
func of(r Row, value func(signals.Group) *float64) *float64 {
	if r.Group == nil {
		return nil
	}
	return value(*r.Group)
}

// Order sorts rows; the zero value leaves them by name.
type Order struct {
	value func(signals.Group) *float64
	by    string
	down  bool
}

// ParseOrder reads --sort-by: a field or "name", with "-" in front for descending.
func ParseOrder(s string) (Order, error) {
	name, down := strings.CutPrefix(s, "-")
	if name == "" || name == "name" {
		return Order{by: "name", down: down}, nil
	}
	for _, f := range fields {
		if f.name == name {
			return Order{f.value, name, down}, nil
		}
	}
	return Order{}, unknownField("--sort-by", name, append(Fields(), "name"))
}

func unknownField(flag, name string, names []string) error {
	err := fault.Usagef("%s: no field %q, expected one of %s", flag, name, strings.Join(names, ", "))
	if near := ref.Closest(name, names); len(near) > 0 {
		return err.Try("did you mean %s?", near[0])
	}
	return err.Try("%s %s", flag, names[0])
}

// Sort sorts rows. What is not known comes last, whatever the direction, and equal
// rows stay in the order of names.
func (o Order) Sort(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		if o.value == nil {
			c := cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
			if o.down {
				return -c
			}
			return c
		}
		x, y := of(a, o.value), of(b, o.value)
		switch {
		case x == nil || y == nil:
			return cmp.Compare(order(x == nil), order(y == nil))
		case o.down:
			return cmp.Compare(*y, *x)
		}
		return cmp.Compare(*x, *y)
	})
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// Filter is a condition on rows.
type Filter struct {
	value func(signals.Group) *float64
	// q is the quantile it is about, 0 for none.
	q    float64
	gate compare.Gate
}

// ParseFilters reads --filter: conditions such as success<99 and p99>=300ms, joined
// by commas, which all have to hold.
func ParseFilters(s string) ([]Filter, error) {
	var out []Filter
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		at := strings.IndexAny(part, "<>=!")
		if at < 0 {
			return nil, fault.Usagef("--filter: %q is no condition: expected a field, an operator and a value", part).Try("--filter 'success<99'")
		}
		name, i := strings.TrimSpace(part[:at]), -1
		for k, f := range fields {
			if f.name == name {
				i = k
			}
		}
		if i < 0 {
			return nil, unknownField("--filter", name, Fields())
		}
		gate, err := compare.ParseGate(part[at:], fields[i].unit)
		if err != nil {
			return nil, err
		}
		out = append(out, Filter{fields[i].value, fields[i].q, gate})
	}
	return out, nil
}

// Apply returns the rows of which all filters hold. Of what is not known none does.
func Apply(filters []Filter, rows []Row) []Row {
	return slices.DeleteFunc(rows, func(r Row) bool {
		return slices.ContainsFunc(filters, func(f Filter) bool {
			v := of(r, f.value)
			if v == nil {
				return true
			}
			if f.q > 0 && r.Group.Latency.Quantile(f.q).Beyond { // nobody knows how far
				return f.gate.Within(*v, math.Inf(1)) != compare.Pass
			}
			return !f.gate.Holds(*v)
		})
	})
}
