// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
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
//
// How wide a character is the library tablewriter knows. Its own layout is a test's
// oracle only: it takes twenty times as long for the same bytes, which shows from a
// thousand rows on, and needs as many lines to be talked out of boxes as this takes
// to pad a cell.
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
	lines := t.lines()
	widths := columnWidths(lines)
	t.elide(lines, widths)
	var b bytes.Buffer
	b.Grow(len(lines) * (sum(widths) + gap*len(widths)))
	headers := len(lines) - len(t.Rows)
	for i, line := range lines {
		t.write(&b, i-headers, line, widths)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// cell is text with its width in columns of the terminal.
type cell struct {
	text  string
	width int
}

func newCell(text string) cell {
	if plain(text) {
		return cell{text, len(text)}
	}
	text = Sanitise(text)
	return cell{text, twwidth.Width(text)}
}

// trim drops the blanks at the end.
func (c *cell) trim() {
	text := strings.TrimRight(c.text, " ")
	c.width -= len(c.text) - len(text)
	c.text = text
}

// plain reports whether text is printable ASCII alone, as nearly all is: each byte
// is then one column, and none is to be feared.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// lines returns the sanitised cells, header first, all lines of one length.
func (t Table) lines() [][]cell {
	columns := len(t.Header)
	lines := make([][]cell, 0, len(t.Rows)+1)
	all := make([]cell, columns*(len(t.Rows)+1))
	add := func(cells []string) {
		line := all[:columns:columns]
		all = all[columns:]
		for i := range min(len(cells), columns) {
			line[i] = newCell(cells[i])
		}
		line[columns-1].trim()
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

// columnWidths are the widths of all columns but the last, which ends the line.
func columnWidths(lines [][]cell) []int {
	widths := make([]int, len(lines[0])-1)
	for i := range widths {
		widths[i] = narrowest
		for _, line := range lines {
			widths[i] = max(widths[i], line[i].width)
		}
	}
	return widths
}

// elide shortens last cells that would run over the terminal's edge. A
// terminal too narrow for even one character of the last column is left to wrap.
func (t Table) elide(lines [][]cell, widths []int) {
	room := t.Width - sum(widths) - gap*len(widths)
	if t.Width <= 0 || room < 2 {
		return
	}
	for _, line := range lines {
		if last := &line[len(widths)]; last.width > room {
			last.text = fit(last.text, room)
		}
	}
}

// fit shortens text to width columns, which are at least 2.
func fit(text string, width int) string {
	if twwidth.Width(text) <= width {
		return text
	}
	return twwidth.Truncate(text, width-1) + elided
}

// write adds one line, without the blanks at its end, which are noise in a paste
// and in a diff. Row is negative for the header.
func (t Table) write(b *bytes.Buffer, row int, line []cell, widths []int) {
	blanks := 0
	for column, c := range line {
		if c.text != "" {
			writeBlanks(b, blanks)
			blanks = 0
			b.WriteString(t.styled(row, column, c.text))
		}
		if column < len(widths) {
			blanks += widths[column] - c.width + gap
		}
	}
	b.Truncate(len(bytes.TrimRight(b.Bytes(), " ")))
	b.WriteByte('\n')
}

func (t Table) styled(row, column int, text string) string {
	if t.Style == nil || row < 0 {
		return text
	}
	if style := t.Style(row, column); style != nil {
		return style(text)
	}
	return text
}

const someBlanks = "                                                                "

func writeBlanks(b *bytes.Buffer, n int) {
	for ; n > len(someBlanks); n -= len(someBlanks) {
		b.WriteString(someBlanks)
	}
	b.WriteString(someBlanks[:n])
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}
