// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
)

// The messages of fetches and clocks. A turn is that of a fetch: what belongs to an
// older one is late and means nothing.
type (
	// loaded is the end of a fetch.
	loaded struct {
		turn  int
		what  ask
		frame Frame
		err   error
	}
	// due says that it is time for the next one.
	due struct{ turn int }
	// second lets the age of what is shown be drawn again.
	second struct{}
)

// fetch asks the feed. What was asked before and is not answered yet is cancelled.
func (m *model) fetch() tea.Cmd {
	m.stop()
	ctx, cancel := context.WithCancel(m.ctx)
	m.turn++
	m.stop, m.loading = cancel, true
	turn, what := m.turn, m.at.ask
	return func() tea.Msg {
		defer cancel()
		select { // feeds need not bear two questions at once
		case m.busy <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		defer func() { <-m.busy }()
		if ctx.Err() != nil {
			return nil
		}
		frame, err := m.o.Feed.Frame(ctx, what.pane, what.focus, what.view, what.window)
		if err == nil {
			frame = frame.clean(m.o.ASCII)
		}
		return loaded{turn, what, frame, err}
	}
}

// load takes what a fetch has brought.
func (m *model) load(msg loaded) tea.Cmd {
	if msg.turn != m.turn || errors.Is(msg.err, context.Canceled) && m.ctx.Err() != nil {
		return nil
	}
	m.loading = false
	next := m.after(m.o.Interval, due{msg.turn})
	if msg.err != nil {
		begins := m.err == nil
		m.err = msg.err
		if begins && !m.ticking {
			m.ticking = true
			return tea.Batch(next, m.after(time.Second, second{}))
		}
		return next
	}
	m.err = nil
	if len(m.frames) >= mostFrames {
		clear(m.frames)
	}
	m.frames[msg.what] = &msg.frame
	m.arrange()
	if m.shown++; m.o.Count > 0 && m.shown >= m.o.Count {
		return tea.Quit
	}
	return next
}

// due fetches again, but not while somebody wants to look at what there is.
func (m *model) isDue(msg due) tea.Cmd {
	if msg.turn != m.turn || m.paused {
		return nil
	}
	return m.fetch()
}

// tick goes on for as long as there is an age to show.
func (m *model) tick() tea.Cmd {
	if m.err == nil {
		m.ticking = false
		return nil
	}
	return m.after(time.Second, second{})
}

// after sends a message later, unless the program ends before.
func (m *model) after(d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return msg
		case <-m.ctx.Done():
			return nil
		}
	}
}
