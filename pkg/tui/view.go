// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

const (
	// leastWidth and leastHeight are what the program needs.
	leastWidth, leastHeight = 40, 8
	// around are the lines that are no rows: panes, title, header and status.
	around = 4
	// mostFilter is how much of a filter is repeated beside other things.
	mostFilter = 20
)

// The looks of a text. None says anything that a word or a mark does not say too.
var (
	look    = render.Colors(render.ColorAlways, nil)
	reverse = func(s string) string { return "\x1b[7m" + s + "\x1b[0m" }
)

// View draws the screen.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.screen(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "kubectl micro monitor: " + string(m.at.pane)
	return v
}

// screen is the lines of the screen, at most as many as there are.
func (m *model) screen() []string {
	switch {
	case m.width <= 0 || m.height <= 0:
		return nil
	case m.width < leastWidth || m.height < leastHeight:
		lines := wrap(fmt.Sprintf("terminal is %dx%d, monitor needs %dx%d; q quits", m.width, m.height, leastWidth, leastHeight), m.width)
		return lines[:min(len(lines), m.height)]
	}
	lines := append(make([]string, 0, m.height), m.tabs(), m.title())
	body := m.body()
	for len(body) < m.bodyHeight()+1 {
		body = append(body, "")
	}
	return append(append(lines, body[:m.bodyHeight()+1]...), m.status())
}

// bodyHeight is how many rows fit.
func (m *model) bodyHeight() int { return max(0, m.height-around) }

// tabs names the panes, the current one in brackets.
func (m *model) tabs() string {
	full, short := "", ""
	for i, p := range panes {
		key := strconv.Itoa(i + 1)
		if p == m.at.pane {
			name := look.Bold("[" + key + " " + string(p) + "]")
			full, short = full+name, short+name
			continue
		}
		full, short = full+" "+key+" "+string(p)+" ", short+" "+key
	}
	out := full
	if ansi.StringWidth(full) > m.width {
		out = short
	}
	if m.paused {
		out = m.ends(out, "paused")
	}
	return m.cut(out, m.width)
}

// title says what is shown, and how.
func (m *model) title() string {
	parts := []string{string(m.at.pane)}
	f := m.frame()
	if f != nil && f.Title != "" {
		parts[0] = f.Title
	} else if m.at.focus != "" {
		parts[0] += " of " + render.Sanitise(m.at.focus)
	}
	switch m.at.pane {
	case Events, Logs:
	case Pods: // which only they themselves report
		parts = append(parts, span(m.at.window))
	default:
		parts = append(parts, m.at.view+" view", span(m.at.window))
	}
	if f != nil {
		if s := m.orders[m.at.pane]; s.column > 0 && s.column <= len(f.Columns) {
			parts = append(parts, "by "+f.Columns[s.column-1].Title)
			if s.reverse {
				parts[len(parts)-1] += " reversed"
			}
		} else if s.reverse {
			parts = append(parts, "reversed")
		}
		if m.at.filter != "" {
			parts = append(parts, fmt.Sprintf("/%s: %d of %d", m.cut(m.at.filter, mostFilter), len(m.rows), len(f.Rows)))
		}
	}
	return m.cut(strings.Join(parts, m.dot()), m.width)
}

// dot stands between things of one line.
func (m *model) dot() string {
	if m.o.ASCII {
		return " | "
	}
	return " · "
}

// span is a duration without what is zero: 5m and not 5m0s.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// status is the last line: what is wrong, or where numbers are from and of when.
func (m *model) status() string {
	if m.mode == filtering {
		return m.end("/"+m.at.filter+"_", m.width)
	}
	f := m.frame()
	var parts []string
	if m.err != nil {
		if f != nil {
			parts = append(parts, "stale "+m.age(f))
		}
		parts = append(parts, "error: "+render.Sanitise(m.err.Error()))
		return look.Red(m.ends(strings.Join(parts, m.dot()), "? help"))
	}
	switch {
	case f == nil:
		parts = append(parts, "loading")
	default:
		parts = append(parts, f.At.UTC().Format("15:04:05Z"))
		if f.Source != "" {
			parts = append(parts, f.Source)
		}
		if len(f.Notes) > 0 {
			parts = append(parts, f.Notes[0])
		}
	}
	return m.ends(strings.Join(parts, m.dot()), "? help")
}

