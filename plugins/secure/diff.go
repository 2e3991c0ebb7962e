// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// diffFlags are those of "diff".
type diffFlags struct {
	lookFlags
	base []string
}

func newDiff(f *cli.Factory) *cobra.Command {
	flags := &diffFlags{}
	flags.report = cli.NewReportFlags("table", "json", "yaml")
	cmd := &cobra.Command{
		Use:   "diff -f NEW",
		Short: "Show the connections that manifests would cut or open",
		Long: cli.Doc(`
			Compare who may connect to whom now with how it would be with the manifests of -f
			applied: connections that would be lost and gained, with the objects that cause it.

			Now is the cluster; with --base it is other manifests, and no cluster is contacted.
			All namespaces count; with -n, connections from or to that one.

			The exit code is 0 when nothing would change, and 1 when something would.`),
		Example: `
			# What would these policies cut or open?
			kubectl micro secure diff -f policies/

			# Two directories, as in a pull request
			kubectl micro secure diff --base main/k8s -f k8s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !flags.world.Files.Given() {
				return fault.Usagef("expected the manifests to compare with").Try("%s -f NEW", cmd.CommandPath())
			}
			flags.world.Overlay = len(flags.base) == 0
			l, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, cmd, l) })
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringSliceVar(&flags.base, "base", nil, "Files or directories with the manifests as they are; the cluster by default")
	_ = cmd.MarkFlagFilename("base", "yaml", "yml", "json")
	for _, name := range []string{"overlay", "snapshot"} {
		_ = cmd.Flags().MarkHidden(name)
	}
	return cmd
}

// ends are the namespaces that connections are told of: the one that was named, or
// else all. Manifests may say what theirs is, and the one of the context tells
// nothing of them.
func ends(l *look) []string {
	if !l.world.Named {
		return nil
	}
	return l.namespaces()
}

func (d *diffFlags) run(ctx context.Context, cmd *cobra.Command, l *look) error {
	before, after, reason, err := d.worlds(ctx, cmd, l)
	if err != nil {
		return err
	}
	found := trace.Differing(reach.Diff(before, after, reach.DiffOptions{Namespaces: ends(l)}))
	if !found.Empty() || d.report.Output != "table" { // else the error says so
		found.Unknowns = with(found.Unknowns, reason)
	}
	if err := d.print(l, found); err != nil {
		return err
	}
	switch {
	case !found.Empty():
		return fault.Silently(fault.Negative)
	case reason != "":
		return fault.New(fault.Undecided, "whether a connection would change is unknown: %s", reason)
	case d.report.Output == "table":
		fmt.Fprintln(l.Streams.ErrOut, "no connection would change")
	}
	return nil
}

// worlds returns the engines of both sides, and why policies are not known.
func (d *diffFlags) worlds(ctx context.Context, cmd *cobra.Command, l *look) (before, after *reach.Engine, reason string, err error) {
	if len(d.base) == 0 {
		live, err := l.world.Load(ctx, trace.Want(l.world, nil))
		if err != nil {
			return nil, nil, "", err
		}
		over, err := l.world.Overlaid(ctx, live)
		if err != nil {
			return nil, nil, "", err
		}
		l.unread(over.Unread)
		return reach.New(live.Snapshot, d.engine.Options()), reach.New(over.Snapshot, d.engine.Options()), cmp.Or(unseen(live.Snapshot, ends(l)), trace.Doubt(over.Unread)), nil
	}
	asIs := d.world
	asIs.Files = cli.FileFlags{Files: d.base, Recursive: d.world.Files.Recursive}
	w, err := world.New(l.Factory, cmd, &asIs, l.all)
	if err != nil {
		return nil, nil, "", err
	}
	old, err := w.Load(ctx, world.Request{})
	if err != nil {
		return nil, nil, "", err
	}
	l.unread(old.Unread)
	seen, err := l.see(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	reason = trace.Doubt(slices.Concat(old.Unread, seen.Unread))
	return reach.New(old.Snapshot, d.engine.Options()), reach.New(seen.Snapshot, l.engine.Options()), reason, nil
}

func (d *diffFlags) print(l *look, found reach.Difference) error {
	if d.report.Output != "table" {
		return render.Report(l.Streams.Out, d.report.Output, trace.ReachabilityDiff(found))
	}
	l.unknowns(found.Unknowns)
	if found.Empty() {
		return nil
	}
	t := l.Table("CHANGE", "FROM", "TO", "CONNECTIONS", "BY")
	t.NoHeaders = d.report.NoHeaders
	for _, part := range []struct {
		word    string
		changes []reach.Change
	}{{"lost", found.Lost}, {"gained", found.Gained}} {
		for _, c := range part.changes {
			t.Rows = append(t.Rows, []string{part.word, c.From.Text, c.To.Text, connections(c.Connections), causes(c.By)})
		}
	}
	if err := t.Write(l.Streams.Out); err != nil {
		return err
	}
	fmt.Fprintf(l.Streams.ErrOut, "%d lost, %d gained\n", len(found.Lost), len(found.Gained))
	return nil
}

// causes names the objects that a change comes from.
func causes(by []verdict.Decider) string {
	switch len(by) {
	case 0:
		return "-"
	case 1:
		return decider(by[0])
	}
	return fmt.Sprintf("%s and %d more", decider(by[0]), len(by)-1)
}

// decider is who decides, and where it stands.
func decider(d verdict.Decider) string {
	switch {
	case d.Object.Name == "", strings.HasPrefix(d.Reason, long(d.Object)):
		return d.Reason
	case d.Rule != "" && d.Rule != "no rule": // the reason of those says so
		return long(d.Object) + " " + d.Rule
	case d.Reason != "":
		return long(d.Object) + ": " + d.Reason
	}
	return long(d.Object)
}
