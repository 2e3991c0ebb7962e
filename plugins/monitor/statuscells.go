// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/status"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// statusColumn is one of the table.
type statusColumn = column[status.Row]

// write prints the rows in the format of -o.
func (s *statusFlags) write(g *golden, rows []status.Row) error {
	out := g.Streams.Out
	format := g.report.Output
	if format == "json" || format == "yaml" {
		return render.Report(out, format, s.shape(g, rows))
	}
	if format == "jsonl" {
		return render.JSONL(out, s.shape(g, rows).Items)
	}
	header, cells := tabulate(s.columns(g, rows), rows)
	if format == "markdown" {
		return markdown(out, header, cells)
	}
	t := g.Table(header...)
	t.NoHeaders, t.Rows = g.report.NoHeaders, cells
	if format == "wide" {
		t.Width = 0
	}
	return t.Write(out)
}

// columns are those that any row may have something for; of the ones that only
// Prometheus fills, those that it has filled.
func (s *statusFlags) columns(g *golden, rows []status.Row) []statusColumn {
	wide := g.report.Output == "wide"
	golden := func(title string, cell func(signals.Group) string) statusColumn {
		return statusColumn{title, func(r status.Row) string {
			if r.Group == nil {
				return signals.Absent
			}
			return cell(*r.Group)
		}}
	}
	var out []statusColumn
	if g.namespace == "" {
		out = append(out, statusColumn{"NAMESPACE", func(r status.Row) string { return r.Ref.Namespace }})
	}
	out = append(out,
		statusColumn{"NAME", rowName},
		statusColumn{"READY", ready},
		golden("RPS", func(x signals.Group) string { return rps(x.Rate) }),
		golden("SUCCESS", func(x signals.Group) string { return share(x.Success()) }))
	if wide {
		out = append(out, golden("4XX", func(x signals.Group) string { return share(x.ClientErrorShare()) }))
	}
	for _, q := range []float64{0.5, 0.95, 0.99} {
		out = append(out, golden(fmt.Sprintf("P%g", q*100), func(x signals.Group) string { return estimate(x.Latency, q) }))
	}
	if wide {
		out = append(out,
			golden("P99 BUCKET", func(x signals.Group) string { return bucket(x.Latency, 0.99) }),
			golden("N", func(x signals.Group) string { return about(x.Requests()) }))
	}
	if slices.ContainsFunc(rows, func(r status.Row) bool { return len(r.Trend) > 0 }) {
		out = append(out, statusColumn{"TREND", func(r status.Row) string { return orAbsent(sparkline(r.Trend)) }})
	}
	out = append(out,
		statusColumn{"CPU/REQ", func(r status.Row) string { return against(r, cpuUse, false, usage.Cores) }},
		statusColumn{"MEM/LIM", func(r status.Row) string { return against(r, memoryUse, true, usage.Bytes) }})
	if slices.ContainsFunc(rows, func(r status.Row) bool { return r.Throttled != nil }) {
		out = append(out, statusColumn{"THR%", func(r status.Row) string { return share(r.Throttled) }})
	}
	return append(out,
		statusColumn{"RST", restarts},
		statusColumn{"HPA", scaled},
		statusColumn{"WHY", func(r status.Row) string { return r.Why }})
}

// rowName names a workload. The row of a service holds only the requests that reached
// none of its workloads, or one that is not known.
func rowName(r status.Row) string {
	name := shortKind(r.Ref.Kind) + "/" + r.Ref.Name
	if r.Ref.Kind == model.Services.Kind.Kind {
		name += " " + r.Group.Workload
	}
	return name
}

// shortKind is a kind as people type it.
func shortKind(kind string) string {
	switch kind = strings.ToLower(kind); kind {
	case "deployment":
		return "deploy"
	case "statefulset":
		return "sts"
	case "daemonset":
		return "ds"
	case "service":
		return "svc"
	}
	return kind
}

func ready(r status.Row) string {
	if r.Ready == nil && r.Wanted == nil {
		return signals.Absent
	}
	return count(r.Ready) + "/" + count(r.Wanted)
}

func count(n *int32) string {
	if n == nil {
		return signals.Absent
	}
	return strconv.Itoa(int(*n))
}

// cpuUse and memoryUse are one resource of an amount.
func cpuUse(a usage.Amount) *float64    { return a.CPU }
func memoryUse(a usage.Amount) *float64 { return a.Memory }

// against is "used/asked for", or "used/allowed".
func against(r status.Row, of func(usage.Amount) *float64, limit bool, text func(float64) string) string {
	if r.Usage == nil {
		return signals.Absent
	}
	bound := of(r.Usage.Requests)
	if limit {
		bound = of(r.Usage.Limits)
	}
	if bound != nil && *bound == 0 {
		bound = nil // nothing is asked for
	}
	cell := func(v *float64) string {
		if v == nil {
			return signals.Absent
		}
		return text(*v)
	}
	return cell(of(r.Usage.Used)) + "/" + cell(bound)
}

func restarts(r status.Row) string {
	if r.Usage == nil || r.Ready == nil {
		return signals.Absent
	}
	return strconv.Itoa(int(r.Usage.Restarts))
}

func scaled(r status.Row) string {
	if r.HPA == nil {
		return signals.Absent
	}
	return fmt.Sprintf("%s/%d", count(r.HPA.Current), r.HPA.Max)
}

// shape is the report.
func (s *statusFlags) shape(g *golden, rows []status.Row) api.StatusList {
	out := api.StatusList{TypeMeta: api.Type("StatusList"), Measured: g.measured(), View: g.view, Items: []api.Status{}, Notes: s.notes}
	for _, r := range rows {
		item := api.Status{
			Namespace: r.Ref.Namespace, Kind: r.Ref.Kind, Name: r.Ref.Name, Ready: r.Ready, Wanted: r.Wanted,
			Throttled: r.Throttled, Why: r.Why, NoUpstream: r.Group != nil && r.Group.Workload == signals.NoUpstream,
		}
		why := ""
		if r.Group != nil {
			why = signals.Why(*r.Group)
		}
		item.Signals = stat.Signals(r.Group, why, false)
		for _, v := range r.Trend {
			if point := v; math.IsNaN(v) {
				item.Trend = append(item.Trend, nil)
			} else {
				item.Trend = append(item.Trend, &point)
			}
		}
		if u := r.Usage; u != nil {
			item.CPU = api.StatusUse{Used: u.Used.CPU, Requests: u.Requests.CPU, Limits: u.Limits.CPU}
			item.Memory = api.StatusUse{Used: u.Used.Memory, Requests: u.Requests.Memory, Limits: u.Limits.Memory}
			if r.Ready != nil {
				item.Restarts = &u.Restarts
			}
		}
		if h := r.HPA; h != nil {
			item.Autoscaler = &api.StatusAutoscaler{Current: h.Current, Min: h.Min, Max: h.Max, Limited: h.Limited}
		}
		out.Items = append(out.Items, item)
	}
	return out
}
