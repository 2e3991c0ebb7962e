// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// start runs the program in a process of its own.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, out *bufio.Reader, errOut *bytes.Buffer) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), "kubectl-micro", args...)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // stays open
		t.Fatal(err)
	}
	errOut = new(bytes.Buffer)
	cmd.Stderr = errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(pipe), errOut
}

func read(t *testing.T, out *bufio.Reader, want string) {
	t.Helper()
	if line, err := out.ReadString('\n'); line != want || err != nil {
		t.Fatalf("read %q, %v, want %q", line, err, want)
	}
}

func send(t *testing.T, cmd *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// ending waits for the process and returns its state.
func ending(t *testing.T, cmd *exec.Cmd, out io.Reader) syscall.WaitStatus {
	t.Helper()
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its error repeats the state
	return cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func TestASignalCancelsAndSaysSo(t *testing.T) {
	for signal, want := range map[syscall.Signal]struct {
		code int
		text string
	}{
		syscall.SIGINT:  {130, "error: interrupted: wait for Deployment shop/web\n"},
		syscall.SIGTERM: {143, "error: terminated: wait for Deployment shop/web\n"},
	} {
		cmd, out, errOut := start(t, "wait")
		read(t, out, "waiting\n")
		send(t, cmd, signal)
		read(t, out, "stopping\n")
		if state := ending(t, cmd, out); state.ExitStatus() != want.code || errOut.String() != want.text {
			t.Errorf("%s: exit %d, stderr %q, want %d and %q", signal, state.ExitStatus(), errOut, want.code, want.text)
		}
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	cmd, out, _ := start(t, "hang")
	read(t, out, "waiting\n")
	send(t, cmd, syscall.SIGINT)
	read(t, out, "cleaning up\n")
	send(t, cmd, syscall.SIGINT)
	if state := ending(t, cmd, out); !state.Signaled() || state.Signal() != syscall.SIGINT {
		t.Errorf("ended with %v, want by the signal itself, which a shell reports as 130", state)
	}
}

// "| head" must not leave an error behind, nor pass for success.
func TestAClosedPipeEndsTheProgramQuietly(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "kubectl-micro", "flood")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read(t, bufio.NewReaderSize(pipe, 16), "data\n")
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its error repeats the state
	state := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !state.Signaled() || state.Signal() != syscall.SIGPIPE || errOut.Len() > 0 {
		t.Errorf("ended with %v, stderr %q, want by SIGPIPE and silence", state, &errOut)
	}
}

// client-go logs what it also returns; only -v asks for that.
func TestTheClientLogsOnlyWithV(t *testing.T) {
	const told = "error: no cluster is configured: no kubeconfig at /nonexistent\ntry: --kubeconfig=FILE\n"
	t.Setenv("KUBECONFIG", "/nonexistent")
	for _, tc := range []struct {
		args []string
		logs bool
	}{{[]string{"config"}, false}, {[]string{"config", "-v=1"}, true}} {
		cmd, out, errOut := start(t, tc.args...)
		state := ending(t, cmd, out)
		logs, found := strings.CutSuffix(errOut.String(), told)
		if state.ExitStatus() != 3 || !found || strings.Contains(logs, "client-go says so") != tc.logs || tc.logs != (logs != "") {
			t.Errorf("%v: exit %d, stderr %q", tc.args, state.ExitStatus(), errOut)
		}
	}
}
