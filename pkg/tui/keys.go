// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"slices"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// keys are the lines of the help.
var keys = [][2]string{
	{"up down j k", "choose a row; page up, page down (ctrl+b, ctrl+f); home g, end G"},
	{"enter right", "open it: service, workloads, pods, logs; a call, an event"},
	{"esc left", "go back (also backspace)"},
	{"1 to 7", "services, versions, workloads, pods, edges, events, logs"},
	{"e t l V", "edges, timeline, logs and versions of the chosen row"},
	{"s S", "sort by the next column, the other way round"},
	{"/", "filter rows by words; ctrl+u empties it, esc takes it back"},
	{"v", "what callers saw, what the server saw"},
	{"w", "time that rates are taken over"},
	{"space", "pause, go on"},
	{"r", "ask again now"},
	{"y", "show the query of this pane; once more copies it"},
	{"? h", "these keys"},
	{"ctrl+z", "stop for now; fg of the shell goes on"},
	{"q ctrl+c", "quit"},
}

// press takes a key.
func (m *model) press(key tea.KeyPressMsg) tea.Cmd {
	name := key.String()
	switch name {
	case "ctrl+c":
		return tea.Quit
	case "ctrl+z":
		return suspend()
	}
	switch m.mode {
	case filtering:
		m.typed(name, key.Text)
		return nil
	case helping, asking:
		if m.mode == asking && name == "y" && m.frame() != nil {
			m.mode = browsing
			return tea.SetClipboard(render.Sanitise(m.frame().Query))
		}
		m.mode = browsing
		if name == "q" {
			return tea.Quit
		}
		return nil
	}
	if m.move(name) {
		return nil
	}
	return m.act(name)
}

// act does what a key asks for.
func (m *model) act(name string) tea.Cmd {
	switch name {
	case "q":
		return tea.Quit
	case "?", "h":
		m.mode = helping
	case "y":
		m.mode = asking
	case "/":
		m.mode = filtering
	case "enter", "right":
		if f := m.frame(); f != nil && f.Below != "" && m.chosen() != "" {
			return m.visit(f.Below, m.chosen())
		}
	case "esc", "left", "backspace":
		return m.leave()
	case "1", "2", "3", "4", "5", "6", "7":
		return m.visit(panes[name[0]-'1'], "")
	case "e":
		return m.visit(Edges, m.chosen())
	case "t":
		return m.visit(Events, m.chosen())
	case "l":
		return m.visit(Logs, m.chosen())
	case "V":
		return m.visit(Versions, m.chosen())
	case "s":
		if f := m.frame(); f != nil {
			m.order(m.orders[m.at.pane].next(f.Columns))
		}
	case "S":
		order := m.orders[m.at.pane]
		order.reverse = !order.reverse
		m.order(order)
	case "v":
		view := Server
		if m.at.view == Server {
			view = Client
		}
		return m.change(view, m.at.window)
	case "w":
		return m.change(m.at.view, m.nextWindow())
	case "space":
		if m.paused = !m.paused; !m.paused {
			return m.fetch()
		}
	case "r":
		return m.fetch()
	}
	return nil
}

// move follows keys that choose a row.
func (m *model) move(name string) bool {
	page := max(1, m.bodyHeight()-1)
	switch name {
	case "up", "k":
		m.point(m.at.cursor - 1)
	case "down", "j":
		m.point(m.at.cursor + 1)
	case "pgup", "ctrl+b":
		m.point(m.at.cursor - page)
	case "pgdown", "ctrl+f":
		m.point(m.at.cursor + page)
	case "home", "g":
		m.point(0)
	case "end", "G":
		m.point(len(m.rows) - 1)
	default:
		return false
	}
	return true
}

// typed takes a key while a filter is typed.
func (m *model) typed(name, text string) {
	switch name {
	case "enter":
		m.mode = browsing
	case "esc":
		m.mode = browsing
		m.narrow("")
	case "backspace":
		_, n := utf8.DecodeLastRuneInString(m.at.filter)
		m.narrow(m.at.filter[:len(m.at.filter)-n])
	case "ctrl+u":
		m.narrow("")
	default:
		m.narrow(m.at.filter + text)
	}
}

// narrow filters rows.
func (m *model) narrow(filter string) {
	m.at.filter = render.Sanitise(filter)
	m.arrange()
}

// order sorts rows; the chosen one stays chosen.
func (m *model) order(s sorting) {
	m.orders[m.at.pane] = s
	m.arrange()
}

// leave takes back the filter, or else goes to where one came from.
func (m *model) leave() tea.Cmd {
	if m.at.filter != "" {
		m.narrow("")
		return nil
	}
	if len(m.back) == 0 {
		return nil
	}
	to := m.back[len(m.back)-1]
	m.back = m.back[:len(m.back)-1]
	to.view, to.window = m.at.view, m.at.window
	return m.turnTo(to)
}

// chosen is the key of the chosen row, empty if it has none.
func (m *model) chosen() string {
	if m.at.cursor < len(m.rows) {
		return m.rows[m.at.cursor].Key
	}
	return ""
}

// nextWindow is the next longer one, and after the longest the shortest.
func (m *model) nextWindow() time.Duration {
	all := slices.Clone(windows)
	if m.o.Window > 0 && !slices.Contains(all, m.o.Window) {
		all = append(all, m.o.Window)
		slices.Sort(all)
	}
	at := slices.Index(all, m.at.window)
	return all[(at+1)%len(all)]
}
