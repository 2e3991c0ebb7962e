// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package terminal_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	x := terminal.Open(t, terminal.Options{Columns: 40, Rows: 5, Dir: dir}, "env", "PS1=$ ", "ENV=", "sh")
	x.Shows("$")
	x.Type("stty size; pwd -P | tail -c 4; tput smcup; tput civis", "Enter")
	x.Until("the alternate screen", func(string) bool { return !x.Restored() })
	x.Type("tput rmcup; tput cnorm; echo ba\"\"ck", "Enter")
	screen := x.Shows("5 40", "\nback\n")
	if !x.Restored() || !strings.Contains(screen, dir[len(dir)-3:]) {
		t.Errorf("found\n%s", screen)
	}
	x.Type("clear", "Enter")
	x.Hides("back")
}

func TestEnded(t *testing.T) {
	x := terminal.Open(t, terminal.Options{}, "sh", "-c", "echo here; read line")
	x.Shows("here")
	x.Keys("Enter")
	_, err := x.Await("more", func(screen string) bool { return strings.Contains(screen, "more") })
	if err == nil || !strings.HasPrefix(err.Error(), "expected more: the program has ended, the last screen was\nhere\n") {
		t.Errorf("found %v", err)
	}
}
