// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// noValue is a cell of which nothing is known, or that holds nothing.
const noValue = "-"

// topKey is a value of --sort-by.
type topKey string

const (
	byName        topKey = "name"
	byCPU         topKey = "cpu"
	byMemory      topKey = "memory"
	byCPUShare    topKey = "cpu%"
	byMemoryShare topKey = "mem%"
	byRestarts    topKey = "restarts"
)

// compare orders rows: numbers from the greatest down, unknown ones last. The
// share of CPU is that of the request, the share of memory that of the limit:
// what is above the one may be held back, what reaches the other is killed.
func (k topKey) compare(a, b topRow) int {
	var x, y *float64
	switch k {
	case byCPU:
		x, y = a.cpu().Used, b.cpu().Used
	case byMemory:
		x, y = a.memory().Used, b.memory().Used
	case byCPUShare:
		x, y = a.cpu().UsedOfRequests, b.cpu().UsedOfRequests
	case byMemoryShare:
		x, y = a.memory().UsedOfLimits, b.memory().UsedOfLimits
	case byRestarts:
		x, y = countOf(a.restarts()), countOf(b.restarts())
	}
	return cmp.Or(greatestFirst(x, y), byObject(a.Object, b.Object))
}

// countOf is a count as a number to sort by.
func countOf(n *int32) *float64 {
	if n == nil {
		return nil
	}
	v := float64(*n)
	return &v
}

func greatestFirst(x, y *float64) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	return cmp.Compare(*y, *x)
}

func byObject(a, b api.ObjectRef) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// topColumn is one of a table, left out where show is false.
type topColumn struct {
	name string
	show bool
	cell func(topRow) string
}

// columns are those of pods and workloads. Templates stand for several pods.
func (t *top) columns(rows []topRow, workloads bool) []topColumn {
	wide := t.report.Output == "wide"
	templates := slices.ContainsFunc(rows, func(r topRow) bool { return r.Template })
	return []topColumn{
		{"NAMESPACE", t.world.Namespace == "", func(r topRow) string { return r.Object.Namespace }},
		{"NAME", true, func(r topRow) string {
			if workloads || r.Template {
				return shortName(r.Object)
			}
			return r.Object.Name
		}},
		{"CONTAINER", t.containers, func(r topRow) string { return r.container.Name }},
		{"PODS", workloads || templates, func(r topRow) string {
			if wide && r.MeasuredPods != r.Pods {
				return fmt.Sprintf("%d (%d measured)", r.Pods, r.MeasuredPods)
			}
			return strconv.Itoa(r.Pods)
		}},
		{"CPU", true, func(r topRow) string { return amountOf(r.cpu().Used, usage.Cores) }},
		{"CPU/REQ", true, func(r topRow) string { return shareOf(r.cpu().Requests, r.cpu().UsedOfRequests, usage.Cores) }},
		{"CPU/LIM", true, func(r topRow) string { return limitOf(r.cpu(), usage.Cores) }},
		{"MEM", true, func(r topRow) string { return amountOf(r.memory().Used, usage.Bytes) }},
		{"MEM/REQ", true, func(r topRow) string { return shareOf(r.memory().Requests, r.memory().UsedOfRequests, usage.Bytes) }},
		{"MEM/LIM", true, func(r topRow) string { return limitOf(r.memory(), usage.Bytes) }},
		{"THROTTLED", t.throttling.asked, func(r topRow) string { return amountOf(r.throttled(), usage.Percent) }},
		{"RESTARTS", true, func(r topRow) string { return cmp.Or(plainCount(r.restarts()), noValue) }},
		{"NODE", wide && !workloads, func(r topRow) string { return cmp.Or(r.Node, noValue) }},
		{"WORKLOAD", wide && !workloads, func(r topRow) string {
			if r.Workload == nil {
				return noValue
			}
			return shortName(*r.Workload)
		}},
		{"LAST", wide && t.containers && !workloads, func(r topRow) string {
			if r.container.Last == nil {
				return noValue
			}
			return fmt.Sprintf("%s (%d)", r.container.Last.Reason, r.container.Last.ExitCode)
		}},
		{"RISK", true, func(r topRow) string { return riskCell(r.risks(), r.container == nil) }},
	}
}

// table prints rows for people.
func (t *top) table(rows []topRow, workloads bool) error {
	var shown []topColumn
	var header []string
	for _, c := range t.columns(rows, workloads) {
		if c.show {
			shown, header = append(shown, c), append(header, c.name)
		}
	}
	table := t.Table(header...)
	for _, r := range rows {
		line := make([]string, len(shown))
		for i, c := range shown {
			line[i] = c.cell(r)
		}
		table.Rows = append(table.Rows, line)
	}
	return t.write(table)
}

// write prints a table in the format that was asked for.
func (t *top) write(table *render.Table) error {
	table.NoHeaders = t.report.NoHeaders
	switch t.report.Output {
	case "markdown":
		return table.Markdown(t.Streams.Out)
	case "wide":
		table.Width = 0
	}
	colors, last := t.Colors(), len(table.Header)-1
	table.Style = func(row, column int) render.Style {
		if column == last && table.Rows[row][last] != noValue {
			return colors.Yellow
		}
		return nil
	}
	return table.Write(t.Streams.Out)
}

func amountOf(x *float64, text func(float64) string) string {
	if x == nil {
		return noValue
	}
	return text(*x)
}

// shareOf is an amount and the share of it that is used: "250m 48%".
func shareOf(whole, ratio *float64, text func(float64) string) string {
	if whole == nil || ratio == nil {
		return amountOf(whole, text)
	}
	return text(*whole) + " " + usage.Percent(*ratio)
}

// limitOf is shareOf for limits, which may be none.
func limitOf(x api.UsageResource, text func(float64) string) string {
	if x.Limits == nil {
		return "none"
	}
	return shareOf(x.Limits, x.UsedOfLimits, text)
}

// riskCell is a cell of the risks, each with its container where the row is not that.
func riskCell(all []api.UsageRisk, named bool) string {
	if len(all) == 0 {
		return noValue
	}
	var out []string
	for _, r := range all {
		text := r.Message
		if named && r.Container != "" {
			text = r.Container + ": " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}
