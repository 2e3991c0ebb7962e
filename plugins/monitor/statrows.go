// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

func (s *statFlags) run(ctx context.Context, g *golden) error {
	defer g.close()
	if s.watch.on {
		return s.watch.stat(ctx, g, s)
	}
	if err := g.open(ctx); err != nil {
		return err
	}
	q, rows, measured, err := s.read(ctx, g)
	if err != nil {
		return err
	}
	if err := s.write(g, q, rows); err != nil {
		return err
	}
	if !measured {
		return g.noData(asked(q))
	}
	return nil
}

// read returns the rows that are wanted, and whether any was measured at all.
func (s *statFlags) read(ctx context.Context, g *golden) (q stat.Question, rows []stat.Row, measured bool, err error) {
	q = s.question(g)
	if s.fromName != nil && s.toName == nil && g.namespace != "" {
		g.note("what %s asked of other namespaces than %s is not shown: -A shows it", s.fromName, g.namespace)
	}
	if q.To != nil && g.namespace != "" && q.Names[0].Name == "" {
		to := *q.To
		to.Namespace = cmp.Or(to.Namespace, g.namespace)
		g.note("callers of %s in other namespaces than %s are not shown: --to %s -A shows them", q.To, g.namespace, to)
	}
	if err := q.Answerable(g.feed.Profiles[0]); err != nil {
		return q, nil, false, err
	}
	if s.fromName != nil && s.fromName.Word == "svc" || !s.matching.Empty() {
		// Whom to ask for is only known from the objects.
		if err := g.see(ctx, s.want(g)); err != nil {
			return q, nil, false, err
		}
		if err := s.resolve(g, &q); err != nil {
			return q, nil, false, err
		}
	}
	if rows, err = s.rows(ctx, g, q); err != nil {
		return q, nil, false, err
	}
	if measured = stat.Measured(rows); !measured {
		for _, end := range []*stat.Name{s.fromName, s.toName} {
			if err := s.known(ctx, g, q, end); err != nil {
				return q, nil, false, err
			}
		}
	}
	rows = stat.Apply(s.filters, rows)
	s.order.Sort(rows)
	if s.limit > 0 && len(rows) > s.limit {
		rows = rows[:s.limit]
	}
	return q, rows, measured, nil
}

// known is the error of a --from or --to that nobody knows: that it called or was
// called by nobody says nothing of whether it exists.
func (s *statFlags) known(ctx context.Context, g *golden, q stat.Question, end *stat.Name) error {
	if end == nil {
		return nil
	}
	q.Names, q.To, q.From = []stat.Name{*end}, nil, nil
	of := *g
	of.seen = nil // the objects of the rows are of another kind
	_, err := (&statFlags{names: q.Names}).rows(ctx, &of, q)
	return err
}

// asked is what was asked for, in words.
func asked(q stat.Question) string {
	if n := q.Names[0]; n.Name != "" {
		return n.String()
	}
	if q.To != nil {
		return q.To.String()
	}
	of := "any " + q.Names[0].Word
	if len(q.From) > 0 {
		of += " that " + q.From[0].String() + " called"
	}
	return of
}

// rows asks and looks, and says who is unknown.
func (s *statFlags) rows(ctx context.Context, g *golden, q stat.Question) ([]stat.Row, error) {
	var answers []signals.Answer
	err := both(func() (err error) {
		answers, err = g.ask(ctx, q)
		return err
	}, func() error {
		if g.seen != nil {
			return nil
		}
		return g.see(ctx, s.want(g))
	})
	if err != nil {
		return nil, err
	}
	rows := g.fold(q, answers)
	rows = q.Complete(rows, g.snapshot())
	return rows, g.unknown(ctx, q, rows)
}