// age is how old a frame is.
func (m *model) age(f *Frame) string {
	return max(0, m.o.Now().Sub(f.At)).Truncate(time.Second).String()
}

// ends sets a text at the left and one at the right end of a line.
func (m *model) ends(left, right string) string {
	left = m.cut(left, m.width-len(right)-1)
	return left + strings.Repeat(" ", max(1, m.width-ansi.StringWidth(left)-len(right))) + right
}

// body is the table with its header, or what stands in its place.
func (m *model) body() []string {
	f := m.frame()
	switch {
	case m.mode == helping:
		return m.help()
	case m.mode == asking:
		return m.query(f)
	case f == nil && m.err != nil:
		return m.failure()
	case f == nil:
		return nil
	case len(m.rows) == 0:
		return m.nothing(f)
	}
	return m.table(f)
}

// help lists the keys.
func (m *model) help() []string {
	out := []string{""}
	for _, k := range keys {
		if k[0] == "ctrl+z" && !stops {
			continue
		}
		out = append(out, m.cut(fmt.Sprintf("  %-13s %s", k[0], k[1]), m.width))
	}
	return append(out, "", m.cut("  ! marks rows that need a look; - is unknown", m.width))
}

// query shows what was asked.
func (m *model) query(f *Frame) []string {
	if f == nil || f.Query == "" {
		return []string{"", "  this pane asks no query"}
	}
	// The keys come first: a long query does not fit below them.
	out := []string{look.Dim("y copies it, any other key closes it"), ""}
	for _, l := range strings.Split(f.Query, "\n") {
		out = append(out, wrap(render.Sanitise(l), m.width)...)
	}
	if rest := len(out) - m.bodyHeight(); rest > 1 {
		out = append(out[:m.bodyHeight()], look.Dim(fmt.Sprintf("%d more lines", rest)))
	}
	return out
}

// failure says why nothing could be shown ever, and what to do.
func (m *model) failure() []string {
	out := append([]string{""}, wrap(render.Sanitise(m.err.Error()), m.width)...)
	var known *fault.Error
	if errors.As(m.err, &known) && known.Hint != "" {
		for _, l := range strings.Split(known.Hint, "\n") {
			out = append(out, wrap("try: "+render.Sanitise(l), m.width)...)
		}
	}
	return append(out, "", m.cut("asked again every "+span(m.o.Interval)+", or with r", m.width))
}

// nothing says why there are no rows.
func (m *model) nothing(f *Frame) []string {
	if len(f.Rows) > 0 {
		return []string{"", m.cut(fmt.Sprintf("  none of %d rows has %s; esc shows them", len(f.Rows), m.cut(m.at.filter, mostFilter)), m.width)}
	}
	out := []string{"", "  nothing"}
	for _, n := range f.Notes {
		out = append(out, wrap("  "+n, m.width)...)
	}
	return out
}

// table draws the rows around the chosen one.
func (m *model) table(f *Frame) []string {
	height := m.bodyHeight()
	m.top = max(0, min(m.top, m.at.cursor, len(m.rows)-height))
	m.top = max(m.top, m.at.cursor-height+1)
	slots := layout(f.Columns, m.widths, m.width)
	header := m.line("   ", slots, func(s slot) string { return f.Columns[s.column].Title }, m.width)
	out := []string{look.Bold(header)}
	for i := m.top; i < min(len(m.rows), m.top+height); i++ {
		out = append(out, m.row(f, i, slots))
	}
	return out
}

// row draws one row. The chosen one is reversed over the whole width, and what is
// out of date is faint; the marks and the status line say the same.
func (m *model) row(f *Frame, i int, slots []slot) string {
	r := m.rows[i]
	mark := []byte("   ")
	if i == m.at.cursor {
		mark[0] = '>'
	}
	if r.Bad {
		mark[1] = '!'
	}
	line := m.line(string(mark), slots, func(s slot) string {
		c := r.Cells[s.column]
		if f.Columns[s.column].Trend && len(c.Points) > 0 {
			return spark(c.Points, s.width, m.o.ASCII)
		}
		return c.Text
	}, m.width)
	switch {
	case i == m.at.cursor:
		line = reverse(line + strings.Repeat(" ", max(0, m.width-ansi.StringWidth(line))))
	case m.err != nil:
		return look.Dim(line)
	case r.Bad:
		return look.Yellow(line)
	}
	if m.err != nil {
		line = look.Dim(line)
	}
	return line
}
