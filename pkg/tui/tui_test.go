// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

var update = flag.Bool("update", false, "rewrite the goldens")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestScreens draws each state at each size.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}, {30, 8}} {
		for _, state := range []struct {
			name string
			keys []string
		}{
			{"services", nil},
			{"sorted", []string{"s", "s", "s"}},
			{"filtered", []string{"/", "u", "f", "enter"}},
			{"help", []string{"?"}},
			{"query", []string{"y"}},
			{"logs", []string{"l"}},
			{"empty", []string{"5"}},
		} {
			t.Run(fmt.Sprintf("%s-%dx%d", state.name, size.width, size.height), func(t *testing.T) {
				s := open(t, size.width, size.height)
				s.press(state.keys...)
				golden(t, filepath.Base(t.Name()), s.text())
			})
		}
	}
	ascii := open(t, 80, 24, func(o *tui.Options) { o.ASCII = true })
	golden(t, "ascii-80x24", ascii.text())
	for _, r := range ascii.drawn() {
		if r > '~' {
			t.Errorf("expected ASCII, found %q", r)
		}
	}
}

// TestDrill goes all the way down and up again.
func TestDrill(t *testing.T) {
	s := open(t, 80, 24)
	s.press("down", "enter")
	s.has("[3 workloads]", "workloads of shop, shop/svc/order-service")
	s.press("enter", "enter")
	s.has("[7 logs]", "logs of shop, shop/pod/cart-0", "line 59")
	if got := s.selected(); !strings.HasPrefix(got, "12:00:59") {
		t.Errorf("expected to be at the end of logs, found %q", got)
	}
	s.press("enter") // there is nothing below
	s.press("esc", "esc", "esc")
	s.has("[1 services]")
	if got := s.selected(); !strings.HasPrefix(got, "order-service") {
		t.Errorf("expected the row that was left, found %q", got)
	}
	s.press("esc") // there is nothing above
	want := []question{
		{tui.Services, "", tui.Client, 5 * time.Minute},
		{tui.Workloads, "shop/svc/order-service", tui.Client, 5 * time.Minute},
		{tui.Pods, "shop/svc/api-gateway", tui.Client, 5 * time.Minute},
		{tui.Logs, "shop/pod/cart-0", tui.Client, 5 * time.Minute},
		{tui.Pods, "shop/svc/api-gateway", tui.Client, 5 * time.Minute},
		{tui.Workloads, "shop/svc/order-service", tui.Client, 5 * time.Minute},
		{tui.Services, "", tui.Client, 5 * time.Minute},
	}
	if diff := cmp.Diff(want, s.feed.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestKeys shows what each key asks the feed for.
func TestKeys(t *testing.T) {
	for _, test := range []struct {
		keys []string
		want question
	}{
		{[]string{"4"}, question{tui.Pods, "", tui.Client, 5 * time.Minute}},
		{[]string{"e"}, question{tui.Edges, "shop/svc/api-gateway", tui.Client, 5 * time.Minute}},
		{[]string{"j", "t"}, question{tui.Events, "shop/svc/order-service", tui.Client, 5 * time.Minute}},
		{[]string{"G", "k", "l"}, question{tui.Logs, "shop/svc/user-service", tui.Client, 5 * time.Minute}},
		{[]string{"2"}, question{tui.Versions, "", tui.Client, 5 * time.Minute}},
		{[]string{"j", "V"}, question{tui.Versions, "shop/svc/order-service", tui.Client, 5 * time.Minute}},
		{[]string{"v"}, question{tui.Services, "", tui.Server, 5 * time.Minute}},
		{[]string{"v", "v"}, question{tui.Services, "", tui.Client, 5 * time.Minute}},
		{[]string{"w"}, question{tui.Services, "", tui.Client, 15 * time.Minute}},
		{[]string{"w", "w", "w"}, question{tui.Services, "", tui.Client, time.Minute}},
		{[]string{"4", "v", "esc"}, question{tui.Services, "", tui.Server, 5 * time.Minute}},
	} {
		s := open(t, 80, 24)
		s.press(test.keys...)
		if diff := cmp.Diff(test.want, s.feed.asked[len(s.feed.asked)-1]); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.keys, diff)
		}
	}
}

