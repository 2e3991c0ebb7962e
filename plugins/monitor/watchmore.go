// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
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
	out.Title, out.Below = s.called("edges", target), tui.Workloads
	for i, x := range graph.Edges {
		called := ""
		if x.To.Namespace != "" { // what is outside of the cluster has nothing below it
			called = key(x.To.Namespace, "svc/"+x.To.Name)
		}
		out.Rows = append(out.Rows, tui.Row{Key: called, ID: x.From.String() + " " + x.To.String(), Bad: x.Group.Failed > 0, Cells: []tui.Cell{
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
	out.Title, out.Tail, out.Below = s.called("events", target), true, tui.Logs
	for i, x := range found {
		out.Rows[i].Key, out.Rows[i].ID = logged(x.Object), idOf(x)
		out.Rows[i].Bad = x.Type == "Warning"
		times := float64(x.Count)
		weigh(&out, i, "COUNT", &times)
	}
	return out, nil
}

// logged is the focus of what has logs and is in the other panes too; empty for what is
// not.
func logged(r ref.Ref) string {
	for _, k := range []*model.Kind{model.Pods.Kind, model.Services.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind} {
		if k.GroupKind == r.GroupKind() {
			return key(r.Namespace, shortKind(r.Kind)+"/"+r.Name)
		}
	}
	return ""
}

// idOf is by what an entry is found again that has happened once more since: what it
// is about, and since when it happens.
func idOf(x timeline.Entry) string {
	return strings.Join([]string{x.Object.String(), x.Container, string(x.Kind), x.Reason, x.Source, x.First.Format(time.RFC3339Nano)}, " ")
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
			Key: key(line.Namespace, "pod/"+line.Pod), ID: strings.Join([]string{line.Time.Format(time.RFC3339Nano), line.Namespace, line.Pod, line.Container, line.Text}, " "),
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
