// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/status"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// services are the rows of "stat", of what it was started with.
func (s *screen) services(ctx context.Context, g *golden) (tui.Frame, error) {
	return s.statPane(ctx, g, s.names, s.called("services", ""))
}

// versions are the rows of "stat version": all, or those of a service.
func (s *screen) versions(ctx context.Context, g *golden, namespace, target string) (tui.Frame, error) {
	name := stat.Name{Word: "version"}
	if n, err := stat.ParseName(target, "svc"); target != "" && err == nil && n.Word == "svc" {
		name.Namespace, name.Name = namespace, n.Name
	} else if target != "" {
		g.note("versions are those of services: all are shown, and not those of %s", target)
		target = ""
	}
	return s.statPane(ctx, g, []stat.Name{name}, s.called("versions", target))
}

// statPane are rows of golden signals, with what was before.
func (s *screen) statPane(ctx context.Context, g *golden, names []stat.Name, title string) (tui.Frame, error) {
	rows := &statFlags{goldenFlags: *g.goldenFlags, sortBy: "name"}
	if err := rows.complete(nil); err != nil {
		return tui.Frame{}, err
	}
	rows.names = names
	if err := g.ready(ctx); err != nil {
		return s.idle(ctx, g, rows, title, err)
	}
	q, found, _, err := rows.read(ctx, g)
	if err != nil {
		return tui.Frame{}, err
	}
	past := remember(ctx, g, q, screenPoints).fold(q)
	out := frameOf(rows.cells(g, q, found))
	insert(&out, "TREND", "WHY", func(row int) tui.Cell {
		return tui.Cell{Points: past.trend(found[row].Namespace, found[row].Name, found[row].Version)}
	})
	out.Title, out.Below = title, tui.Workloads
	for i, r := range found {
		out.Rows[i].Key, out.Rows[i].ID = key(r.Namespace, below(q.Names[0].Word)+"/"+r.Name), r.Namespace+"/"+r.Name+"/"+r.Version
		out.Rows[i].Bad = r.Group != nil && r.Group.Failed > 0
		sortable(&out, i, r.Group)
	}
	return out, nil
}

// below is what a row leads to: of a version, its service.
func below(word string) string {
	if word == "version" {
		return "svc"
	}
	return word
}

// idle are the services that exist, where no source of signals was found and none was
// asked for.
func (s *screen) idle(ctx context.Context, g *golden, rows *statFlags, title string, why error) (tui.Frame, error) {
	if g.world == nil || rows.names[0].Word != "svc" {
		return tui.Frame{}, why
	}
	if err := (&statusFlags{goldenFlags: *g.goldenFlags}).without(ctx, g, why); err != nil {
		return tui.Frame{}, err
	}
	if err := g.see(ctx, rows.want(g)); err != nil {
		return tui.Frame{}, err
	}
	q := rows.question(nil)
	q.Namespace = g.namespace
	found := q.Complete(nil, g.snapshot())
	out := frameOf(rows.cells(g, q, found))
	out.Title, out.Below = title, tui.Workloads
	for i, r := range found {
		out.Rows[i].Key = key(r.Namespace, "svc/"+r.Name)
	}
	return out, nil
}

// workloads are the rows of the status: all, or those behind a service.
func (s *screen) workloads(ctx context.Context, g *golden, namespace, target string) (tui.Frame, error) {
	rows := &statusFlags{goldenFlags: *g.goldenFlags}
	found, err := rows.read(ctx, g, screenPoints, model.Services.Kind)
	if err != nil {
		return tui.Frame{}, err
	}
	if n, err := stat.ParseName(target, "svc"); target != "" && err == nil && n.Word == "svc" {
		n.Namespace = namespace
		found = g.behind(found, n)
	}
	out := frameOf(tabulate(rows.columns(g, found), found))
	trend := slices.IndexFunc(out.Columns, func(c tui.Column) bool { return c.Trend })
	out.Title, out.Below = s.called("workloads", target), tui.Pods
	for i, r := range found {
		out.Rows[i].Key = key(r.Ref.Namespace, shortKind(r.Ref.Kind)+"/"+r.Ref.Name)
		out.Rows[i].Bad = r.Why != "" && (r.Group == nil || r.Group.Rate != nil)
		if trend >= 0 {
			out.Rows[i].Cells[trend] = tui.Cell{Points: r.Trend}
		}
		if u := r.Usage; u != nil {
			restarts := float64(u.Restarts)
			weigh(&out, i, "CPU/REQ", u.Used.CPU)
			weigh(&out, i, "MEM/LIM", u.Used.Memory)
			weigh(&out, i, "RST", &restarts)
		}
		sortable(&out, i, r.Group)
	}
	return out, nil
}

