// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

var _ = register("wide", wide)

// wide is a table with a line for each finding; those that are explained come
// below their cause, whose rule is in their column CAUSE. The message, the one
// cell without a bound, comes last: there a terminal cuts.
func wide(w io.Writer, d *api.Diagnosis, o Options) error {
	table := render.Table{Header: []string{"SEVERITY", "ID", "NAMESPACE", "OBJECT", "CONFIDENCE", "CAUSE", "WHERE", "MESSAGE"}, Width: o.Width}
	add := func(severity string, f *api.Finding, cause string) {
		table.Rows = append(table.Rows, []string{severity, f.ID, f.Subject.Namespace, short(f.Subject), f.Confidence, cause, place(f), f.Message})
	}
	for i := range d.Causes {
		c := &d.Causes[i]
		add(c.Severity, &c.Finding, "")
		for j := range c.Explains {
			add(c.Explains[j].Severity, &c.Explains[j], c.ID)
		}
	}
	for i := range d.Gone {
		add("gone", &d.Gone[i], "")
	}
	table.Style = func(row, column int) render.Style {
		if column != 0 {
			return nil
		}
		return severityStyle(table.Rows[row][0], o.Palette)
	}
	if len(table.Rows) == 0 {
		return nil
	}
	return table.Write(w)
}

func severityStyle(severity string, p render.Palette) render.Style {
	switch severity {
	case "error":
		return p.Red
	case "warning":
		return p.Yellow
	case "gone":
		return p.Green
	}
	return p.Cyan
}
