// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"cmp"
	"slices"
	"strings"
)

// sorting is an order of rows.
type sorting struct {
	// column is counted from 1; 0 is the order of the feed.
	column  int
	reverse bool
}

// next is the order of the next column that has one; after the last it is again that
// of the feed.
func (s sorting) next(columns []Column) sorting {
	for i := s.column + 1; i <= len(columns); i++ {
		if !columns[i-1].Trend {
			return sorting{column: i}
		}
	}
	return sorting{}
}

// arrange returns the rows that match, in order. Numbers go from the greatest down,
// which is what one looks for, and texts up; what is unknown is last either way.
func arrange(f *Frame, s sorting, filter string) []Row {
	rows := slices.Clone(f.Rows)
	if filter != "" {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return !matches(r, filter) })
	}
	at := s.column - 1
	switch {
	case at < 0 || at >= len(f.Columns):
		if s.reverse {
			slices.Reverse(rows)
		}
		return rows
	case slices.ContainsFunc(rows, func(r Row) bool { return r.Cells[at].Number != nil }):
		slices.SortStableFunc(rows, func(a, b Row) int { return byNumber(a.Cells[at].Number, b.Cells[at].Number, s.reverse) })
	default:
		slices.SortStableFunc(rows, func(a, b Row) int {
			order := strings.Compare(a.Cells[at].Text, b.Cells[at].Text)
			if s.reverse {
				return -order
			}
			return order
		})
	}
	return rows
}

func byNumber(a, b *float64, up bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	case up:
		return cmp.Compare(*a, *b)
	}
	return cmp.Compare(*b, *a)
}

// matches reports whether each word of a filter is somewhere in a row, in any case.
func matches(r Row, filter string) bool {
	var b strings.Builder
	for _, c := range r.Cells {
		b.WriteString(strings.ToLower(c.Text))
		b.WriteByte('\n')
	}
	text := b.String()
	for _, word := range strings.Fields(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
