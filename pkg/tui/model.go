// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"cmp"
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
)

// ask is what a feed is asked for.
type ask struct {
	pane        Pane
	focus, view string
	window      time.Duration
}

// place is where somebody is: what is shown, and which row of it.
type place struct {
	ask
	filter string
	// id is that of the chosen row; cursor its number, counted from 0.
	id     string
	cursor int
}

// mode is what keys mean.
type mode int

const (
	browsing mode = iota
	filtering
	helping
	asking // shows the query
)

const (
	// mostFrames bounds what is remembered of panes that were left.
	mostFrames = 64
	// mostBack bounds how many places esc goes back.
	mostBack = 64
)

// windows are what key w chooses from, beside the one that was asked for.
var windows = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// model is the state of the program. Only Update changes it.
type model struct {
	o   Options
	ctx context.Context
	// busy is taken while the feed is asked.
	busy chan struct{}

	width, height int
	mode          mode
	paused        bool

	at   place
	back []place
	// orders are those of the panes.
	orders map[Pane]sorting

	// frames are the last ones by what was asked.
	frames map[ask]*Frame
	// rows are those of the current frame that are shown, top is the first on the
	// screen.
	rows []Row
	top  int
	// widths are what the columns of these rows ask for: those of all of them, so that
	// no column moves while one scrolls.
	widths []int
	// shown counts frames.
	shown int

	// turn counts fetches, stop cancels the last.
	turn    int
	stop    context.CancelFunc
	loading bool
	// err is why there is nothing newer, nil if there is.
	err     error
	ticking bool
}

func newModel(ctx context.Context, o Options) *model {
	m := &model{
		o: o, ctx: ctx, busy: make(chan struct{}, 1), stop: func() {},
		orders: map[Pane]sorting{}, frames: map[ask]*Frame{},
	}
	if m.o.Now == nil {
		m.o.Now = time.Now
	}
	m.at.ask = ask{pane: cmp.Or(o.Pane, Services), view: cmp.Or(o.View, Client), window: cmp.Or(o.Window, 5*time.Minute)}
	return m
}

// Init fetches the first frame.
func (m *model) Init() tea.Cmd { return m.fetch() }

// Update takes a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case tea.PasteMsg:
		if m.mode == filtering {
			m.narrow(m.at.filter + msg.Content)
		}
	case loaded:
		return m, m.load(msg)
	case due:
		return m, m.isDue(msg)
	case second:
		return m, m.tick()
	}
	return m, nil
}

// frame is what is shown, nil before the first.
func (m *model) frame() *Frame { return m.frames[m.at.ask] }

// arrange puts rows in order and finds the chosen one again.
func (m *model) arrange() {
	f := m.frame()
	if f == nil {
		m.rows = nil
		return
	}
	// What has just been written is followed from the last row on.
	atEnd := f.Tail && m.at.cursor >= len(m.rows)-1 && (len(m.rows) > 0 || m.at.id == "")
	m.rows = arrange(f, m.orders[m.at.pane], m.at.filter)
	m.widths = measure(f.Columns, m.rows)
	switch i := slices.IndexFunc(m.rows, func(r Row) bool { return r.id() == m.at.id }); {
	case atEnd && m.orders[m.at.pane] == (sorting{}):
		m.at.cursor = len(m.rows) - 1
	case m.at.id != "" && i >= 0:
		m.top += i - m.at.cursor // where it is on the screen
		m.at.cursor = i
	}
	m.point(m.at.cursor)
}

// point chooses a row.
func (m *model) point(row int) {
	m.at.cursor = max(0, min(row, len(m.rows)-1))
	m.at.id = ""
	if m.at.cursor < len(m.rows) {
		m.at.id = m.rows[m.at.cursor].id()
	}
}

// visit goes to another place, from which esc goes back.
func (m *model) visit(pane Pane, focus string) tea.Cmd {
	to := place{ask: ask{pane: pane, focus: focus, view: m.at.view, window: m.at.window}}
	if to.ask == m.at.ask {
		return nil
	}
	if m.back = append(m.back, m.at); len(m.back) > mostBack {
		m.back = m.back[1:]
	}
	return m.turnTo(to)
}

// turnTo shows a place: first what is known of it.
func (m *model) turnTo(to place) tea.Cmd {
	m.at, m.top, m.rows, m.err = to, 0, nil, nil
	m.arrange()
	return m.fetch()
}

// change asks for the same with another view or window.
func (m *model) change(view string, window time.Duration) tea.Cmd {
	to := m.at
	to.view, to.window = view, window
	return m.turnTo(to)
}
