// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// folderVar says that this is not a test but the program in a terminal, and in which
// folder it is told what to do.
const folderVar = "KUBECTL_MICRO_TUI_TEST_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(folderVar); folder != "" {
		os.Exit(program(folder))
	}
	goleak.VerifyTestMain(m)
}

// obedient is a feed that a test can disturb: while there is a file "broken" it
// fails, and while there is one called "slow" it waits to be cancelled.
type obedient struct {
	canned
	folder string
}

func (o *obedient) Frame(ctx context.Context, pane tui.Pane, focus, view string, window time.Duration) (tui.Frame, error) {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(o.folder, name))
		return err == nil
	}
	if exists("slow") && pane == tui.Edges {
		<-ctx.Done()
		return tui.Frame{}, ctx.Err()
	}
	o.err, o.at = nil, time.Now()
	if exists("broken") {
		o.err = errors.New("prometheus does not answer")
	}
	return o.canned.Frame(ctx, pane, focus, view, window)
}

// program is what runs in the terminal.
func program(folder string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := os.WriteFile(filepath.Join(folder, "pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return 3
	}
	others := goleak.IgnoreCurrent()
	err := tui.Run(ctx, tui.Options{In: os.Stdin, Out: os.Stdout, Feed: &obedient{folder: folder}, Interval: 50 * time.Millisecond, NoColor: os.Getenv("NO_COLOR") != ""})
	if err := goleak.Find(others); err != nil {
		fmt.Println(err)
		return 9
	}
	switch {
	case fault.KindOf(err) == fault.Terminated:
		return 143
	case ctx.Err() != nil && err != nil:
		return 130
	case err != nil:
		fmt.Println(err)
		return 3
	}
	return 0
}

// session is a shell in a terminal, in which the program runs.
type session struct {
	*terminal.Terminal
	t      *testing.T
	folder string
}

func newSession(t *testing.T) session {
	t.Helper()
	folder := t.TempDir()
	x := session{terminal.Open(t, terminal.Options{Dir: folder}, "env", "PS1=$ ", "ENV=", folderVar+"="+folder, "sh"), t, folder}
	x.Shows("$")
	return x
}

// start runs the program between two looks at the settings of the terminal.
func (x session) start(env string) {
	x.t.Helper()
	self, err := os.Executable()
	if err != nil {
		x.t.Fatal(err)
	}
	x.Keys("echo was here before; stty -a > settings.before; "+env+" '"+self+"'; echo code=$?; stty -a > settings.after; echo all done", "Enter")
	x.Shows("[1 services]", "api-gateway")
}

// ended expects the screen and the settings as they were, and an exit code.
func (x session) ended(code int) {
	x.t.Helper()
	s := x.Until("the end", func(s string) bool { return strings.Contains(s, "\nall done") })
	if want := fmt.Sprintf("\nwas here before\ncode=%d\n", code); !strings.Contains(s, want) {
		x.t.Errorf("expected the screen as it was and %q, found\n%s", want, s)
	}
	before, after := x.file("settings.before"), x.file("settings.after")
	if diff := cmp.Diff(before, after); before == "" || diff != "" {
		x.t.Errorf("settings of the terminal (-before +after):\n%s", diff)
	}
	if !x.Restored() {
		x.t.Error("expected a cursor and no alternate screen")
	}
}

func (x session) file(name string) string {
	x.t.Helper()
	b, err := os.ReadFile(filepath.Join(x.folder, name))
	if err != nil {
		x.t.Fatal(err)
	}
	return string(bytes.TrimSpace(b))
}

// touch makes a file that disturbs the feed; the result removes it.
func (x session) touch(name string) (remove func()) {
	x.t.Helper()
	file := filepath.Join(x.folder, name)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		x.t.Fatal(err)
	}
	return func() {
		if err := os.Remove(file); err != nil {
			x.t.Error(err)
		}
	}
}

