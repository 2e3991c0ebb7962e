// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
)

// Main runs the program and returns its exit code. Argv is the process's
// argument list, whose first word may pick the plugin (see [Dispatch]).
func Main(ctx context.Context, f *Factory, plugins []Plugin, argv []string) int {
	f.setLog = setKlog
	return Run(ctx, f, plugins, argv)
}

// Run is Main without a grip on the process: client-go's logging stays as it
// is, so that tests can run commands in one process, next to each other.
func Run(ctx context.Context, f *Factory, plugins []Plugin, argv []string) int {
	root := NewRoot(f, plugins)
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	root.SetArgs(Dispatch(argv, names))
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case f.unwritten != nil:
		err = f.unwritten
	case err == nil:
		err = f.connection.verdict()
	case f.command == "":
		err = misused(err)
	default:
		err = ended(ctx, err)
	}
	err = advised(cmd, err)
	f.typed = cmd // of a mistake too, which none has run for
	f.Report(err)
	return ExitCode(err)
}
