// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// mapFlags are those of "map".
type mapFlags struct {
	lookFlags
	from, to string
	exposed  bool
}

func newMap(f *cli.Factory) *cobra.Command {
	flags := &mapFlags{}
	flags.report = cli.NewReportFlags("table", "wide", "json", "yaml", "csv", "dot", "mermaid")
	cmd := &cobra.Command{
		Use:     "map",
		Aliases: []string{"list"},
		Short:   "Show who may connect to whom",
		Long: cli.Doc(`
			Show every connection that policies let through, at the level of workloads: groups
			that fare alike are one line. What is not in the table is denied.

			NetworkPolicies, AdminNetworkPolicies and ClusterNetworkPolicies, mutual TLS and
			authorization policies all count. The internet stands for every address that no
			policy names.

			The exit code is 4 when manifests could not be read: they may hold a policy.`),
		Example: `
			# Who may connect to whom in a namespace?
			kubectl micro secure map -n shop

			# Who reaches the user service?
			kubectl micro secure map --to svc/user-service -n shop

			# What is open to the internet, or to every namespace?
			kubectl micro secure map --exposed -A

			# A picture
			kubectl micro secure map -f examples/shop-by-hand -o mermaid`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, l) })
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringVar(&flags.from, "from", "", "Only connections of this end (see \"secure check\" for how ends are written)")
	cmd.Flags().StringVar(&flags.to, "to", "", "Only connections to this end")
	cmd.Flags().BoolVar(&flags.exposed, "exposed", false, "Only what the internet or every namespace may connect to")
	trace.CompleteFlags(f, cmd, &flags.world, "from", "to")
	return cmd
}

func (m *mapFlags) run(ctx context.Context, l *look) error {
	e, seen, err := l.ask(ctx)
	if err != nil {
		return err
	}
	o := reach.MapOptions{Namespaces: l.namespaces(), Exposed: m.exposed, Routed: m.exposed}
	for _, end := range []struct {
		text string
		into **reach.End
	}{{m.from, &o.From}, {m.to, &o.To}} {
		if end.text == "" {
			continue
		}
		found, err := e.End(end.text, l.world.Home(seen.Snapshot))
		if err != nil {
			return err
		}
		*end.into = &found
	}
	found := e.Map(o)
	found.Unknowns = with(found.Unknowns, trace.Doubt(seen.Unread))
	if err := writeMap(l, m.report, found); err != nil {
		return err
	}
	if m.report.Output == "table" || m.report.Output == "wide" {
		l.unknowns(found.Unknowns)
		if len(found.Rows) == 0 {
			fmt.Fprintf(l.Streams.ErrOut, "nothing may connect (%s)\n", cli.Plural(found.Workloads, "workload"))
		} else if m.exposed {
			fmt.Fprintf(l.Streams.ErrOut, "%s of %s\n", cli.Plural(len(found.Rows), "exposure"), cli.Plural(found.Workloads, "workload"))
		}
	}
	return undecided(seen.Unread)
}

// writeMap prints the matrix in one format.
func writeMap(l *look, report *cli.ReportFlags, m reach.Map) error {
	out := l.Streams.Out
	switch report.Output {
	case "json", "yaml":
		return render.Report(out, report.Output, trace.Reachability(m))
	case "csv":
		return csvRows(out, m.Rows)
	case "dot":
		return drawn(m.Rows).Dot(out)
	case "mermaid":
		return drawn(m.Rows).Mermaid(out)
	}
	t := l.Table("FROM", "TO", "CONNECTIONS")
	t.NoHeaders = report.NoHeaders
	if report.Output == "wide" {
		t.Width = 0
	}
	for _, r := range m.Rows {
		t.Rows = append(t.Rows, []string{side(r.From, report.Output), side(r.To, report.Output), connections(r.Connections)})
	}
	return t.Write(out)
}

// side is one side of a row; wide names every workload.
func side(s reach.Side, format string) string {
	if format != "wide" || len(s.Workloads) < 2 {
		return s.Text
	}
	return strings.Join(members(s), ", ")
}

// connections are what is let through, in a few words: ports that fare alike are
// told together.
func connections(all []reach.Connection) string {
	var out []string
	last := reach.Connection{First: -1}
	for _, c := range all {
		if alone := ports(c); c.Protocol == last.Protocol && c.First != 0 && last.First > 0 && condition(c) == condition(last) {
			out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], condition(c)) + ", " + strings.TrimPrefix(alone, string(c.Protocol)+" ") + condition(c)
		} else {
			out = append(out, alone+condition(c))
		}
		last = c
	}
	return strings.Join(out, "; ")
}

// condition is what a connection hangs on, with a blank in front.
func condition(c reach.Connection) string {
	out := ""
	if when := trace.When(c); len(when) > 0 {
		out = " " + strings.Join(when, " or ")
	}
	if c.Verdict == verdict.Unknown {
		out += " (unknown: " + c.Reason + ")"
	}
	return out
}

// ports is "TCP 8080", "UDP", "TCP 8000-8080" or "all".
func ports(c reach.Connection) string {
	text := string(c.Protocol)
	switch {
	case text == "" && c.First == 0:
		return "all"
	case text == "":
		text = "any"
	}
	switch {
	case c.First == 0:
	case c.Last == 0 || c.Last == c.First:
		text += fmt.Sprintf(" %d", c.First)
	default:
		text += fmt.Sprintf(" %d-%d", c.First, c.Last)
	}
	return text
}

// write writes text whose parts have been made safe.
func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
