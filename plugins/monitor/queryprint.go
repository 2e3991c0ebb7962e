// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"maps"
	"slices"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

func (q *queryFlags) print(f *cli.Factory, list *api.QueryList) error {
	switch q.Output {
	case "json", "yaml":
		return render.Report(f.Streams.Out, q.Output, list)
	case "csv":
		return q.spreadsheet(list).CSV(f.Streams.Out)
	}
	header := []string{"SERIES", "VALUE"}
	if q.over > 0 {
		header = []string{"SERIES", "TIME", "VALUE"}
	}
	table := f.Table(header...)
	table.NoHeaders = q.NoHeaders
	for _, s := range list.Items {
		name := seriesText(s.Labels)
		for _, p := range s.Points {
			row := []string{name, number(p.Value)}
			if q.over > 0 {
				row = []string{name, p.At.Format(time.RFC3339), number(p.Value)}
			}
			table.Rows = append(table.Rows, row)
		}
	}
	if len(table.Rows) == 0 {
		return nil
	}
	return table.Write(f.Streams.Out)
}

// spreadsheet has a column for each label.
func (q *queryFlags) spreadsheet(list *api.QueryList) render.Table {
	labels := map[string]bool{}
	for _, s := range list.Items {
		for name := range s.Labels {
			labels[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(labels))
	table := render.Table{Header: slices.Concat(names, []string{"time", "value"}), NoHeaders: q.NoHeaders}
	for _, s := range list.Items {
		var row []string
		for _, name := range names {
			row = append(row, s.Labels[name])
		}
		for _, p := range s.Points {
			value := ""
			if p.Value != nil {
				value = number(p.Value)
			}
			table.Rows = append(table.Rows, slices.Concat(row, []string{p.At.Format(time.RFC3339Nano), value}))
		}
	}
	return table
}
