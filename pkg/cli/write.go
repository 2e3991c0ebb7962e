// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// DryRun is the value of --dry-run.
type DryRun string

// The strategies of --dry-run, as in kubectl: write; only say what would be
// written; let the server check the write without persisting it.
const (
	DryRunNone   DryRun = "none"
	DryRunClient DryRun = "client"
	DryRunServer DryRun = "server"
)

// bare is what --dry-run without a value stands for until Complete.
const bare DryRun = "unchanged"

// WriteFlags belong to every command that writes to a cluster.
type WriteFlags struct {
	// DryRun is --dry-run, one of the three strategies after Complete.
	DryRun DryRun
	// Diff is --diff: show the difference and write nothing.
	Diff bool
	// FieldManager is --field-manager.
	FieldManager string
	// ForceConflicts is --force-conflicts: take fields over from other managers.
	ForceConflicts bool
	// Yes is --yes: do not ask.
	Yes bool
}

// NewWriteFlags returns the flags of a plugin's command; the plugin's name
// becomes part of the default field manager.
func NewWriteFlags(plugin string) *WriteFlags {
	return &WriteFlags{DryRun: DryRunNone, FieldManager: binary + "-" + plugin}
}

// AddFlags adds --dry-run, --diff, --field-manager, --force-conflicts and --yes.
func (w *WriteFlags) AddFlags(flags *pflag.FlagSet) {
	flag := flags.VarPF((*dryRunValue)(&w.DryRun), "dry-run", "",
		`Must be "none", "server", or "client". With client, only print what would be sent; with server, have the server check it without persisting it.`)
	flag.NoOptDefVal = string(bare)
	offer(flag, string(DryRunNone), string(DryRunServer), string(DryRunClient))
	flags.BoolVar(&w.Diff, "diff", w.Diff,
		"Show the difference and write nothing; exits 1 when there is one, like kubectl diff, and honours KUBECTL_EXTERNAL_DIFF")
	flags.StringVar(&w.FieldManager, "field-manager", w.FieldManager, "Name of the manager used to track field ownership")
	flags.BoolVar(&w.ForceConflicts, "force-conflicts", w.ForceConflicts, "Take over fields that other managers own")
	flags.BoolVarP(&w.Yes, "yes", "y", w.Yes, "Do not ask for confirmation")
}

// Complete turns deprecated values of --dry-run into what they stand for, with
// kubectl's warnings, and reports flags that exclude each other and a field
// manager without a name.
func (w *WriteFlags) Complete(streams Streams) error {
	given := w.DryRun
	switch given {
	case bare:
		w.DryRun = DryRunClient
		fmt.Fprintf(streams.ErrOut, "Warning: --dry-run is deprecated and can be replaced with --dry-run=%s.\n", w.DryRun)
	case "true", "false":
		w.DryRun = map[DryRun]DryRun{"true": DryRunClient, "false": DryRunNone}[given]
		fmt.Fprintf(streams.ErrOut, "Warning: --dry-run=%s is deprecated (boolean value) and can be replaced with --dry-run=%s.\n", given, w.DryRun)
	}
	if w.Diff && w.DryRun == DryRunServer {
		return fault.Usagef("--diff and --dry-run=server cannot be used together")
	}
	if strings.TrimSpace(w.FieldManager) == "" {
		return fault.Usagef("--field-manager must not be empty")
	}
	return nil
}

// Operation returns what the command did in kubectl's words: "patched",
// "patched (dry run)" or "patched (server dry run)".
func (w *WriteFlags) Operation(done string) string {
	switch w.DryRun {
	case DryRunClient:
		return done + " (dry run)"
	case DryRunServer:
		return done + " (server dry run)"
	}
	return done
}

// Confirm asks a question on stderr and returns nil for yes. Nothing is asked
// with --yes or when nothing would be written. Without a terminal to ask it is
// a usage error; an answer other than yes is [fault.Refused].
func (w *WriteFlags) Confirm(streams Streams, question string) error {
	if w.Yes || w.Diff || w.DryRun != DryRunNone {
		return nil
	}
	if !streams.InTerminal {
		return fault.Usagef("this needs a confirmation, and standard input is not a terminal").Try("--yes")
	}
	fmt.Fprintf(streams.ErrOut, "%s [y/N] ", question)
	answer, err := bufio.NewReader(streams.In).ReadString('\n')
	if err != nil {
		fmt.Fprintln(streams.ErrOut)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fault.Refusedf("not confirmed, nothing was written")
}

// dryRunValue is --dry-run as pflag sees it: besides the strategies it takes
// the values kubectl still takes.
type dryRunValue DryRun

func (d *dryRunValue) Set(s string) error {
	switch DryRun(s) {
	case DryRunNone, DryRunClient, DryRunServer, bare, "true", "false":
		*d = dryRunValue(s)
		return nil
	}
	return fmt.Errorf(`must be "none", "server", or "client"`)
}

func (d *dryRunValue) String() string { return string(*d) }

func (d *dryRunValue) Type() string { return "string" }

// PreviewVar adds --dry-run to a command that writes files here and asks no server:
// alone it is --dry-run=client.
func PreviewVar(flags *pflag.FlagSet, preview *bool, usage string) {
	flag := flags.VarPF((*previewValue)(preview), "dry-run", "", usage)
	flag.NoOptDefVal = string(DryRunClient)
	offer(flag, string(DryRunNone), string(DryRunClient))
}

// previewValue is --dry-run without a server.
type previewValue bool

func (p *previewValue) Set(s string) error {
	switch DryRun(s) {
	case DryRunNone, "false":
		*p = false
	case DryRunClient, "true":
		*p = true
	default:
		return fmt.Errorf(`must be "none" or "client": no server is asked`)
	}
	return nil
}

func (p *previewValue) String() string {
	if *p {
		return string(DryRunClient)
	}
	return string(DryRunNone)
}

func (p *previewValue) Type() string { return "string" }