// TestTerminal uses the program as somebody does at a terminal.
func TestTerminal(t *testing.T) {
	t.Parallel()
	x := newSession(t)
	x.start("")
	x.Keys("Down", "Enter")
	x.Shows("workloads of shop, shop/svc/order-service")
	x.Keys("Escape")
	x.Shows("[1 services]")
	x.Keys("/", "user")
	x.Shows("/user_")
	x.Keys("Enter")
	x.Shows("/user: 1 of 4")
	x.Keys("Escape")
	x.Shows("api-gateway")
	x.Keys("?")
	x.Shows("choose a row")
	x.Keys("?")
	x.Hides("choose a row")

	x.Tmux("resize-window", "-x", "120", "-y", "40")
	x.Shows("MEM/LIM")
	x.Tmux("resize-window", "-x", "30", "-y", "8")
	x.Shows("monitor")
	x.Hides("[1 services]")
	x.Tmux("resize-window", "-x", "80", "-y", "24")
	x.Shows("[1 services]")

	repair := x.touch("broken")
	x.Shows("stale 1s · error: prometheus does not answer")
	x.Shows("order-service")
	if s := x.Tmux("capture-pane", "-p", "-e"); !strings.Contains(s, "\x1b[2m") && !strings.Contains(s, "\x1b[0;2m") {
		t.Errorf("expected faint rows, found\n%s", s)
	}
	repair()
	x.Hides("stale")
	x.Keys("q")
	x.ended(0)
}

// TestSlow presses keys while the feed does not answer.
func TestSlow(t *testing.T) {
	t.Parallel()
	x := newSession(t)
	x.touch("slow")
	x.start("NO_COLOR=1")
	if s := x.Tmux("capture-pane", "-p", "-e"); strings.Contains(s, "\x1b[33m") {
		t.Errorf("expected no colour, found\n%s", s)
	}
	x.Keys("5")
	x.Shows("loading")
	x.Keys("?")
	x.Shows("choose a row")
	x.Keys("?", "4")
	x.Shows("cart-0")
	x.Keys("5")
	x.Shows("loading")
	x.Keys("C-c") // which also ends what is asked
	x.ended(0)
}

// TestInterrupted ends the program by a signal.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGHUP: 143} {
		x := newSession(t)
		x.start("")
		x.signal(signal)
		x.ended(code)
	}
}

func (x session) signal(s syscall.Signal) {
	x.t.Helper()
	pid, err := strconv.Atoi(x.file("pid"))
	if err != nil {
		x.t.Fatal(err)
	}
	if err := syscall.Kill(pid, s); err != nil {
		x.t.Fatal(err)
	}
}

// TestStopped stops the program and lets it go on, as a shell does with its jobs.
func TestStopped(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x := newSession(t)
	x.Keys("stty -a > settings.before; echo was here before", "Enter")
	x.Shows("was here before")
	x.Keys("'"+self+"'", "Enter")
	x.Shows("[1 services]", "api-gateway")
	for i, keys := range [][]string{{"C-z"}, {"?", "C-z"}} {
		x.Keys(keys...)
		x.Shows("was here before", "Stopped")
		if !x.Restored() {
			t.Errorf("stop %d: expected a cursor and no alternate screen", i)
		}
		x.Keys(fmt.Sprintf("stty -a > settings.stopped; clear; echo was here before, $((41 + %d)) times", i), "Enter")
		x.Shows(fmt.Sprintf("%d times", 41+i))
		if diff := cmp.Diff(x.file("settings.before"), x.file("settings.stopped")); diff != "" {
			t.Errorf("stop %d: settings of the terminal (-before +stopped):\n%s", i, diff)
		}
		x.Keys("fg", "Enter")
		x.Shows("[1 services]")
	}
	x.Shows("choose a row")
	x.Keys("?", "3") // it still listens, and asks
	x.Shows("[3 workloads]", "workloads of shop")
	x.Keys("q")
	x.Shows("42 times")
	if !x.Restored() {
		t.Error("expected a cursor and no alternate screen")
	}
}
