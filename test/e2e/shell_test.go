// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

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

// shell is one bash in which the commands of a document run one after another,
// as they do for its reader: a variable or a directory set by one is there for
// the next.
type shell struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// mark ends the output of a command, before its exit code.
const mark = "\x01end-of-command "

// newShell starts a bash that ends with the test.
func newShell(t *testing.T, dir string) *shell {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "USER=you", "LC_ALL=C.UTF-8"}
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
	return &shell{in, bufio.NewReader(read)}
}

// run executes a command and returns what it printed and its exit code.
func (s *shell) run(command string) (string, int, error) {
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
