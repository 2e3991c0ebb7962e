// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Streams are a command's input and output with what is known about them. The
// zero values of the terminal fields describe pipes and files, as tests want.
type Streams struct {
	// In is standard input.
	In io.Reader
	// Out takes data, and only data.
	Out io.Writer
	// ErrOut takes prose, progress, warnings and errors.
	ErrOut io.Writer

	// InTerminal, OutTerminal and ErrTerminal say which of them is a terminal.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width is the number of columns of the terminal behind Out, or else behind
	// ErrOut; 0 when there is none.
	Width int
	// OutColors and ErrColors say whether the stream and its environment want
	// colour (see [render.Colors]); --color overrides both.
	OutColors, ErrColors bool
}

// System returns the streams of the process.
func System() Streams {
	s := Streams{
		In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		OutColors:   render.Colors(render.ColorAuto, os.Stdout).Enabled(),
		ErrColors:   render.Colors(render.ColorAuto, os.Stderr).Enabled(),
	}
	for _, file := range []*os.File{os.Stdout, os.Stderr} {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			s.Width = width
			break
		}
	}
	return s
}

// TableWidth is the width tables are cut to: that of the terminal behind Out,
// and 0, never cut, when Out is a pipe or a file.
func (s Streams) TableWidth() int {
	if !s.OutTerminal {
		return 0
	}
	return s.Width
}
