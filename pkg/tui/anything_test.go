// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// wild is a feed of anything.
type wild struct{ r *rand.Rand }

func (w wild) Frame(_ context.Context, pane tui.Pane, _, _ string, _ time.Duration) (tui.Frame, error) {
	if w.r.IntN(4) == 0 {
		return tui.Frame{}, fmt.Errorf("broken: %s: %w", w.text(), errSilent)
	}
	f := tui.Frame{Title: w.text(), Source: w.text(), At: noon, Query: w.text(), Tail: w.r.IntN(2) == 0, Below: tui.Pods}
	for range w.r.IntN(3) {
		f.Notes = append(f.Notes, w.text())
	}
	for range w.r.IntN(14) {
		f.Columns = append(f.Columns, tui.Column{Title: w.text(), Drop: w.r.IntN(4), Trend: w.r.IntN(5) == 0})
	}
	for range w.r.IntN(60) {
		r := tui.Row{Key: w.text(), Bad: w.r.IntN(3) == 0}
		for range w.r.IntN(16) { // fewer and more than there are columns
			c := tui.Cell{Text: w.text()}
			if w.r.IntN(2) == 0 {
				number := []float64{math.NaN(), math.Inf(1), -1, 0, math.MaxFloat64, w.r.Float64()}[w.r.IntN(6)]
				c.Number = &number
				for range w.r.IntN(70) {
					c.Points = append(c.Points, []float64{number, math.NaN(), w.r.Float64()}[w.r.IntN(3)])
				}
			}
			r.Cells = append(r.Cells, c)
		}
		f.Rows = append(f.Rows, r)
	}
	return f, nil
}

// pieces are what terminals are upset by.
var pieces = []string{"a", "service", " ", "\x1b[2J", "\n", "\r", "\t", "漢字", "👩‍👩‍👧", "é", "\u202e", "\xff", "\a", "🇩🇪", "-", "…", "\x00", "0123456789"}

func (w wild) text() string {
	var b strings.Builder
	for range w.r.IntN(12) {
		b.WriteString(pieces[w.r.IntN(len(pieces))])
	}
	return b.String()
}

// TestAnything holds that no keys on no frames panic, draw beyond the terminal or
// leave control characters in.
func TestAnything(t *testing.T) {
	names := []string{
		"up", "down", "j", "k", "g", "G", "pgup", "pgdown", "enter", "esc", "1", "2", "3", "4", "5", "6", "7", "e", "t", "l", "V", "s", "S", "/", "v", "w",
		"space", "r", "y", "?", "a", "x", "backspace", "漢", "h", "left", "right",
	}
	special["left"], special["right"] = tea.KeyLeft, tea.KeyRight
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		o := tui.Options{Feed: wild{r}, Interval: time.Second, ASCII: r.IntN(2) == 0, Now: func() time.Time { return noon }}
		s := &screen{t: t, m: tui.NewModel(t.Context(), o)}
		width, height := 0, 0
		s.run(s.m.Init())
		var pressed []string
		for range 150 {
			if r.IntN(8) == 0 {
				width, height = r.IntN(130), r.IntN(45)
				s.send(tea.WindowSizeMsg{Width: width, Height: height})
			} else {
				k := names[r.IntN(len(names))]
				pressed = append(pressed, k)
				s.press(k)
			}
			lines := strings.Split(s.drawn(), "\n")
			if len(lines) > max(height, 1) {
				t.Fatalf("seed %d, %v: %d lines at %dx%d", seed, pressed, len(lines), width, height)
			}
			for _, l := range lines {
				plain := ansi.Strip(l)
				if w := ansi.StringWidth(plain); w > width {
					t.Fatalf("seed %d, %v: a line of %d at %dx%d: %q", seed, pressed, w, width, height, plain)
				}
				if strings.ContainsFunc(plain, func(c rune) bool { return c < ' ' || c == 0x7f || c == 0x202e }) {
					t.Fatalf("seed %d, %v: control characters: %q", seed, pressed, plain)
				}
			}
		}
	}
}

func TestSpark(t *testing.T) {
	unknown := math.NaN()
	for _, test := range []struct {
		points []float64
		width  int
		ascii  bool
		want   string
	}{
		{[]float64{0, 1, 2, 3, 4, 4}, 3, false, "⣀⣴⣿"},
		{[]float64{0, 0}, 1, false, "⣀"},
		{[]float64{1, unknown}, 1, false, "⡇"},
		{[]float64{1}, 2, false, "⠀⢸"},
		{[]float64{2, 2, 8, 8}, 1, false, "⣸"},
		{[]float64{math.MaxFloat64, math.MaxFloat64, 0, 0}, 1, false, "⣇"},
		{[]float64{math.Inf(1), 1}, 1, false, "⢸"},
		{nil, 2, false, "⠀⠀"},
		{[]float64{0, 1, 2, 7}, 4, true, "__.#"},
		{[]float64{unknown, 1}, 2, true, " #"},
	} {
		got := tui.Spark(test.points, test.width, test.ascii)
		if got != test.want || utf8.RuneCountInString(got) != test.width {
			t.Errorf("%v in %d: expected %q, found %q", test.points, test.width, test.want, got)
		}
	}
}
