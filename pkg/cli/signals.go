// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Signals returns a context that the first SIGINT or SIGTERM cancels, with a
// cause of kind [fault.Interrupted] or [fault.Terminated], so that a command
// can say where it stopped. From then on the signals have their usual effect
// again: a second one ends the process at once. Stop releases the signals.
func Signals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case s := <-received:
			signal.Stop(received)
			cancel(signalled(s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		cancel(nil)
		<-done
	}
}

func signalled(s os.Signal) *fault.Error {
	if s == syscall.SIGTERM {
		return fault.New(fault.Terminated, "terminated")
	}
	return fault.New(fault.Interrupted, "interrupted")
}
