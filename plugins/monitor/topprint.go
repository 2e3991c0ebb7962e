// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// topRow is one line of a table: a pod or a workload, or a container of it.
type topRow struct {
	*api.Usage
	container *api.ContainerUsage
}

// print prints the rows that were asked for, in their order.
func (t *top) print(list *api.UsageList, workloads bool) error {
	all := len(list.Items)
	if t.risky {
		list.Items = slices.DeleteFunc(list.Items, func(u api.Usage) bool { return len(u.Risks) == 0 })
	}
	list.Notes = t.notes
	format := t.report.Output
	if format == "json" || format == "yaml" || format == "jsonl" {
		t.order(list.Items)
		list.Items = firstRows(list.Items, t.limit)
		if format == "jsonl" {
			return render.JSONL(t.Streams.Out, headedUsage(list.Items))
		}
		return render.Report(t.Streams.Out, format, list)
	}
	if len(list.Items) == 0 {
		t.nothing(all, workloads)
	}
	rows := t.rows(list.Items)
	if format == "csv" {
		return t.csv(rows)
	}
	return t.table(rows, workloads)
}

// headedUsage are the items of a list, each with its own head.
func headedUsage(items []api.Usage) []any {
	type one struct {
		api.TypeMeta
		api.Usage
	}
	out := make([]any, 0, len(items))
	for _, u := range items {
		out = append(out, one{api.Type("Usage"), u})
	}
	return out
}

// nothing says why there are no rows.
func (t *top) nothing(all int, workloads bool) {
	what := map[bool]string{true: "workload", false: "pod"}[workloads]
	if t.risky && all > 0 {
		fmt.Fprintf(t.Streams.ErrOut, "nothing is at risk (%s)\n", cli.Plural(all, what))
		return
	}
	fmt.Fprintf(t.Streams.ErrOut, "no pods found%s\n", t.place())
}

// rows are the lines of a table, in order and no more than asked for.
func (t *top) rows(items []api.Usage) []topRow {
	rows := make([]topRow, 0, len(items))
	for i := range items {
		u := &items[i]
		if !t.containers {
			rows = append(rows, topRow{u, nil})
		}
		for j := range u.Containers {
			if r := (topRow{u, &u.Containers[j]}); !t.risky || len(r.risks()) > 0 {
				rows = append(rows, r)
			}
		}
	}
	slices.SortStableFunc(rows, t.sortBy.compare)
	return firstRows(rows, t.limit)
}

func (t *top) order(items []api.Usage) {
	slices.SortStableFunc(items, func(a, b api.Usage) int { return t.sortBy.compare(topRow{&a, nil}, topRow{&b, nil}) })
}

// firstRows leaves the first n, all if n is 0.
func firstRows[T any](all []T, n int) []T {
	if n > 0 && n < len(all) {
		return all[:n]
	}
	return all
}

func (r topRow) cpu() api.UsageResource {
	if r.container != nil {
		return r.container.CPU
	}
	return r.CPU
}

func (r topRow) memory() api.UsageResource {
	if r.container != nil {
		return r.container.Memory
	}
	return r.Memory
}

func (r topRow) restarts() *int32 {
	if r.container != nil {
		return r.container.Restarts
	}
	return r.Restarts
}

func (r topRow) throttled() *float64 {
	if r.container != nil {
		return r.container.Throttled
	}
	return r.Throttled
}

// risks are those of the row; those of a pod as a whole are none of a container's.
func (r topRow) risks() []api.UsageRisk {
	if r.container == nil {
		return r.Risks
	}
	var out []api.UsageRisk
	for _, riskCell := range r.Risks {
		if riskCell.Container == r.container.Name {
			out = append(out, riskCell)
		}
	}
	return out
}

// csv prints all that is known as numbers: cores, bytes and ratios of 1.
func (t *top) csv(rows []topRow) error {
	table := render.Table{NoHeaders: t.report.NoHeaders, Header: []string{
		"namespace", "kind", "name", "container", "node", "workload", "pods", "measured_pods",
		"cpu", "cpu_requests", "cpu_limits", "cpu_of_requests", "cpu_of_limits",
		"memory", "memory_requests", "memory_limits", "memory_of_requests", "memory_of_limits",
		"restarts", "oom_containers", "throttled", "risks",
	}}
	for _, r := range rows {
		line := []string{r.Object.Namespace, r.Object.Kind, r.Object.Name, "", r.Node, "", strconv.Itoa(r.Pods), strconv.Itoa(r.MeasuredPods)}
		if r.container != nil {
			line[3] = r.container.Name
		}
		if r.Workload != nil {
			line[5] = shortName(*r.Workload)
		}
		for _, x := range []api.UsageResource{r.cpu(), r.memory()} {
			line = append(line, plainNumber(x.Used), plainNumber(x.Requests), plainNumber(x.Limits), plainNumber(x.UsedOfRequests), plainNumber(x.UsedOfLimits))
		}
		oom := 0
		if r.OOM != nil {
			oom = r.OOM.Containers
		}
		if r.container != nil {
			oom = 0
			if last := r.container.Last; last != nil && last.Reason == "OOMKilled" {
				oom = 1
			}
		}
		var codes []string
		for _, riskCell := range r.risks() {
			codes = append(codes, riskCell.Code)
		}
		line = append(line, plainCount(r.restarts()), strconv.Itoa(oom), plainNumber(r.throttled()), strings.Join(slices.Compact(codes), " "))
		table.Rows = append(table.Rows, line)
	}
	return table.CSV(t.Streams.Out)
}

// plainNumber is a number for programs, empty if unknown.
func plainNumber(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

// plainCount is a count for programs, empty if unknown.
func plainCount(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// shortName is "deploy/web".
func shortName(o api.ObjectRef) string { return shortKind(o.Kind) + "/" + o.Name }