func TestSortAndFilter(t *testing.T) {
	s := open(t, 120, 40)
	first := func() string { s.press("home"); return strings.Fields(s.selected())[0] }
	s.press("s", "s", "s")
	if got := first(); got != "api-gateway" {
		t.Errorf("by RPS: expected the greatest first, found %s", got)
	}
	s.press("S")
	if got := first(); got != "order-service" {
		t.Errorf("reversed: expected the smallest first, found %s", got)
	}
	s.press("end")
	if got := s.selected(); !strings.HasPrefix(got, "audit") {
		t.Errorf("reversed: expected the unknown last, found %s", got)
	}
	s.press("S", "down", "s") // the chosen row stays chosen in another order
	if got := s.selected(); !strings.HasPrefix(got, "audit") {
		t.Errorf("expected the row that was chosen, found %s", got)
	}
	s.press("/", "q", "x") // q is a letter here
	s.has("/qx_", "none of 4 rows has qx")
	s.press("backspace", "backspace", "o", "r", "d")
	s.press("enter")
	s.has("/ord: 1 of 4")
	if got := s.selected(); !strings.HasPrefix(got, "order-service") {
		t.Errorf("expected the one that matches, found %s", got)
	}
	s.press("esc")
	s.hasNot("/ord")
}

// TestStale keeps what was shown, with its age, until there is something newer.
func TestStale(t *testing.T) {
	s := open(t, 80, 24)
	if s.left == nil {
		t.Fatal("expected a clock for the next fetch")
	}
	s.feed.err = fault.Failedf("prometheus: no \x1b[2Janswer").Try("try this")
	s.press("r")
	s.has("stale 12s", "error: prometheus: no ^[[2Janswer", "order-service")
	if !strings.Contains(s.drawn(), "\x1b[2m") {
		t.Errorf("expected faint rows: %q", s.drawn())
	}
	s.feed.err = nil
	s.press("r")
	s.hasNot("stale")
	s.has("12:00:00Z · prometheus")

	s.feed.err = fault.Failedf("no Prometheus").Try("--prometheus none")
	s.press("2")
	s.has("error: no Prometheus", "try: --prometheus none", "asked again every 1ms")
}

// TestClock fetches again, but not while paused, and only for the last question.
func TestClock(t *testing.T) {
	s := open(t, 80, 24)
	next := s.left
	s.run(next) // the clock
	s.run(s.left)
	if n := len(s.feed.asked); n != 2 {
		t.Fatalf("expected a second question, found %d", n)
	}
	old := s.left
	s.press("r")
	current := s.left
	s.run(old)
	if s.left != nil {
		t.Error("expected nothing of a clock that belongs to an older question")
	}
	s.press("space")
	s.has("paused")
	s.run(current)
	if s.left != nil {
		t.Error("expected nothing while paused")
	}
	s.press("space")
	s.hasNot("paused")
	if n := len(s.feed.asked); n != 4 {
		t.Errorf("expected a question at once after the pause, found %d", n)
	}
}

// TestLate throws away the answer to a question that nobody asks any more.
func TestLate(t *testing.T) {
	s := open(t, 80, 24)
	s.send(key("v"))
	slow := s.left
	s.send(key("3"))
	quick := s.left
	s.run(quick)
	asked := len(s.feed.asked)
	if msg := slow(); msg != nil {
		t.Errorf("expected the older question to be cancelled, found %v", msg)
	}
	if len(s.feed.asked) != asked {
		t.Error("expected the feed not to be asked what was cancelled")
	}
	s.has("[3 workloads]")
}

func TestCount(t *testing.T) {
	s := open(t, 80, 24, func(o *tui.Options) { o.Count = 2 })
	s.press("r")
	if _, quit := s.left().(tea.QuitMsg); !quit {
		t.Error("expected the end after two frames")
	}
}

func TestQuit(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"/", "ctrl+c"}, {"?", "q"}} {
		s := open(t, 80, 24)
		for _, k := range keys {
			s.send(key(k))
		}
		if s.left == nil {
			t.Errorf("%v: expected the end", keys)
		} else if _, quit := s.left().(tea.QuitMsg); !quit {
			t.Errorf("%v: expected the end", keys)
		}
	}
}

// TestSafe shows nothing of a cluster's escape codes.
func TestSafe(t *testing.T) {
	s := open(t, 80, 24)
	s.press("7")
	if strings.Contains(s.drawn(), "\x1b[31m") || strings.Contains(s.drawn(), "\a") {
		t.Errorf("expected escape codes of logs to be shown as text: %q", s.drawn())
	}
	s.has("^[[31mred")
}

var errSilent = errors.New("silent")
