// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// write prints rows in the format of -o.
func (s *statFlags) write(g *golden, q stat.Question, rows []stat.Row) error {
	out := g.Streams.Out
	report := stat.Shape(rows, q.By(), g.measured(), s.buckets)
	switch format := g.report.Output; format {
	case "json", "yaml":
		return render.Report(out, format, report)
	case "jsonl":
		encoder := json.NewEncoder(out)
		for _, item := range report.Items {
			if err := encoder.Encode(item); err != nil {
				return err
			}
		}
		return nil
	case "csv":
		return statCSV(out, report)
	case "openmetrics":
		return openMetrics(out, report)
	case "name":
		seen := map[string]bool{}
		for _, r := range rows {
			name := q.Names[0].Word + "/" + r.Name
			if seen[name] || r.Name == signals.NoPod || r.Group != nil && !signals.Reached(r.Group.Workload) { // which is no object
				continue
			}
			seen[name] = true
			if _, err := fmt.Fprintln(out, render.Sanitise(name)); err != nil {
				return err
			}
		}
		return nil
	case "markdown":
		header, cells := s.cells(g, q, rows)
		return markdown(out, header, cells)
	}
	header, cells := s.cells(g, q, rows)
	t := g.Table(header...)
	t.NoHeaders, t.Rows = g.report.NoHeaders, cells
	if g.report.Output == "wide" {
		t.Width = 0
	}
	return t.Write(out)
}

// column is one of a table of rows.
type column[R any] struct {
	title string
	cell  func(R) string
}

// tabulate fills a table.
func tabulate[R any](columns []column[R], rows []R) (header []string, cells [][]string) {
	for _, c := range columns {
		header = append(header, c.title)
	}
	for _, r := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = c.cell(r)
		}
		cells = append(cells, line)
	}
	return header, cells
}

// statColumn is one of the table of golden signals.
type statColumn = column[stat.Row]

// signal is a column of what was measured, absent without.
func signal(title string, cell func(signals.Group) string) statColumn {
	return statColumn{title, func(r stat.Row) string {
		if r.Group == nil {
			return signals.Absent
		}
		return cell(*r.Group)
	}}
}

// cells are the table of rows.
func (s *statFlags) cells(g *golden, q stat.Question, rows []stat.Row) (header []string, cells [][]string) {
	return tabulate(s.columns(g, q), rows)
}

func (s *statFlags) columns(g *golden, q stat.Question) []statColumn {
	wide := g.report.Output == "wide"
	var out []statColumn
	if g.namespace == "" && q.By() != signals.ByNamespace {
		out = append(out, statColumn{"NAMESPACE", func(r stat.Row) string { return r.Namespace }})
	}
	out = append(out, statColumn{"NAME", func(r stat.Row) string { return r.Name }})
	switch q.By() {
	case signals.ByVersion:
		out = append(out, statColumn{"VERSION", func(r stat.Row) string { return orAbsent(r.Version) }})
	case signals.ByPod:
		out = append(out, statColumn{"WORKLOAD", func(r stat.Row) string { return orAbsent(r.Workload) }})
	}
	if wide || q.View == viewBoth {
		out = append(out, statColumn{"VIEW", func(r stat.Row) string { return string(r.View) }})
	}
	if wide {
		out = append(out, signal("REPORTER", reporters))
	}
	out = append(out,
		signal("RPS", func(g signals.Group) string { return rps(g.Rate) }),
		signal("SUCCESS", func(g signals.Group) string { return share(g.Success()) }))
	if wide {
		out = append(out, signal("4XX", func(g signals.Group) string { return share(g.ClientErrorShare()) }))
	}
	for _, quantile := range []float64{0.5, 0.95, 0.99} {
		out = append(out, signal(fmt.Sprintf("P%g", quantile*100), func(g signals.Group) string { return estimate(g.Latency, quantile) }))
	}
	if wide {
		out = append(out,
			signal("P99 BUCKET", func(g signals.Group) string { return bucket(g.Latency, 0.99) }),
			signal("N", func(g signals.Group) string { return about(g.Requests()) }),
			signal("FLAG", func(g signals.Group) string { return orAbsent(stat.Flag(g)) }))
	}
	return append(out, statColumn{"WHY", func(r stat.Row) string { return r.Why() }})
}

