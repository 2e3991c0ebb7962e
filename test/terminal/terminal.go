// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package terminal gives tests a real terminal, that of tmux: a program runs in it,
// keys are pressed, and what is on the screen is read as text.
package terminal

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Patience is how long a screen may take to show what is waited for.
const Patience = 30 * time.Second

// pause is the time between two looks at a screen.
const pause = 30 * time.Millisecond

// Terminal is one with a program in it. Its methods end the test when they fail.
type Terminal struct {
	t      testing.TB
	socket string
	last   string
}

// Options are what a Terminal is opened with; zero values choose.
type Options struct {
	// Columns and Rows are the size in characters, 80 x 24 by default.
	Columns, Rows int
	// Dir is the working directory of the program, that of the test by default.
	Dir string
}

// Open starts a program in a new terminal, which ends with the test. The program gets
// the environment of the test; prefix it with env for another.
func Open(t testing.TB, o Options, program ...string) *Terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatalf("%v: install it with `make tools`", err)
	}
	dir, err := os.MkdirTemp("", "tmux") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	x := &Terminal{t: t, socket: filepath.Join(dir, "s")}
	// A pane that stays is how a program that has ended is told from a tmux that has.
	args := []string{"-f", os.DevNull, "start-server", ";", "set-option", "-wg", "remain-on-exit", "on", ";"}
	args = append(args, "new-session", "-d", "-x", size(o.Columns, 80), "-y", size(o.Rows, 24))
	if o.Dir != "" {
		args = append(args, "-c", o.Dir)
	}
	x.Tmux(append(append(args, "--"), program...)...)
	t.Cleanup(func() { x.Tmux("kill-server") })
	return x
}

func size(n, otherwise int) string {
	if n == 0 {
		n = otherwise
	}
	return strconv.Itoa(n)
}

func (x *Terminal) tmux(args ...string) (string, error) {
	// Without the context of the test, which is over when it cleans up.
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	return string(out), err
}

// Tmux runs a command of tmux and returns its output.
func (x *Terminal) Tmux(args ...string) string {
	x.t.Helper()
	out, err := x.tmux(args...)
	if err != nil {
		x.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// Keys presses keys by the names that tmux has for them, such as Enter or C-c; what
// is no name of a key is typed.
func (x *Terminal) Keys(keys ...string) {
	x.t.Helper()
	x.Tmux(append([]string{"send-keys"}, keys...)...)
}

// Type types a text as it is, then presses keys.
func (x *Terminal) Type(text string, keys ...string) {
	x.t.Helper()
	x.Tmux("send-keys", "-l", text)
	x.Keys(keys...)
}

// look is what is to be seen, and an error if the program has ended.
func (x *Terminal) look() (string, error) {
	out, err := x.tmux("capture-pane", "-p", ";", "display-message", "-p", "#{pane_dead}")
	if err != nil {
		return "", fmt.Errorf("tmux: %w\n%s", err, out)
	}
	screen, runs := strings.CutSuffix(out, "0\n")
	if !runs { // and tmux has written into the screen that it left
		return "", fmt.Errorf("the program has ended, the last screen was\n%s", x.last)
	}
	x.last = screen
	return screen, nil
}

// Await waits for a screen for which holds is true, and returns it; what says which
// one, for the error.
func (x *Terminal) Await(what string, holds func(screen string) bool) (string, error) {
	poll := time.NewTicker(pause)
	defer poll.Stop()
	for end := time.Now().Add(Patience); ; <-poll.C {
		screen, err := x.look()
		switch {
		case err != nil:
			return "", fmt.Errorf("expected %s: %w", what, err)
		case holds(screen):
			return screen, nil
		case time.Now().After(end):
			return "", fmt.Errorf("expected %s, found\n%s", what, screen)
		}
	}
}

// Until is Await for those whom nothing else helps.
func (x *Terminal) Until(what string, holds func(screen string) bool) string {
	x.t.Helper()
	screen, err := x.Await(what, holds)
	if err != nil {
		x.t.Fatal(err)
	}
	return screen
}

// Shows waits until all texts are on the screen, which it returns.
func (x *Terminal) Shows(texts ...string) string {
	x.t.Helper()
	return x.Until(quoted(texts), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// Hides waits until a text is no longer on the screen.
func (x *Terminal) Hides(text string) {
	x.t.Helper()
	x.Until("no "+strconv.Quote(text), func(screen string) bool { return !strings.Contains(screen, text) })
}

// Restored tells whether the terminal is as programs expect it that do not fill the
// screen: with a cursor, and not on the alternate screen.
func (x *Terminal) Restored() bool {
	x.t.Helper()
	return x.Tmux("display-message", "-p", "#{cursor_flag} #{alternate_on}") == "1 0\n"
}

func quoted(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = strconv.Quote(text)
	}
	return strings.Join(out, " and ")
}
