// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package tui

import (
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
)

// stops says that there are jobs, which stop and go on.
const stops = true

// unstopped is how long after the signal a process goes on that is not to be stopped:
// there is no shell that could let it go on.
const unstopped = 500 * time.Millisecond

// suspend stops the program as ctrl+z does any other, with the terminal as it was
// before. That of the library waits forever where there is no shell.
func suspend() tea.Cmd { return tea.Exec(halt{}, nil) }

// halt stops the processes of this job until the shell lets them go on. Nothing of the
// program may ever listen to SIGTSTP: after that Go is not stopped by it any more.
type halt struct{}

// Run implements [tea.ExecCommand].
func (halt) Run() error {
	on := make(chan os.Signal, 1)
	signal.Notify(on, syscall.SIGCONT)
	defer signal.Stop(on)
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	select {
	case <-on:
	case <-time.After(unstopped):
	}
	return nil
}

// SetStdin implements [tea.ExecCommand].
func (halt) SetStdin(io.Reader) {}

// SetStdout implements [tea.ExecCommand].
func (halt) SetStdout(io.Writer) {}

// SetStderr implements [tea.ExecCommand].
func (halt) SetStderr(io.Writer) {}
