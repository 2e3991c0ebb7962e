// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"math"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Shape is the report of rows. Buckets are a large part of it, and only asked for.
func Shape(rows []Row, by signals.By, m api.Measured, buckets bool) api.StatList {
	out := api.StatList{TypeMeta: api.Type("StatList"), Measured: m, By: string(by), Items: []api.Stat{}}
	for _, r := range rows {
		out.Items = append(out.Items, api.Stat{
			Namespace: r.Namespace, Name: r.Name, Version: r.Version, Workload: r.Workload, View: string(r.View),
			Signals: Signals(r.Group, r.Why(), buckets),
		})
	}
	return out
}

// Signals is the shape of a group, of nil that nothing is known.
func Signals(g *signals.Group, why string, buckets bool) api.Signals {
	out := api.Signals{Reporters: []string{}, Why: why}
	if g == nil {
		return out
	}
	for _, r := range g.Reporters {
		out.Reporters = append(out.Reporters, string(r))
	}
	out.Requests, out.RPS, out.Success, out.ClientErrors = number(g.Requests()), number(g.Rate), number(g.Success()), number(g.ClientErrorShare())
	out.NoResponse = number(g.NoResponseShare())
	out.Sent, out.Received, out.Flag = number(g.Sent), number(g.Received), Flag(*g)
	out.Quantiles = quantiles(g.Latency)
	if buckets {
		bounds := g.Latency.Bounds()
		for i, b := range g.Latency.Histogram {
			out.Buckets = append(out.Buckets, api.StatBucket{LE: number(&bounds[i]), Count: b.Count})
		}
	}
	return out
}

// Flag is the response flag of the most frequent failure that has one.
func Flag(g signals.Group) string {
	for _, p := range g.Parts {
		if (p.Outcome == signals.Failed || p.Outcome == signals.NoResponse) && signals.ExplainFlags(p.Flags) != "" {
			return p.Flags
		}
	}
	return ""
}

func quantiles(l signals.Latency) api.Quantiles {
	var out api.Quantiles
	for _, q := range []struct {
		q      float64
		value  **float64
		bound  *string
		bucket *[]*float64
	}{
		{0.5, &out.P50, &out.P50Bound, &out.P50Bucket}, {0.95, &out.P95, &out.P95Bound, &out.P95Bucket}, {0.99, &out.P99, &out.P99Bound, &out.P99Bucket},
	} {
		e := Estimate(l, q.q)
		if e == nil {
			continue
		}
		*q.bucket = []*float64{number(&e.Low), number(&e.High)}
		if e.Beyond {
			*q.bound = e.String()
		} else {
			*q.value = number(&e.Value)
		}
	}
	return out
}

// Estimate is a quantile that enough requests tell, nil if there is none.
func Estimate(l signals.Latency, q float64) *signals.Estimate {
	if e := l.Quantile(q); e != nil && signals.Enough(q, e.N) {
		return e
	}
	return nil
}

// number is a value that JSON has a word for, without the noise of sums of rates: 12
// digits. What is short of 1 stays so.
func number(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	const digits = 12
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(*v, 'g', digits, 64), 64)
	if err != nil || rounded == 1 && *v < 1 && *v > 1-1e-9 && 1-*v > 1e-15 {
		return v
	}
	return &rounded
}
