// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	// gap is what is between two columns, margin what is left of the first: marks.
	gap    = 2
	margin = 3
	// leastTrend and mostTrend bound the width of a trend.
	leastTrend, mostTrend = 8, 30
	// leastLast is what the last column asks for at least.
	leastLast = 12
	// leastFirst is what the first column keeps when nothing else helps.
	leastFirst = 8
)

// slot is a column on the screen.
type slot struct{ column, width int }

// measure returns how wide columns have to be for nothing to be cut. It is too slow for
// each drawing: logs have thousands of rows.
func measure(columns []Column, rows []Row) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = ansi.StringWidth(c.Title)
		for _, r := range rows {
			out[i] = max(out[i], ansi.StringWidth(r.Cells[i].Text))
		}
	}
	return out
}

// layout chooses the columns that fit in a width, and how wide they are, of what they
// ask for: columns are dropped by their priority, then the last is cut, then the first.
func layout(columns []Column, widths []int, width int) []slot {
	if len(columns) == 0 {
		return nil
	}
	natural := slices.Clone(widths)
	var slots []slot
	for i, c := range columns {
		w := natural[i]
		if c.Trend {
			w, natural[i] = max(leastTrend, ansi.StringWidth(c.Title)), mostTrend
		} else if i == len(columns)-1 {
			w = min(w, leastLast)
		}
		slots = append(slots, slot{i, w})
	}
	for room(slots, width) < 0 {
		worst := -1
		for i, s := range slots {
			if d := columns[s.column].Drop; d > 0 && (worst < 0 || d >= columns[slots[worst].column].Drop) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		slots = append(slots[:worst:worst], slots[worst+1:]...)
	}
	if len(slots) == 0 {
		return nil
	}
	if short := -room(slots, width); short > 0 {
		slots[0].width = max(min(leastFirst, slots[0].width), slots[0].width-short)
	}
	grow := func(s *slot) {
		if more := min(natural[s.column]-s.width, room(slots, width)); more > 0 {
			s.width += more
		}
	}
	grow(&slots[len(slots)-1])
	for i := range slots {
		if columns[slots[i].column].Trend {
			grow(&slots[i])
		}
	}
	return slots
}

// room is what is left of a width, negative if it does not suffice.
func room(slots []slot, width int) int {
	width -= margin + gap*(len(slots)-1)
	for _, s := range slots {
		width -= s.width
	}
	return width
}

// line sets texts of columns into one line of at most a width.
func (m *model) line(mark string, slots []slot, text func(slot) string, width int) string {
	var b strings.Builder
	b.WriteString(mark)
	for i, s := range slots {
		t := m.cut(text(s), s.width)
		b.WriteString(t)
		if i < len(slots)-1 {
			b.WriteString(strings.Repeat(" ", s.width-ansi.StringWidth(t)+gap))
		}
	}
	return m.cut(strings.TrimRight(b.String(), " "), width)
}

// cut elides the end of a text that is wider than a width.
func (m *model) cut(s string, width int) string { return ansi.Truncate(s, max(width, 0), m.more()) }

// end elides the begin of a text that is wider than a width: what is typed is at its end.
func (m *model) end(s string, width int) string {
	if all := ansi.StringWidth(s); all > width {
		s = ansi.TruncateLeft(s, all-width+1, m.more())
	}
	return m.cut(s, width)
}

// more stands for what was left out.
func (m *model) more() string {
	if m.o.ASCII {
		return "~"
	}
	return "…"
}

// wrap breaks a text into lines of a width, between words where there are any.
func wrap(s string, width int) []string {
	return strings.Split(ansi.Wrap(s, max(width, 1), ""), "\n")
}
