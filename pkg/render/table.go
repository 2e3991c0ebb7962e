// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	// gap is the distance between columns in kubectl's tables (cli-runtime's tabwriterPadding).
	gap = 3
	// narrowest is the least content width of a column: kubectl gives every
	// column at least 6 cells, gap included.
	narrowest = 6 - gap
	// elided marks a cell that did not fit.
	elided = "…"
)

// Table is rows under a header, printed as kubectl prints them: columns padded
// with blanks, no lines, no wrapping. Cells hold text from anywhere; they are
// sanitised here.
type Table struct {
	// Header names the columns; its length is the number of columns.
	Header []string
	// Rows are the cells; a short row is filled up, surplus cells are an error of the caller.
	Rows [][]string
	// NoHeaders leaves the header out, as --no-headers does.
	NoHeaders bool
	// Width is the terminal's number of columns; lines are elided in their last
	// cell to fit it. Zero, the value for pipes and files, never elides.
	Width int
	// Style returns the colour of a cell, nil for none; it may be nil itself.
	Style func(row, column int) Style
}

// Write prints the table. Without rows it prints the header alone: whether
// "no resources found" belongs on stderr is the command's business.
func (t Table) Write(w io.Writer) error {
	if len(t.Header) == 0 || t.NoHeaders && len(t.Rows) == 0 {
		return nil
	}
	lines := t.cells()
	t.elide(lines)
	t.colour(lines)

	var b bytes.Buffer
	table := layout(&b)
	if err := table.Bulk(lines); err != nil {
		return err
	}
	if err := table.Render(); err != nil {
		return err
	}
	return writeTrimmed(w, b.String())
}

// cells returns the sanitised lines, header first, all of one length.
func (t Table) cells() [][]string {
	var lines [][]string
	add := func(cells []string) {
		line := make([]string, len(t.Header))
		for i := range min(len(cells), len(line)) {
			line[i] = Sanitise(cells[i])
		}
		line[len(line)-1] = strings.TrimRight(line[len(line)-1], " ")
		lines = append(lines, line)
	}
	if !t.NoHeaders {
		add(t.Header)
	}
	for _, row := range t.Rows {
		add(row)
	}
	return lines
}

// elide shortens last cells that would run over the terminal's edge. A
// terminal too narrow for even one character of the last column is left to wrap.
func (t Table) elide(lines [][]string) {
	last := len(t.Header) - 1
	room := t.Width
	for column := range last {
		room -= columnWidth(lines, column) + gap
	}
	if t.Width <= 0 || room < 2 {
		return
	}
	for _, line := range lines {
		line[last] = fit(line[last], room)
	}
}

// fit shortens text to width columns, which are at least 2.
func fit(text string, width int) string {
	if twwidth.Width(text) <= width {
		return text
	}
	return twwidth.Truncate(text, width-1) + elided
}

// colour styles the cells, and stretches the first line so that no column is
// narrower than kubectl's.
func (t Table) colour(lines [][]string) {
	headers := len(lines) - len(t.Rows)
	for column := range len(t.Header) - 1 {
		lines[0][column] += strings.Repeat(" ", max(0, narrowest-twwidth.Width(lines[0][column])))
	}
	if t.Style == nil {
		return
	}
	for row := range t.Rows {
		line := lines[row+headers]
		for column, text := range line {
			if style := t.Style(row, column); style != nil && text != "" {
				line[column] = style(text)
			}
		}
	}
}

func columnWidth(lines [][]string, column int) int {
	width := narrowest
	for _, line := range lines {
		width = max(width, twwidth.Width(line[column]))
	}
	return width
}

// layout is the library configured to kubectl's looks: its defaults draw
// boxes, wrap long cells and rewrite headers. The header goes in as a row, so
// that one set of options holds for both.
func layout(w io.Writer) *tablewriter.Table {
	pad := tw.CellPadding{Global: tw.Padding{Left: "", Right: strings.Repeat(" ", gap), Overwrite: true}}
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    pad,
	}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{Row: cell}),
		tablewriter.WithTrimSpace(tw.Off),
	)
}

// writeTrimmed removes the blanks the layout leaves at the end of lines, which
// are noise in a paste and in a diff, and the colour resets it adds to cells
// that have their own.
func writeTrimmed(w io.Writer, s string) error {
	var b, line strings.Builder
	b.Grow(len(s))
	for raw := range strings.Lines(s) {
		line.Reset()
		parts := strings.Split(raw, reset)
		for _, part := range parts[:len(parts)-1] {
			line.WriteString(part)
			if strings.Contains(part, escape) {
				line.WriteString(reset)
			}
		}
		line.WriteString(parts[len(parts)-1])
		b.WriteString(strings.TrimRight(line.String(), " \n"))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
