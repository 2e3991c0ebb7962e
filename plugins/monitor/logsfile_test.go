// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// logsOf starts `monitor logs` on a standard input that nobody closes.
func logsOf(t *testing.T, args ...string) (x *exec.Cmd, in io.Writer, out *bufio.Reader, errOut *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x = exec.CommandContext(t.Context(), self, append([]string{"monitor", "logs", "-"}, args...)...)
	x.Env = append(os.Environ(), asProgram+"=1", "KUBECONFIG=/nowhere")
	errOut = new(bytes.Buffer)
	x.Stderr = errOut
	pipe, err := x.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := x.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	return x, pipe, bufio.NewReader(stdout), errOut
}

// A pipe on which nothing comes ends with --timeout, and with a signal; what came
// before is written.
func TestLogsOfAPipeEnd(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		kill os.Signal
		want fault.Kind
		told string
	}{
		"timeout": {[]string{"--timeout", "1s", "--where", "took>1s or n"}, nil, fault.Timeout, "error: gave up after 1s: reading logs"},
		"signal":  {[]string{"--where", "took>1s or n"}, syscall.SIGTERM, fault.Terminated, "error: terminated: reading logs"},
	} {
		t.Run(name, func(t *testing.T) {
			x, in, out, errOut := logsOf(t, c.args...)
			if _, err := io.WriteString(in, `{"msg":"one","took":2,"n":1}`+"\nhalf"); err != nil {
				t.Fatal(err)
			}
			if line, err := out.ReadString('\n'); line != "-     one took=2 n=1\n" {
				t.Errorf("wrote %q, %v", line, err)
			}
			if c.kill != nil {
				if err := x.Process.Signal(c.kill); err != nil {
					t.Fatal(err)
				}
			}
			if rest, err := io.ReadAll(out); len(rest) > 0 {
				t.Errorf("wrote %q, %v", rest, err)
			}
			_ = x.Wait() // the code tells
			if got := x.ProcessState.ExitCode(); got != cli.ExitCode(fault.New(c.want, "")) {
				t.Errorf("exit code %d: %s", got, errOut)
			}
			if !strings.Contains(errOut.String(), c.told) || strings.Count(errOut.String(), "--where: nothing says what the numbers of field took count") != 1 {
				t.Errorf("told %q", errOut)
			}
		})
	}
}

// A line without an end does not take all memory, and none of it is lost.
func TestLogsOfALongLine(t *testing.T) {
	x, in, out, errOut := logsOf(t, "-o", "raw", "--timeout", "60s")
	long := strings.Repeat("0123456789abcdef", 200_000)
	go func() { _, _ = io.WriteString(in, long) }() // what is not taken is seen below
	var got strings.Builder
	for range len(long) >> 20 { // nobody ends the line
		piece, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, errOut)
		}
		got.WriteString(strings.TrimSuffix(piece, "\n"))
	}
	if got.Len() < len(long)-1<<20 || !strings.HasPrefix(long, got.String()) {
		t.Errorf("%d bytes of %d", got.Len(), len(long))
	}
	_ = x.Process.Kill()
	_ = x.Wait()
}
