// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// frames is a feed that gives one after the other, and the last again and again.
type frames struct{ left []tui.Frame }

func (f *frames) Frame(context.Context, tui.Pane, string, string, time.Duration) (tui.Frame, error) {
	out := f.left[0]
	if len(f.left) > 1 {
		f.left = f.left[1:]
	}
	out.At = noon
	return out, nil
}

func openFrames(t *testing.T, all ...tui.Frame) *screen {
	t.Helper()
	return open(t, 80, 24, func(o *tui.Options) { o.Feed = &frames{all} })
}

// written are lines of a log.
func written(from, to int) tui.Frame {
	f := tui.Frame{Tail: true, Columns: []tui.Column{{Title: "POD"}, {Title: "LINE"}}}
	for i := from; i < to; i++ {
		f.Rows = append(f.Rows, tui.Row{Key: "shop/pod/cart-0", ID: fmt.Sprint(i), Cells: []tui.Cell{{Text: "cart-0"}, {Text: fmt.Sprintf("line %d", i)}}})
	}
	return f
}

// lineOf is on which line of the screen a text is.
func lineOf(s *screen, text string) int {
	for i, l := range strings.Split(s.text(), "\n") {
		if strings.HasSuffix(l, text) {
			return i
		}
	}
	return -1
}

// TestKept stays on the chosen row while others come and go: a line of a log, and one
// of several calls of one service.
func TestKept(t *testing.T) {
	s := openFrames(t, written(0, 60), written(10, 70), written(30, 90), written(30, 95))
	s.has("line 59")
	s.press("up", "up", "up")
	before := lineOf(s, "line 56")
	s.press("r")
	if got := s.selected(); got != "cart-0  line 56" || lineOf(s, "line 56") != before {
		t.Errorf("expected line 56 where it was (%d), found %q at %d", before, got, lineOf(s, "line 56"))
	}
	s.press("end", "r")
	if got := s.selected(); got != "cart-0  line 89" {
		t.Errorf("expected to follow from the end on, found %q", got)
	}
	s.press("k", "r")
	if got := s.selected(); got != "cart-0  line 88" {
		t.Errorf("expected not to follow from another row, found %q", got)
	}

	calls := tui.Frame{Below: tui.Workloads, Columns: []tui.Column{{Title: "FROM"}, {Title: "TO"}}}
	for _, from := range []string{"gateway", "orders", "audit"} {
		calls.Rows = append(calls.Rows, tui.Row{Key: "shop/svc/users", ID: from + " users", Cells: []tui.Cell{{Text: from}, {Text: "users"}}})
	}
	s = openFrames(t, calls)
	s.press("down", "r")
	if got := s.selected(); !strings.HasPrefix(got, "orders") {
		t.Errorf("expected the call that was chosen, found %q", got)
	}
	s.press("s", "r") // another order
	if got := s.selected(); !strings.HasPrefix(got, "orders") {
		t.Errorf("sorted: expected the call that was chosen, found %q", got)
	}
}

// TestColumnsStay has columns as wide as all rows ask for, wherever one looks.
func TestColumnsStay(t *testing.T) {
	f := written(0, 60)
	f.Rows[3].Cells[0].Text = "cart-with-a-long-name-0"
	s := openFrames(t, f)
	s.hasNot("long")
	header := strings.Split(s.text(), "\n")[2]
	s.press("home")
	s.has("long")
	if got := strings.Split(s.text(), "\n")[2]; got != header {
		t.Errorf("expected the columns where they were:\n%s\n%s", header, got)
	}
}

// TestLongFilter shows what is typed, however much that is, and how many rows match.
func TestLongFilter(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		s := open(t, 80, 24, func(o *tui.Options) { o.ASCII = ascii })
		s.press("/")
		s.send(tea.PasteMsg{Content: strings.Repeat("wide漢", 20) + " the end"})
		mark := map[bool]string{false: "…", true: "~"}[ascii]
		s.has(" the end_", "\n"+mark, ": 0 of 4", "esc shows them")
		for l := range strings.Lines(s.text()) {
			if w := ansi.StringWidth(strings.TrimRight(l, "\n")); w > 80 {
				t.Errorf("a line of %d: %q", w, l)
			}
		}
		s.press("!")
		s.has(" the end!_")
	}
}

// TestHelp names every key that does something.
func TestHelp(t *testing.T) {
	source, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, 80, 24)
	s.press("?")
	names := strings.NewReplacer("page up", "pgup", "page down", "pgdown", "1 to 7", "1 2 3 4 5 6 7").Replace(s.text())
	words := strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(" \n,;()", r) })
	found := 0
	for _, m := range regexp.MustCompile(`(?m)^\tcase (".*"):$`).FindAllStringSubmatch(string(source), -1) {
		for _, quoted := range strings.Split(m[1], ", ") {
			found++
			if name := strings.Trim(quoted, `"`); !slices.Contains(words, name) {
				t.Errorf("expected key %s in the help:\n%s", name, s.text())
			}
		}
	}
	if found < 30 {
		t.Errorf("expected the keys in keys.go, found %d", found)
	}
}

// BenchmarkDraw draws a screen of a log with many lines.
func BenchmarkDraw(b *testing.B) {
	m := tui.NewModel(b.Context(), tui.Options{Feed: &frames{[]tui.Frame{written(0, 10_000)}}})
	m, _ = m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m, _ = m.Update(m.Init()())
	for b.Loop() {
		_ = m.View()
	}
}
