// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Shell is one bash in which the commands of a document run one after another,
// as they do for its reader: a variable or a directory set by one is there for
// the next.
type Shell struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// mark ends the output of a command, before its exit code.
const mark = "\x01end-of-command "

// NewShell starts a bash in dir that ends with the test. Its environment is env,
// NAME=VALUE each, and what every terminal has.
func NewShell(t *testing.T, dir string, env ...string) *Shell {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	cmd.Dir = dir
	cmd.Env = append([]string{"USER=you", "LC_ALL=C.UTF-8"}, env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() {
		in.Close()
		cancel()
		_ = cmd.Wait() // killed, or ended by the end of its input
		read.Close()
	})
	return &Shell{in, bufio.NewReader(read)}
}

// Run executes a command and returns what it printed and its exit code.
func (s *Shell) Run(command string) (string, int, error) {
	// The command reads nothing, or else it would read the commands after it.
	if _, err := fmt.Fprintf(s.in, "{ %s\n} < /dev/null\nprintf '%%s%%d\\n' '%s' $?\n", command, mark); err != nil {
		return "", 0, err
	}
	var text strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		before, code, ended := strings.Cut(line, mark)
		text.WriteString(before)
		if ended {
			n, err := strconv.Atoi(strings.TrimSpace(code))
			return text.String(), n, err
		}
		if err != nil {
			return text.String(), 0, fmt.Errorf("the shell has ended: %w", err)
		}
	}
}

// Try runs one command. One that shows no output must succeed; of the others,
// the output says how they ended.
func (s Step) Try(sh *Shell) error {
	got, code, err := sh.Run(s.Command)
	switch {
	case err != nil:
		return fmt.Errorf("line %d: %s: %w", s.Line, s.Command, err)
	case !s.Shows(got):
		return fmt.Errorf("line %d: %s\ngot:\n%s\nwant:\n%s", s.Line, s.Command, got, strings.Join(s.Want, "\n"))
	case code != 0 && len(trim(s.Want)) == 0:
		return fmt.Errorf("line %d: %s: exit code %d and nothing to read", s.Line, s.Command, code)
	}
	return nil
}