func orAbsent(s string) string {
	if s == "" {
		return signals.Absent
	}
	return s
}

func reporters(g signals.Group) string {
	var names []string
	for _, r := range g.Reporters {
		names = append(names, string(r))
	}
	return orAbsent(strings.Join(names, ","))
}

// rps prints requests a second.
func rps(v *float64) string {
	if v == nil {
		return signals.Absent
	}
	return signals.Rate(*v)
}

// share prints a share with its sign.
func share(v *float64) string {
	if v == nil {
		return signals.Absent
	}
	return signals.Percent(*v) + "%"
}

// estimate prints a quantile that enough requests tell.
func estimate(l signals.Latency, q float64) string {
	if e := stat.Estimate(l, q); e != nil {
		return e.String()
	}
	return signals.Absent
}

// bucket prints what a quantile is in, however few requests there are.
func bucket(l signals.Latency, q float64) string {
	if e := l.Quantile(q); e != nil {
		return signals.Range(e.Low, e.High)
	}
	return signals.Absent
}

// about prints how many requests there were: an estimate.
func about(n *float64) string {
	if n == nil {
		return signals.Absent
	}
	return "≈" + signals.Count(*n)
}

// statCSV writes raw numbers, as JSON has them; what is unknown is empty.
func statCSV(w io.Writer, report api.StatList) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{
		"namespace", "name", "version", "workload", "view", "reporters", "requests", "rps", "success", "client_errors",
		"p50_seconds", "p95_seconds", "p99_seconds", "flag", "why",
	}); err != nil {
		return err
	}
	for _, i := range report.Items {
		cells := []string{i.Namespace, i.Name, i.Version, i.Workload, i.View, strings.Join(i.Reporters, " ")}
		for _, v := range []*float64{i.Requests, i.RPS, i.Success, i.ClientErrors, i.P50, i.P95, i.P99} {
			cells = append(cells, raw(v))
		}
		cells = append(cells, i.Flag, i.Why)
		for k := range cells {
			cells[k] = render.Sanitise(cells[k])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// raw prints a number as it is.
func raw(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// openMetrics writes rows as gauges, for what reads that format. A value that is
// unknown has no sample.
func openMetrics(w io.Writer, report api.StatList) error {
	var b strings.Builder
	for _, m := range []struct {
		name, help string
		value      func(api.Stat) *float64
	}{
		{"requests_per_second", "Requests a second.", func(s api.Stat) *float64 { return s.RPS }},
		{"success_ratio", "Share of requests that did not fail.", func(s api.Stat) *float64 { return s.Success }},
		{"client_error_ratio", "Share of requests answered with 4xx.", func(s api.Stat) *float64 { return s.ClientErrors }},
		{"latency_p50_seconds", "Median of the time that requests took.", func(s api.Stat) *float64 { return s.P50 }},
		{"latency_p95_seconds", "95th percentile of the time that requests took.", func(s api.Stat) *float64 { return s.P95 }},
		{"latency_p99_seconds", "99th percentile of the time that requests took.", func(s api.Stat) *float64 { return s.P99 }},
	} {
		name := "kubectl_micro_" + m.name
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s\n", name, name, m.help)
		for _, item := range report.Items {
			if v := m.value(item); v != nil {
				safe := func(s string) string { return signals.Quote(render.Sanitise(s)) }
				workload := ""
				if item.Workload != "" { // of pods that nobody knows, each has a row
					workload = ",workload=" + safe(item.Workload)
				}
				fmt.Fprintf(&b, "%s{by=%s,namespace=%s,name=%s,version=%s%s,view=%s} %s %d\n", name, safe(report.By),
					safe(item.Namespace), safe(item.Name), safe(item.Version), workload, safe(item.View), raw(v), report.At.Unix())
			}
		}
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown writes a table for a comment on a pull request.
func markdown(w io.Writer, header []string, rows [][]string) error {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(render.Sanitise(c)) + " ")
		}
		b.WriteString("|\n")
	}
	line(header)
	b.WriteString(strings.Repeat("|---", len(header)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
