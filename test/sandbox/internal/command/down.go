// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/supervisor"
)

// patience is how long `down` waits for processes to end, once politely and once after killing them.
const patience = 10 * time.Second

func down(flags *flag.FlagSet) func(context.Context, env) error {
	var t target
	t.declare(flags)
	return func(ctx context.Context, e env) error {
		d, err := t.resolve()
		if err != nil {
			return err
		}
		state, running, err := supervisor.Read(d)
		if errors.Is(err, os.ErrNotExist) {
			// Nothing ever ran there, or it has cleaned up after itself.
			_, err := os.Stat(d.Lock())
			if err == nil {
				return os.RemoveAll(string(d))
			}
			fmt.Fprintf(e.progress, "no sandbox in %s\n", d)
			return nil
		}
		if err != nil {
			return err
		}
		if running {
			if err := end(ctx, state); err != nil {
				return err
			}
		}
		return os.RemoveAll(string(d))
	}
}

// end stops the supervisor, which takes its components along in either way of ending.
func end(ctx context.Context, state supervisor.State) error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(state.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("cannot stop the supervisor, process %d: %w", state.Pid, err)
		}
		if len(proc.AwaitGone(ctx, state.Pids(), patience)) == 0 {
			return nil
		}
	}
	left := proc.AwaitGone(ctx, state.Pids(), 0)
	return fmt.Errorf("processes %v of the sandbox still run", left)
}
