// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Options are what the program is started with.
type Options struct {
	// In and Out are a terminal.
	In  io.Reader
	Out io.Writer
	// Feed is what is shown.
	Feed Feed
	// Pane is the first one; the zero value is Services.
	Pane Pane
	// View and Window are what is asked for at first; the zero values are Client and
	// five minutes.
	View   string
	Window time.Duration
	// Interval is the time between the end of one fetch and the begin of the next.
	Interval time.Duration
	// Count ends the program after so many frames; 0 does not.
	Count int
	// ASCII draws without braille and other characters beyond ASCII.
	ASCII bool
	// NoColor draws without colour. What is bold, faint or reversed stays.
	NoColor bool
	// Now is the clock.
	Now func() time.Time
}

// framesPerSecond bounds how often the screen is written.
const framesPerSecond = 20

// Run runs the program until somebody quits it, which is no error, or ctx ends, whose
// cause it returns, or the terminal is closed (SIGHUP), which is an error of kind
// [fault.Terminated]. In all cases the terminal is as it was before. Nothing of the
// feed runs any more when it returns.
func Run(ctx context.Context, o Options) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := newModel(within, o)
	hangup := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) { // by nohup, say
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
	}
	profile := colorprofile.ANSI
	if o.NoColor {
		profile = colorprofile.ASCII // which keeps what is bold or faint
	}
	p := tea.NewProgram(m, tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithColorProfile(profile),
		tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond))
	// Ending by a message and not by its context, the program restores the screen
	// in the usual order.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-within.Done():
		case <-hangup:
			cancel(errHungUp)
		}
		p.Quit()
	}()
	_, err := p.Run()
	cause := context.Cause(within) // nil if somebody quit it
	cancel(nil)
	<-ended
	m.busy <- struct{}{} // what still runs has been told to end
	switch {
	case errors.Is(cause, errHungUp): // of which reading and writing may fail as well
		return cause
	case err != nil && !errors.Is(err, tea.ErrProgramKilled):
		return err
	case cause != nil:
		return cause
	}
	return err
}

// errHungUp is why the program ends whose terminal was closed.
var errHungUp = fault.New(fault.Terminated, "terminated: the terminal is gone")
