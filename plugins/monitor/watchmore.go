// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// screenLines and crowdLines are how many of the last lines of each container the
// screen shows: of what is in focus, and of a whole namespace.
const (
	screenLines = 200
	crowdLines  = 10
)

func (s *screen) edges(ctx context.Context, g *golden, namespace, target string) (tui.Frame, error) {
	if err := g.ready(ctx); err != nil {
		return tui.Frame{}, err
	}
	e := &edgesFlags{goldenFlags: *g.goldenFlags, depth: 1}
	p := g.feed.Profiles[0]
	if len(p.Keys.Source) == 0 {
		return tui.Frame{}, fault.Usagef("metrics of %s do not say who called: edges need those of a mesh", p.Title)
	}
	graph, err := e.graph(ctx, g, p)
	if err != nil {
		return tui.Frame{}, err
	}
	graph.Busy()
	if e.focus = target; target != "" {
		// A focus that has no edges leaves all of them: that says more than none.
		if err := e.complete(); err != nil {
			return tui.Frame{}, err
		}
		if err := graph.Focus(*e.near, namespace, e.depth); err != nil {
			g.note("all calls are shown: %s", err)
			target = ""
		}
	}
	out := frameOf([]string{"FROM", "TO", "RPS", "SUCCESS", "P99", "WHY"}, nil)
	out.Title = s.called("edges", target)
	for i, x := range graph.Edges {
		out.Rows = append(out.Rows, tui.Row{Key: key(x.To.Namespace, "svc/"+x.To.Name), Bad: x.Group.Failed > 0, Cells: []tui.Cell{
			{Text: g.called(x.From)}, {Text: g.called(x.To)}, {Text: rps(x.Group.Rate)}, {Text: share(x.Group.Success())},
			{Text: estimate(x.Group.Latency, 0.99)}, {Text: edgeWhy(x)},
		}})
		sortable(&out, i, &x.Group)
	}
	return out, nil
}

func (s *screen) events(ctx context.Context, g *golden, namespace, target string) (tui.Frame, error) {
	if g.world == nil {
		return tui.Frame{}, fault.Failedf("expected a cluster or files to see events of, found neither")
	}
	w := *g.world
	w.Namespace = namespace
	e := &events{Factory: g.Factory, world: &w, eventsFlags: &eventsFlags{report: cli.NewReportFlags("table"), target: target}}
	found, seen, _, err := e.read(ctx)
	if err != nil {
		return tui.Frame{}, err
	}
	var rows [][]string
	for _, x := range found {
		rows = append(rows, e.cells(x, seen.Time))
	}
	out := frameOf(e.header(), rows)
	out.Title, out.Tail = s.called("events", target), true
	for i, x := range found {
		out.Rows[i].Bad = x.Type == "Warning"
		times := float64(x.Count)
		weigh(&out, i, "COUNT", &times)
	}
	return out, nil
}

func (s *screen) logs(ctx context.Context, namespace, target string) (tui.Frame, error) {
	if s.world == nil || s.world.Offline() {
		return tui.Frame{}, fault.Failedf("expected a cluster to read logs of")
	}
	client, err := s.world.Client()
	if err != nil {
		return tui.Frame{}, err
	}
	targets, most := []tail.Target{{Namespace: namespace}}, int64(crowdLines)
	if target != "" {
		most = screenLines
		if targets, err = tail.Resolve(ctx, client, namespace, []string{target}); err != nil {
			return tui.Frame{}, err
		}
	}
	t := tail.New(client, tail.Options{Tail: most, Trouble: func(err error) { fmt.Fprintln(s.heard, err) }})
	pods, err := t.Pods(ctx, targets)
	if err != nil {
		return tui.Frame{}, err
	}
	out := frameOf([]string{"TIME", "POD", "CONTAINER", "LINE"}, nil)
	out.Title, out.Tail = s.called("logs", target), true
	for line := range t.Read(ctx, pods) {
		at := orAbsent("")
		if !line.Time.IsZero() {
			at = line.Time.UTC().Format(time.TimeOnly)
		}
		out.Rows = append(out.Rows, tui.Row{
			Bad:   bad(line.Text),
			Cells: []tui.Cell{{Text: at}, {Text: line.Pod}, {Text: line.Container}, {Text: line.Text}},
		})
	}
	if len(out.Rows) == 0 {
		out.Notes = []string{"nothing was written" + in(namespace)}
	}
	return out, ctx.Err()
}

// bad reports whether a line is an error or worse.
func bad(text string) bool {
	least, _ := logs.ParseLevel("error")
	return logs.Detect(text) >= least
}
