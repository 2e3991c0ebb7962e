// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
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
// cause it returns. In both cases the terminal is as it was before. Nothing of the
// feed runs any more when it returns.
func Run(ctx context.Context, o Options) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(within, o)
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
		<-within.Done()
		p.Quit()
	}()
	_, err := p.Run()
	cancel()
	<-ended
	m.busy <- struct{}{} // what still runs has been told to end
	switch cause := context.Cause(ctx); {
	case err != nil && !errors.Is(err, tea.ErrProgramKilled):
		return err
	case cause != nil:
		return cause
	}
	return err
}
