// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

const (
	// points are those of a trend in a table, span is the time it covers.
	points = 20
	span   = time.Hour
)

// place is a workload, or a service, as metrics name it.
type place struct{ namespace, name string }

// version is a place, and which of its versions where they are told apart.
type version struct {
	place
	version string
}

// history is what Prometheus alone knows: the past, and what containers were held
// back.
type history struct {
	// past are the requests at the points, as they were asked for by query; rates what
	// fold made of them.
	past  []signals.Vector
	query signals.Query
	rates map[version][]float64
	held  signals.Vector
}

// remember asks Prometheus for the past: one range of requests, and one vector of
// throttling. Nothing depends on it, so that a failure is only told.
func remember(ctx context.Context, g *golden, q stat.Question, points int) *history {
	out := &history{}
	client := g.feed.Prometheus
	if client == nil {
		return out
	}
	p := g.feed.Profiles[0]
	step := span / time.Duration(points)
	query := q.Query(p)
	query.Window, query.TCP = g.feed.Window, false
	query.Profile.Metrics = []signals.Metrics{{Requests: p.Metrics[0].Requests}}
	series, err := client.Range(ctx, query.PromQL(), g.feed.At.Add(-span+step), g.feed.At, step)
	if err != nil {
		g.tell([]string{"no trend: " + err.Error()})
		return out
	}
	out.past = make([]signals.Vector, points)
	for _, s := range series {
		for _, point := range s.Points {
			i := points - 1 - int(g.feed.At.Sub(point.At).Round(step)/step)
			if i >= 0 && i < points {
				out.past[i] = append(out.past[i], signals.Sample{Labels: s.Labels, Value: point.Value})
			}
		}
	}
	out.query = query
	out.held, err = client.Query(ctx, throttling(g.namespace, g.feed.Window), g.feed.At)
	if err != nil {
		g.tell([]string{"throttling is unknown: " + err.Error()})
	}
	return out
}

// fold makes rates of the past. Whose they are may be known from objects alone, which
// have to be there by then.
func (h *history) fold(q stat.Question) *history {
	h.rates = map[version][]float64{}
	for i, v := range h.past {
		rows, _ := q.Rows(h.query.Profile, signals.Answer{Vector: v, Window: h.query.Window})
		for _, r := range rows {
			at := version{place{r.Namespace, r.Name}, r.Version}
			if h.rates[at] == nil {
				h.rates[at] = unknowns(len(h.past))
			}
			if r.Group.Rate != nil {
				h.rates[at][i] = *r.Group.Rate
			}
		}
	}
	return h
}

// unknowns are points of which nothing is known.
func unknowns(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// throttling is the share of periods in which the containers of pods were held back.
func throttling(namespace string, window time.Duration) string {
	selector := `{container!=""`
	if namespace != "" {
		selector += ",namespace=" + signals.Quote(namespace)
	}
	periods := func(metric string) string {
		return fmt.Sprintf("sum by (namespace,pod,container) (increase(%s%s}[%ds]))", metric, selector, int(window.Seconds()))
	}
	return "max by (namespace,pod) (" + periods("container_cpu_cfs_throttled_periods_total") +
		" / (" + periods("container_cpu_cfs_periods_total") + " > 0))"
}

// trend is the past of a workload, a service, or one of its versions, nil if nothing
// is known.
func (h *history) trend(namespace, name, of string) []float64 {
	return h.rates[version{place{namespace, name}, of}]
}

// throttled gives pods to their workloads: the worst counts.
func (h *history) throttled(g *golden) func(namespace, workload string) *float64 {
	worst := map[place]*float64{}
	for _, s := range h.held {
		namespace, pod := s.Labels.Get("namespace"), s.Labels.Get("pod")
		w, found := g.seen.Workload(model.Pods.Ref(namespace, pod))
		if !found || math.IsNaN(s.Value) {
			continue
		}
		at := place{namespace, w.Ref.Name}
		if have := worst[at]; have == nil || *have < s.Value {
			v := s.Value
			worst[at] = &v
		}
	}
	return func(namespace, workload string) *float64 { return worst[place{namespace, workload}] }
}

// bars are the heights of a sparkline.
var bars = []rune("▁▂▃▄▅▆▇█")

// sparkline draws a trend from 0 to its greatest; what is not known is blank.
func sparkline(trend []float64) string {
	top := 0.0
	for _, v := range trend {
		if v > top { // not for NaN
			top = v
		}
	}
	var b strings.Builder
	for _, v := range trend {
		switch {
		case math.IsNaN(v):
			b.WriteRune(' ')
		case top == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[int(math.Round(v/top*float64(len(bars)-1)))])
		}
	}
	return strings.TrimLeft(b.String(), " ")
}
