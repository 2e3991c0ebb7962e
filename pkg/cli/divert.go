// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Divert sends what is meant for stderr to w from now on, warnings of the API server
// included, and draws no line of progress: a program that draws the whole screen
// cannot have others write on it. Back undoes it. Nothing that uses the Factory may
// run while either is called.
func (f *Factory) Divert(w io.Writer) (back func()) {
	streams, progress := f.Streams, f.progress
	f.Streams.ErrOut, f.Streams.ErrTerminal, f.Streams.ErrColors = w, false, false
	f.progress = render.NewProgress(w, false, 0)
	return func() { f.Streams, f.progress = streams, progress }
}
