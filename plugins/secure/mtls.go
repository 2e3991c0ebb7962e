// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// mtlsFlags are those of "mtls".
type mtlsFlags struct {
	lookFlags
	change changeFlags
	strict bool
}

func newMTLS(f *cli.Factory) *cobra.Command {
	flags := &mtlsFlags{change: newChangeFlags()}
	flags.report = cli.NewReportFlags("table", "json", "yaml")
	cmd := &cobra.Command{
		Use:   "mtls [WORKLOAD]",
		Short: "Show how every known connection is encrypted, and who could demand it",
		Long: cli.Doc(`
			For every caller that is known: the TLS that the client starts, what the server
			takes, the objects that decide both, and what comes of it. Conflicts come first.

			Then every workload: whether it could demand mutual TLS without breaking a caller
			that is known to speak plain text (init containers, Jobs, scrapers and callers
			without a proxy do).

			With WORKLOAD, only its connections, in both directions.

			--strict writes the PeerAuthentication for a workload, or for the namespace. Ports
			with a known caller that speaks plain text stay open to it and are named in a
			warning; what would lock somebody out is refused (exit code 6).

			The exit code is 1 when client and server of a connection do not agree, and 4 when
			manifests could not be read: they may hold a policy.`),
		Example: `
			# Is it encrypted, and why not?
			kubectl micro secure mtls -n shop

			# Who calls the user service, and how?
			kubectl micro secure mtls deploy/user-service-v1 -n shop

			# Demand mutual TLS of one workload, as a diff
			kubectl micro secure mtls deploy/user-service-v1 --strict --diff -n shop`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			workload := strings.Join(args, "") // one at most
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
				if flags.strict {
					return flags.demand(ctx, l, workload)
				}
				return flags.run(ctx, l, workload)
			})
		},
		ValidArgsFunction: trace.CompleteEnds(f, &flags.world, 1),
	}
	flags.addFlags(cmd)
	flags.change.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&flags.strict, "strict", false, "Write the PeerAuthentication that demands mutual TLS")
	return cmd
}

func (m *mtlsFlags) run(ctx context.Context, l *look, workload string) error {
	e, seen, err := l.ask(ctx)
	if err != nil {
		return err
	}
	found := e.MTLS(reach.MTLSOptions{Namespaces: l.namespaces()})
	found.Unknowns = with(found.Unknowns, trace.Doubt(seen.Unread))
	if workload != "" {
		end, err := e.End(workload, l.world.Home(seen.Snapshot))
		if err != nil {
			return err
		}
		found = about(found, end)
	}
	if m.report.Output != "table" {
		err = render.Report(l.Streams.Out, m.report.Output, trace.MTLS(found))
	} else {
		err = m.tables(l, found)
	}
	if err != nil {
		return err
	}
	for _, edge := range found.Edges {
		if edge.TLS.Result == mesh.Fail {
			return fault.Silently(fault.Negative)
		}
	}
	return undecided(seen.Unread)
}

// about leaves the edges from and to the workloads of an end.
func about(all reach.MTLSTable, end reach.End) reach.MTLSTable {
	its := map[string]bool{}
	for _, p := range end.Peers {
		if p.Workload != nil {
			its[long(p.Workload.Ref)] = true
		}
	}
	all.Edges = slices.DeleteFunc(all.Edges, func(x reach.Edge) bool { return !its[x.From] && !its[x.To] })
	all.Workloads = slices.DeleteFunc(all.Workloads, func(w reach.Strictness) bool { return !its[w.Text] })
	return all
}

// tables are the edges and the workloads.
func (m *mtlsFlags) tables(l *look, found reach.MTLSTable) error {
	l.unknowns(found.Unknowns)
	edges := l.Table("FROM", "TO", "CLIENT", "SERVER", "RESULT", "BECAUSE")
	edges.NoHeaders = m.report.NoHeaders
	for _, e := range found.Edges {
		to := e.To
		if e.Port != 0 {
			to += fmt.Sprintf(":%d", e.Port)
		}
		edges.Rows = append(edges.Rows, []string{e.From, to, string(e.TLS.Client), string(e.TLS.Server), string(e.TLS.Result), because(e)})
	}
	edges.Rows = slices.CompactFunc(edges.Rows, slices.Equal[[]string]) // several Services lead to the same port
	if err := edges.Write(l.Streams.Out); err != nil || len(found.Workloads) == 0 {
		return err
	}
	fmt.Fprintln(l.Streams.Out)
	workloads := l.Table("WORKLOAD", "MODE", "STRICT", "BREAKS")
	workloads.NoHeaders = m.report.NoHeaders
	for _, w := range found.Workloads {
		workloads.Rows = append(workloads.Rows, []string{w.Text, string(w.Mode), strictness(w), strings.Join(w.Breaks, "; ")})
	}
	return workloads.Write(l.Streams.Out)
}

// because names the objects that decide on an edge.
func because(e reach.Edge) string {
	if e.TLS.Result == mesh.ResultUnknown {
		return e.Hop.Reason
	}
	var out []string
	for _, by := range []verdict.Decider{e.TLS.ClientBy, e.TLS.ServerBy} {
		switch {
		case by.Object.Name != "" && by.Reason != "":
			out = append(out, long(by.Object)+" ("+by.Reason+")")
		case by.Object.Name != "":
			out = append(out, long(by.Object))
		case by.Reason != "" && by.Reason != string(mesh.ClientAuto):
			out = append(out, by.Reason)
		}
	}
	return strings.Join(out, "; ")
}

// strictness is a workload's answer as the table has it.
func strictness(w reach.Strictness) string {
	switch {
	case w.Verdict == verdict.None && w.Mode == mesh.ServerStrict:
		return "already"
	case w.Verdict == verdict.None:
		return "-"
	case w.Verdict == verdict.Allow:
		return "could"
	case w.Verdict == verdict.Deny:
		return "breaks"
	}
	return "unknown"
}