// unknown is the error of targets that nobody knows. Where the objects cannot tell,
// the source is asked whom it knows.
func (g *golden) unknown(ctx context.Context, q stat.Question, rows []stat.Row) error {
	missing := q.Missing(rows)
	if len(missing) == 0 {
		return nil
	}
	n := missing[0]
	where := g.feed.Name
	if g.seen != nil {
		where = "the " + g.world.Name() + " and " + g.feed.Name
	}
	home := n.Namespace
	if home == "" {
		home = g.namespace
	}
	q.Names = []stat.Name{{Word: n.Word, Namespace: n.Namespace}}
	answers, err := g.ask(ctx, q)
	if err != nil {
		return err
	}
	known := stat.Names(n, home, g.fold(q, answers), g.snapshot())
	if g.seen == nil && len(known) == 0 {
		return nil // nobody there was measured, so that this says nothing of the one
	}
	return stat.Unknown(n, home, where, known)
}

// want are the objects behind the rows.
func (s *statFlags) want(g *golden) source.Want {
	w := source.Want{Scopes: map[*model.Kind]source.Scope{}}
	add := func(metadata bool, kinds ...*model.Kind) {
		for _, k := range kinds {
			if !slices.Contains(w.Kinds, k) {
				w.Kinds = append(w.Kinds, k)
				w.Scopes[k] = source.Scope{MetadataOnly: metadata}
			}
		}
	}
	workloads := []*model.Kind{model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind}
	by := s.names[0]
	switch {
	case by.Workload():
		add(true, workloads...)
	case by.Word == "pod":
		add(false, model.Pods.Kind)
	default:
		add(true, model.Services.Kind)
	}
	if s.fromName != nil && s.fromName.Word == "svc" {
		add(false, workloads...)
		w.Scopes[model.Services.Kind] = source.Scope{}
		add(false, model.Services.Kind)
	}
	// Metrics that know pods alone need whose they are.
	if (by.Workload() || by.Word == stat.Versions) && len(g.feed.Profiles[0].Keys.Workload) == 0 {
		add(true, model.Pods.Kind, model.ReplicaSets.Kind)
		add(true, workloads...)
	}
	return w
}

// resolve replaces what only the objects know: the workloads of a service that
// calls, and the names of those with labels.
func (s *statFlags) resolve(g *golden, q *stat.Question) error {
	if g.seen == nil {
		return fault.Usagef("labels and the workloads of a service are only known with a cluster or files").
			Try("name the workload: --from deploy/NAME")
	}
	if s.fromName != nil && s.fromName.Word == "svc" {
		from, err := callers(g, *s.fromName)
		if err != nil {
			return err
		}
		q.From = from
	}
	if s.matching.Empty() {
		return nil
	}
	var names []stat.Name
	for _, n := range q.Names {
		k := n.Kind()
		if k == nil {
			k = model.Services.Kind
		}
		for _, o := range g.seen.InNamespace(k.GroupKind, g.namespace) {
			if (n.Name == "" || n.Name == o.Ref.Name) && s.matching.Matches(labels.Set(o.Meta().GetLabels())) {
				names = append(names, stat.Name{Word: n.Word, Namespace: o.Ref.Namespace, Name: o.Ref.Name})
			}
		}
	}
	if len(names) == 0 {
		return fault.New(fault.Undecided, "no %s has the labels %s", q.Names[0].Word, s.selector).Try("see what there is: leave -l out")
	}
	q.Names = names
	return nil
}

// callers are the workloads behind a service.
func callers(g *golden, n stat.Name) ([]stat.Name, error) {
	namespace := n.Namespace
	if namespace == "" {
		namespace = g.namespace
	}
	svc, found := model.Services.Get(g.seen.Snapshot, namespace, n.Name)
	if !found {
		return nil, stat.Unknown(n, namespace, "the "+g.world.Name(), g.seen.Names(model.Services.Kind, namespace))
	}
	var out []stat.Name
	for _, w := range g.seen.Behind(svc).Workloads {
		out = append(out, stat.Name{Word: "deploy", Namespace: w.Ref.Namespace, Name: w.Ref.Name})
	}
	if len(out) == 0 {
		return nil, fault.Usagef("service %s selects no workload", n.Name).Try("name the workload: --from deploy/NAME")
	}
	return out, nil
}
