// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// noon is when everything here happens.
var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// question is what a feed was asked.
type question struct {
	Pane        tui.Pane
	Focus, View string
	Window      time.Duration
}

// canned is a feed of a shop that never changes.
type canned struct {
	asked []question
	err   error
	at    time.Time
}

func (c *canned) Frame(_ context.Context, pane tui.Pane, focus, view string, window time.Duration) (tui.Frame, error) {
	c.asked = append(c.asked, question{pane, focus, view, window})
	if c.err != nil {
		return tui.Frame{}, c.err
	}
	f := tui.Frame{Title: string(pane) + " of shop", Source: "prometheus monitoring/prometheus:web", At: c.at, Query: "sum by (destination_service_name) (rate(istio_requests_total[5m]))"}
	if focus != "" {
		f.Title += ", " + focus
	}
	switch pane {
	case tui.Services, tui.Workloads:
		f.Below = map[tui.Pane]tui.Pane{tui.Services: tui.Workloads, tui.Workloads: tui.Pods}[pane]
		signals(&f)
	case tui.Pods:
		f.Below = tui.Logs
		f.Columns = []tui.Column{{Title: "NAME"}, {Title: "READY"}}
		f.Rows = []tui.Row{{Key: "shop/pod/cart-0", Cells: []tui.Cell{{Text: "cart-0"}, {Text: "1/1"}}}}
	case tui.Logs:
		f.Tail = true
		f.Columns = []tui.Column{{Title: "TIME"}, {Title: "LINE"}}
		for i := range 60 {
			f.Rows = append(f.Rows, tui.Row{Cells: []tui.Cell{{Text: fmt.Sprintf("12:00:%02d", i)}, {Text: fmt.Sprintf("line %d \x1b[31mred\x1b[0m\a", i)}}})
		}
	}
	return f, nil
}

// signals are rows of golden signals.
func signals(f *tui.Frame) {
	f.Columns = []tui.Column{
		{Title: "NAME"}, {Title: "READY", Drop: 4}, {Title: "RPS"}, {Title: "SUCCESS"}, {Title: "P50", Drop: 3}, {Title: "P95", Drop: 2},
		{Title: "P99"}, {Title: "TREND", Drop: 1, Trend: true}, {Title: "CPU/REQ", Drop: 6}, {Title: "MEM/LIM", Drop: 5}, {Title: "WHY"},
	}
	rising, falling := make([]float64, 60), make([]float64, 60)
	for i := range rising {
		rising[i], falling[i] = float64(i), float64(60-i)
		if i < 20 {
			falling[i] = math.NaN()
		}
	}
	for _, r := range []struct {
		name, success, why string
		rps                float64
		points             []float64
	}{
		{"api-gateway", "100%", "", 60, rising},
		{"order-service", "90.00%", "UF 2.0rps → order-service (connection failure)", 20, falling},
		{"user-service", "99.60%", "UF 0.2rps", 50, rising},
		{"audit", "-", "no data", math.NaN(), nil},
	} {
		number, text := &r.rps, fmt.Sprintf("%.1f", r.rps)
		if math.IsNaN(r.rps) {
			number, text = nil, "-"
		}
		f.Rows = append(f.Rows, tui.Row{Key: "shop/svc/" + r.name, Bad: strings.HasPrefix(r.why, "UF"), Cells: []tui.Cell{
			{Text: r.name}, {Text: "2/2"}, {Text: text, Number: number}, {Text: r.success}, {Text: "75ms"}, {Text: "97.5ms"},
			{Text: "99.5ms"}, {Text: "-", Points: r.points}, {Text: "45m/100m"}, {Text: "61Mi/128Mi"}, {Text: r.why},
		}})
	}
}

// screen is a program without a terminal.
type screen struct {
	t    *testing.T
	m    tea.Model
	feed *canned
	// left is the command that the last message ended with.
	left tea.Cmd
}

func open(t *testing.T, width, height int, change ...func(*tui.Options)) *screen {
	t.Helper()
	feed := &canned{at: noon}
	o := tui.Options{Feed: feed, Interval: time.Millisecond, Now: func() time.Time { return noon.Add(12 * time.Second) }}
	for _, c := range change {
		c(&o)
	}
	s := &screen{t: t, m: tui.NewModel(t.Context(), o), feed: feed}
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.run(s.m.Init())
	return s
}

// send gives the program a message and keeps what it wants done.
func (s *screen) send(msg tea.Msg) { s.m, s.left = s.m.Update(msg) }

// run does what a key asked for.
func (s *screen) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if msg := cmd(); msg != nil {
		s.send(msg)
	}
}

// press gives it keys, by name or by letter, and does what they ask for.
func (s *screen) press(keys ...string) {
	for _, k := range keys {
		s.send(key(k))
		s.run(s.left)
	}
}

// special are keys that are no letters.
var special = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
	"home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "space": ' ',
}

func key(name string) tea.KeyPressMsg {
	switch code, found := special[name]; {
	case name == "space":
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	case found:
		return tea.KeyPressMsg{Code: code}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// drawn is what is on the screen, with escape codes.
func (s *screen) drawn() string { return s.m.View().Content }

// text is what can be read.
func (s *screen) text() string {
	lines := strings.Split(ansi.Strip(s.drawn()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func (s *screen) has(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.text(), text) {
			s.t.Errorf("expected %q on the screen:\n%s", text, s.text())
		}
	}
}

func (s *screen) hasNot(text string) {
	s.t.Helper()
	if strings.Contains(s.text(), text) {
		s.t.Errorf("expected no %q on the screen:\n%s", text, s.text())
	}
}

// selected is the line of the chosen row.
func (s *screen) selected() string {
	for line := range strings.Lines(s.text()) {
		if strings.HasPrefix(line, ">") {
			return strings.TrimSpace(line[3:])
		}
	}
	return ""
}
