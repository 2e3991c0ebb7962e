// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/console"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// watch runs a command that fills a terminal, and waits for what the document
// shows of it. Then the command is killed: that it gives the terminal back is no
// matter of documents.
func watch(t *testing.T, s console.Step, dir string, env []string) error {
	t.Helper()
	program := append([]string{"env", "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"}, env...)
	program = append(program, "bash", "--noprofile", "--norc", "-c", s.Command)
	x := terminal.Open(t, terminal.Options{Dir: dir}, program...)
	_, err := x.Await(strings.Join(s.Want, "\n"), s.Shows)
	if err != nil {
		return fmt.Errorf("line %d: %s: %w", s.Line, s.Command, err)
	}
	return nil
}
