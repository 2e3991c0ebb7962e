// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Factory gives commands what they need of the world, when they ask for it.
// There is one for a run of the program; it holds the values of the global flags.
type Factory struct {
	// Streams are the command's input and output.
	Streams Streams
	// Now is the clock.
	Now func() time.Time
	// Getenv reads the environment.
	Getenv func(string) string
	// Build says which build this is.
	Build Build

	connection *connectionFlags
	color      colorFlag
	progress   *render.Progress
	verbosity  int
	// setLog sets the verbosity of client-go's logging, which is global to the
	// process: only Main may do that.
	setLog func(verbosity int) error
	// command is the path of the running command; empty until one runs, which
	// tells mistakes in its flags and arguments from failures of its own.
	command string
	// typed is the running command itself.
	typed *cobra.Command
	// unwritten is why a help could not be written, which cobra passes to nobody.
	unwritten error
}

// NewFactory returns a Factory on streams, with the system's clock and environment.
func NewFactory(streams Streams, build Build) *Factory {
	f := &Factory{Now: time.Now, Getenv: os.Getenv, Build: build}
	f.progress = render.NewProgress(streams.ErrOut, streams.ErrTerminal, streams.Width)
	if streams.ErrTerminal {
		// The progress line must go before anything else is written where it stands.
		streams.ErrOut = f.progress.Around(streams.ErrOut)
		if streams.OutTerminal {
			streams.Out = f.progress.Around(streams.Out)
		}
	}
	f.Streams = streams
	f.connection = newConnectionFlags(f)
	return f
}

// RESTConfig returns the connection that kubeconfig and flags describe: the
// suite's user agent, audit headers, warnings to stderr and no client-side rate
// limit (the server has its own, API Priority and Fairness).
func (f *Factory) RESTConfig() (*rest.Config, error) { return f.connection.restConfig() }

// Clients returns the getter of cli-runtime, for its REST mapper, its cached
// discovery and its kubeconfig loader.
func (f *Factory) Clients() genericclioptions.RESTClientGetter { return f.connection.ConfigFlags }

// Namespace returns the namespace to work in: that of -n, else of the
// kubeconfig's context, else "default". Explicit says that -n named it.
func (f *Factory) Namespace() (namespace string, explicit bool, err error) {
	if n := *f.connection.Namespace; n != "" {
		return n, true, nil
	}
	return f.connection.ToRawKubeConfigLoader().Namespace()
}

// Command is the path of the running command: "kubectl micro diagnose".
func (f *Factory) Command() string { return f.command }

// Colors returns the palette for Out.
func (f *Factory) Colors() render.Palette { return f.color.palette(f.Streams.OutColors) }

// ErrColors returns the palette for ErrOut.
func (f *Factory) ErrColors() render.Palette { return f.color.palette(f.Streams.ErrColors) }

// Progress returns the line on stderr that says what the command waits for.
func (f *Factory) Progress() *render.Progress { return f.progress }

// Table returns an empty table that fits Out.
func (f *Factory) Table(header ...string) *render.Table {
	return &render.Table{Header: header, Width: f.Streams.TableWidth()}
}

// Diff returns the sink that shows a plan's changes as kubectl diff would, with
// the user's KUBECTL_EXTERNAL_DIFF.
func (f *Factory) Diff() render.DiffSink {
	return render.DiffSink{
		Out: f.Streams.Out, ErrOut: f.Streams.ErrOut,
		Palette: f.Colors(), External: f.Getenv(render.ExternalDiffVar),
	}
}
