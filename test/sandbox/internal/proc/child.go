// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package proc starts and watches processes on Linux so that none of them outlives its supervisor: children die with the
// thread that started them, liveness is a file lock, and strangers are watched through a pidfd.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Child is a running process whose output goes to a file.
type Child struct {
	// Name is how messages call it.
	Name string
	// Log is the file with its output.
	Log string

	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs a program as a child in a process group of its own. The kernel kills the child when the calling thread
// ends: call it from a goroutine that holds runtime.LockOSThread and lives as long as the child may.
func Start(name, log string, env []string, program string, args ...string) (*Child, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	c := &Child{Name: name, Log: log, cmd: cmd, done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// Pid is the process id, which is also the id of its process group.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err describes an end that nobody asked for, with the end of the log. It may be called once Done is closed.
func (c *Child) Err() error {
	how := "exit status 0"
	if c.err != nil {
		how = c.err.Error()
	}
	return fmt.Errorf("%s ended unexpectedly (%s), its log is %s%s", c.Name, how, c.Log, tail(c.Log, 5))
}

// Kill ends the whole process group at once and waits for the process to be gone.
func (c *Child) Kill() {
	// The group exists until the leader is reaped, and ESRCH after that is what we want.
	_ = syscall.Kill(-c.Pid(), syscall.SIGKILL)
	<-c.done
}

// tail is the last lines of a file, indented and on lines of their own; empty when there is nothing to show.
func tail(file string, lines int) string {
	data, err := os.ReadFile(file)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "\n  " + strings.Join(all, "\n  ")
}
