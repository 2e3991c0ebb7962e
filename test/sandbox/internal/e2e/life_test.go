// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"

	"context"
	"fmt"
)

// starting begins an `up` and returns once the API server's process exists, long before the sandbox is ready.
func starting(t *testing.T) (*box, *exec.Cmd, *strings.Builder, status) {
	t.Helper()
	b := newBox(t)
	cmd := b.command("up")
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var s status
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := api.Until(ctx, 20*time.Millisecond, func(context.Context) error {
		if _, err := os.Stat(b.dir + "/state.json"); err != nil {
			return err
		}
		if s = b.status(); len(s.Components) < 2 {
			return fmt.Errorf("expected two components, found %v", s.Components)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b, cmd, &out, s
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestKilledSupervisorTakesComponentsAlong(t *testing.T) {
	b, up, _, s := starting(t)
	kill(t, s.Pid)
	if err := up.Wait(); err == nil {
		t.Error("expected up to fail, it succeeded")
	}
	gone(t, s.pids())
	if _, code := b.run("status"); code != 1 {
		t.Errorf("status of a dead sandbox: expected exit 1, found %d", code)
	}
	b.must("down")
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("expected down to remove %s, found %v", b.dir, err)
	}
}

func TestKilledStarterTakesEverythingAlong(t *testing.T) {
	_, up, _, s := starting(t)
	kill(t, up.Process.Pid)
	_ = up.Wait()
	gone(t, s.pids())
}

func TestInterruptedStarterTakesEverythingAlong(t *testing.T) {
	_, up, _, s := starting(t)
	if err := up.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = up.Wait()
	if code := up.ProcessState.ExitCode(); code != 130 {
		t.Errorf("expected exit 130, found %d", code)
	}
	gone(t, s.pids())
}

func TestCrashEndsEverythingAndNamesTheLog(t *testing.T) {
	b, up, out, s := starting(t)
	kill(t, s.Components[0].Pid)
	_ = up.Wait()
	if code := up.ProcessState.ExitCode(); code != 3 {
		t.Errorf("expected exit 3, found %d", code)
	}
	gone(t, s.pids())
	want := "etcd ended unexpectedly (signal: killed), its log is " + s.Components[0].Log
	if !strings.Contains(out.String(), want) {
		t.Errorf("expected %q, found %s", want, out)
	}
	after := b.status()
	if after.Running || after.Phase != "failed" || !strings.Contains(after.Error, want) {
		t.Errorf("expected status to tell of the crash, found %+v", after)
	}
}
