// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Pane is one of the tables.
type Pane string

// The panes, in the order of their keys 1 to 7.
const (
	Services  Pane = "services"
	Versions  Pane = "versions"
	Workloads Pane = "workloads"
	Pods      Pane = "pods"
	Edges     Pane = "edges"
	Events    Pane = "events"
	Logs      Pane = "logs"
)

var panes = []Pane{Services, Versions, Workloads, Pods, Edges, Events, Logs}

// The views: whose experience counts.
const (
	Client = "client"
	Server = "server"
)

// Feed is what is shown.
type Feed interface {
	// Frame returns a pane as it is now. Focus is the key of the row that was drilled
	// into, empty for none. It returns soon after ctx ends, and is never called twice
	// at the same time.
	Frame(ctx context.Context, pane Pane, focus, view string, window time.Duration) (Frame, error)
}

// Frame is a pane at an instant. Texts may come from a cluster as they are: they are
// made safe for a terminal here.
type Frame struct {
	// Title says what is shown: "services of shop".
	Title string
	// Source is where it comes from, At of when it is.
	Source string
	At     time.Time
	// Query is what was asked, for key y; empty where nothing was.
	Query string
	// Notes are what people have to know, the most important first.
	Notes []string
	// Below is the pane that enter opens for a row, empty for none.
	Below Pane
	// Tail says that the last row is the one of interest, as in logs.
	Tail    bool
	Columns []Column
	Rows    []Row
}

// Column is one of a table. The last takes what room is left.
type Column struct {
	Title string
	// Drop says which columns give way on a narrow terminal: the greatest first, and
	// those of 0 never.
	Drop int
	// Trend columns draw the points of their cells.
	Trend bool
}

// Row is a line of a table. It has a cell for each column.
type Row struct {
	// Key is the focus of what is below it; empty where there is nothing.
	Key string
	// ID is what it is known by in the next frame, if that is not its key: several
	// rows may have one focus, and others none.
	ID    string
	Cells []Cell
	// Bad rows are marked.
	Bad bool
}

// id is what the row is known by; empty if by nothing.
func (r Row) id() string { return cmp.Or(r.ID, r.Key) }

// Cell is text, and what it is sorted by.
type Cell struct {
	Text string
	// Number sorts before text; nil where it is unknown or there is none.
	Number *float64
	// Points are those of a trend, the latest last, NaN where unknown.
	Points []float64
}

// plain spells what the suite itself writes beyond ASCII.
var plain = strings.NewReplacer("→", "->", "×", "x", "≈", "~", "…", "...", "·", "|", "≤", "<=", "≥", ">=")

// clean returns the frame with texts that are safe for a terminal, and rows that
// have as many cells as there are columns.
func (f Frame) clean(ascii bool) Frame {
	safe := render.Sanitise
	if ascii {
		safe = func(s string) string { return plain.Replace(render.Sanitise(s)) }
	}
	f.Title, f.Source = safe(f.Title), safe(f.Source)
	notes := make([]string, len(f.Notes))
	for i, n := range f.Notes {
		notes[i] = safe(n)
	}
	columns := make([]Column, len(f.Columns))
	for i, c := range f.Columns {
		c.Title = safe(c.Title)
		columns[i] = c
	}
	rows := make([]Row, len(f.Rows))
	for i, r := range f.Rows {
		cells := make([]Cell, len(columns))
		copy(cells, r.Cells)
		for k := range cells {
			cells[k].Text = safe(cells[k].Text)
		}
		r.Cells = cells
		rows[i] = r
	}
	f.Notes, f.Columns, f.Rows = notes, columns, rows
	return f
}
