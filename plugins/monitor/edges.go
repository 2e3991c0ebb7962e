// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// edgesFlags are those of "edges".
type edgesFlags struct {
	goldenFlags
	focus string
	depth int
	idle  bool
	// near is what --focus names.
	near *stat.Name
}

func newEdges(f *cli.Factory) *cobra.Command {
	flags := &edgesFlags{}
	flags.report = cli.NewReportFlags("table", "wide", "dot", "mermaid", "tree", "json", "yaml", "csv")
	cmd := &cobra.Command{
		Use:   "edges",
		Short: "Show who calls whom, how often and how well",
		Long: cli.Doc(`
			Show the graph of calls with requests a second, success and p99 of each. A workload
			behind one service stands for that service, so that paths hold together; what calls
			itself is left out, and what only receives is kept.

			With -n, calls into and out of the namespace are shown. --focus leaves what is at
			most --depth calls away from a service; --idle adds edges without requests and
			services that nobody calls.`),
		Example: cli.Doc(`
			# Who calls whom in a namespace
			kubectl micro monitor edges -n shop

			# What is around one service, as a picture
			kubectl micro monitor edges --focus svc/cart --depth 2 -o mermaid

			# From the entry points downwards
			kubectl micro monitor edges -o tree`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			run, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, run) })
		},
	}
	flags.addFlags(cmd, string(signals.Client), string(signals.Server))
	cmd.Flags().StringVar(&flags.focus, "focus", "", "Only what is around this: svc/NAME, or the name of a caller")
	cmd.Flags().IntVar(&flags.depth, "depth", 1, "How many calls away from --focus, in either direction")
	cmd.Flags().BoolVar(&flags.idle, "idle", false, "Show edges without requests, and services that nobody calls, too")
	_ = cmd.RegisterFlagCompletionFunc("focus", forFlag(completeTarget(f, &flags.world, "svc")))
	return cmd
}

func (e *edgesFlags) complete() error {
	if e.depth < 1 {
		return fault.Usagef("--depth %d: expected 1 or more", e.depth)
	}
	if e.focus == "" {
		return nil
	}
	n, err := stat.ParseName(e.focus, "svc")
	e.near = &n
	return err
}

func (e *edgesFlags) run(ctx context.Context, g *golden) error {
	defer g.close()
	if err := g.open(ctx); err != nil {
		return err
	}
	p := g.feed.Profiles[0]
	if len(p.Keys.Source) == 0 {
		return fault.Usagef("metrics of %s do not say who called: edges need those of a mesh", p.Title).Try("--profile istio")
	}
	graph, err := e.graph(ctx, g, p)
	if err != nil {
		return err
	}
	if e.idle {
		if err := g.see(ctx, source.Want{
			Kinds: []*model.Kind{model.Services.Kind}, Scopes: map[*model.Kind]source.Scope{model.Services.Kind: {MetadataOnly: true}},
		}); err != nil {
			return err
		}
		graph.Idle(g.snapshot(), g.namespace)
	} else {
		graph.Busy()
	}
	if e.near != nil {
		if err := graph.Focus(*e.near, g.namespace, e.depth); err != nil {
			return err
		}
	}
	if err := e.write(g, graph); err != nil {
		return err
	}
	if len(graph.Edges) == 0 {
		return g.nobody(ctx, "any call")
	}
	return nil
}

// graph asks for calls into the namespace and out of it: those are two selections
// of the same series, which no single matcher makes.
func (e *edgesFlags) graph(ctx context.Context, g *golden, p signals.Profile) (stat.Graph, error) {
	selections := [][]signals.Matcher{nil}
	if k := p.Keys; g.namespace != "" && p.Receiving == nil && len(k.Namespace) == 1 && len(k.SourceNamespace) == 1 {
		selections = [][]signals.Matcher{
			{signals.Equal(k.Namespace[0], g.namespace)},
			{signals.Equal(k.SourceNamespace[0], g.namespace), signals.NotEqual(k.Namespace[0], g.namespace)},
		}
	}
	var all signals.Answer
	for _, match := range selections {
		a, err := g.answer(ctx, signals.Query{Profile: p, Match: match, TCP: true, Count: stat.Counting(g.namespace == "")})
		if err != nil {
			return stat.Graph{}, err
		}
		all.Window = a.Window
		all.Vector = append(all.Vector, a.Vector...)
	}
	o := signals.Options{View: signals.View(g.view), GRPC: g.feed.Policy}
	if g.namespace != "" {
		o.Keep = func(w signals.Who) bool { return w.Namespace == g.namespace || w.SourceNamespace == g.namespace }
	}
	graph, warnings := stat.Edges(p, all, o)
	g.tell(warnings)
	return graph, nil
}
