// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// drops says which columns give way first on a narrow screen: the greatest, and those
// that are not here never.
var drops = map[string]int{
	"READY": 1, "WHY": 1, "RISK": 1, "P99": 2, "RST": 3, "TREND": 4, "CPU/REQ": 5, "MEM/LIM": 6, "CPU": 5, "MEM": 6,
	"HPA": 7, "THR%": 7, "P95": 8, "P50": 9, "NODE": 9, "CONTAINER": 1, "POD": 2,
}

// frameOf makes a frame of a table.
func frameOf(header []string, rows [][]string) tui.Frame {
	var out tui.Frame
	for _, title := range header {
		out.Columns = append(out.Columns, tui.Column{Title: title, Drop: drops[title], Trend: title == "TREND"})
	}
	for _, r := range rows {
		row := tui.Row{}
		for _, text := range r {
			row.Cells = append(row.Cells, tui.Cell{Text: text})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// insert adds a column before another one.
func insert(f *tui.Frame, title, before string, cell func(row int) tui.Cell) {
	at := slices.IndexFunc(f.Columns, func(c tui.Column) bool { return c.Title == before })
	if at < 0 {
		at = len(f.Columns)
	}
	f.Columns = slices.Insert(f.Columns, at, tui.Column{Title: title, Drop: drops[title], Trend: title == "TREND"})
	for i := range f.Rows {
		f.Rows[i].Cells = slices.Insert(f.Rows[i].Cells, at, cell(i))
	}
}

// weigh gives the cell of a column what it is sorted by.
func weigh(f *tui.Frame, row int, title string, v *float64) {
	at := slices.IndexFunc(f.Columns, func(c tui.Column) bool { return c.Title == title })
	if at >= 0 {
		f.Rows[row].Cells[at].Number = v
	}
}

// sortable gives the cells of golden signals what they are sorted by.
func sortable(f *tui.Frame, row int, x *signals.Group) {
	if x == nil {
		return
	}
	quantile := func(q float64) *float64 {
		if e := stat.Estimate(x.Latency, q); e != nil {
			return &e.Value
		}
		return nil
	}
	weigh(f, row, "RPS", x.Rate)
	weigh(f, row, "SUCCESS", x.Success())
	weigh(f, row, "P50", quantile(0.5))
	weigh(f, row, "P95", quantile(0.95))
	weigh(f, row, "P99", quantile(0.99))
}
