// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli_test

import (
	"context"
	"errors"
	"syscall"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func TestSignals(t *testing.T) {
	for signal, want := range map[syscall.Signal]fault.Kind{syscall.SIGINT: fault.Interrupted, syscall.SIGTERM: fault.Terminated} {
		ctx, stop := cli.Signals(t.Context())
		if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		if got := fault.KindOf(context.Cause(ctx)); got != want {
			t.Errorf("%s cancels with kind %d, want %d", signal, got, want)
		}
		stop()
	}
	ctx, stop := cli.Signals(t.Context())
	stop()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stop cancels with %v", err)
	}
}