// behind leaves the workloads of a service, and what of its requests reached none.
// Where nobody knows the service, that says nothing and all rows stay.
func (g *golden) behind(rows []status.Row, n stat.Name) []status.Row {
	all, err := callers(g, n)
	if err != nil {
		g.note("all workloads are shown: %s", err)
		return rows
	}
	return slices.DeleteFunc(rows, func(r status.Row) bool {
		if r.Ref.GroupKind() == model.Services.GroupKind {
			return r.Ref.Namespace != n.Namespace || r.Ref.Name != n.Name
		}
		return !slices.ContainsFunc(all, func(w stat.Name) bool { return w.Namespace == r.Ref.Namespace && w.Name == r.Ref.Name })
	})
}

// pods are what "top pods" knows, and the golden signals of those that have some.
func (s *screen) pods(ctx context.Context, g *golden, namespace, target string) (tui.Frame, error) {
	if g.world == nil {
		return tui.Frame{}, fault.Failedf("expected a cluster or files to see pods of, found neither")
	}
	t := &top{Factory: g.Factory, topFlags: newTopFlags(), world: g.world}
	var seen *world.Seen
	measured := map[place]*signals.Group{}
	err := both(func() error {
		s.measurePods(ctx, g, measured)
		return nil
	}, func() (err error) {
		seen, err = g.world.Load(ctx, t.podRequest(true))
		return err
	})
	if err != nil {
		return tui.Frame{}, err
	}
	out := frameOf([]string{"NAME", "NODE", "RPS", "SUCCESS", "P99", "CPU", "MEM", "RST", "RISK"}, nil)
	out.Title, out.Below = s.called("pods", target), tui.Logs
	all := usage.Pods(seen.Snapshot)
	for _, p := range all {
		if belongs(namespace, target, p.Ref, p.Owner) {
			out.Rows = append(out.Rows, podRow(&p, seen, measured[place{p.Ref.Namespace, p.Ref.Name}]))
			sortable(&out, len(out.Rows)-1, measured[place{p.Ref.Namespace, p.Ref.Name}])
		}
	}
	t.tellUsage(seen, all)
	return out, nil
}

// measurePods finds the golden signals of pods. They are beside the point here, so
// that without them a note does.
func (s *screen) measurePods(ctx context.Context, g *golden, into map[place]*signals.Group) {
	err := g.ready(ctx)
	q := stat.Question{Names: []stat.Name{{Word: "pod"}}, Namespace: g.namespace, View: signals.View(g.view)}
	var answers []signals.Answer
	if err == nil {
		q.GRPC = g.feed.Policy
		if err = q.Answerable(g.feed.Profiles[0]); err == nil {
			answers, err = g.ask(ctx, q)
		}
	}
	if err != nil {
		g.note("no golden signals: %s", err)
		return
	}
	for i, p := range g.feed.Profiles {
		rows, warnings := q.Rows(p, answers[i])
		g.tell(warnings)
		for _, r := range rows {
			if at := (place{r.Namespace, r.Name}); into[at] == nil {
				into[at] = r.Group
			}
		}
	}
}

func podRow(p *usage.Pod, seen *world.Seen, x *signals.Group) tui.Row {
	risk := ""
	if risks := p.Risks(seen.Time); len(risks) > 0 {
		risk = risks[0].Text
	}
	restarts := tui.Cell{Text: signals.Absent} // what runs nowhere has not restarted
	if n := restartsOf(p.Restarts, p.Template); n != nil {
		number := float64(*n)
		restarts = tui.Cell{Text: plainCount(n), Number: &number}
	}
	row := tui.Row{Key: key(p.Ref.Namespace, "pod/"+p.Ref.Name), Bad: risk != "" || x != nil && x.Failed > 0, Cells: []tui.Cell{
		{Text: p.Ref.Name}, {Text: orAbsent(p.Node)}, {Text: signals.Absent}, {Text: signals.Absent}, {Text: signals.Absent},
		{Text: amountOf(p.Used.CPU, usage.Cores), Number: p.Used.CPU}, {Text: amountOf(p.Used.Memory, usage.Bytes), Number: p.Used.Memory},
		restarts, {Text: risk},
	}}
	if x != nil {
		row.Cells[2].Text, row.Cells[3].Text, row.Cells[4].Text = rps(x.Rate), share(x.Success()), estimate(x.Latency, 0.99)
	}
	return row
}

// belongs reports whether a pod is one of what is in focus.
func belongs(namespace, target string, pod, owner ref.Ref) bool {
	if namespace != "" && pod.Namespace != namespace {
		return false
	}
	return target == "" || target == shortKind(owner.Kind)+"/"+owner.Name || target == "pod/"+pod.Name
}
