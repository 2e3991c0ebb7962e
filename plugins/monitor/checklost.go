// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// lost are the requests that callers sent to the Services of a workload and that
// reached none: they name no workload, so that they are not among its own. If all are
// lost, it has none of its own.
func (c *checkFlags) lost(ctx context.Context, g *golden, t stat.Target, r compare.Rules) ([]stat.Lost, error) {
	namespace := cmp.Or(t.Group.Namespace, c.name.Namespace, g.namespace)
	if !c.name.Workload() || namespace == "" || r.View != signals.Client {
		return nil, nil
	}
	q := stat.Question{Names: []stat.Name{{Word: "svc"}}, Namespace: namespace, View: r.View, GRPC: g.feed.Policy, Owner: g.owner}
	for _, p := range g.feed.Profiles {
		if !p.Paired {
			continue
		}
		query := q.Query(p).WithoutLatency()
		a, err := g.answer(ctx, query)
		if err != nil {
			return nil, err
		}
		groups := signals.Fold(a.Vector, q.Options(p, a)).Groups
		if !slices.ContainsFunc(groups, func(g signals.Group) bool {
			return slices.ContainsFunc(g.Parts, func(p signals.Part) bool { return !signals.Reached(p.To) && p.Outcome != signals.Served })
		}) {
			return nil, nil
		}
		selected, err := c.selected(ctx, g, namespace)
		if err != nil {
			return nil, err
		}
		all := stat.LostBy(groups, c.name.Name, t.Group.Rate == nil || *t.Group.Rate == 0, selected)
		for _, l := range all {
			whose := "they count here"
			if l.Shared {
				whose = "they may have been for other workloads"
			}
			g.note("%srps to svc/%s reached no workload: %s", signals.Rate(l.Rate()), l.Service, whose)
		}
		return all, nil
	}
	return nil, nil
}

// selected tells which workloads the Services of a namespace select, but for those that
// have no pods: nothing is meant for them.
func (c *checkFlags) selected(ctx context.Context, g *golden, namespace string) (stat.Selected, error) {
	kinds := []*model.Kind{
		model.Services.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind, model.ReplicaSets.Kind, model.Pods.Kind,
	}
	of := *g
	of.seen = nil // of the rows it was the metadata
	if err := of.see(ctx, source.Want{Kinds: kinds}); err != nil {
		return nil, err
	}
	nobody := func(string) ([]string, bool) { return nil, false }
	if of.seen == nil || slices.ContainsFunc(kinds, func(k *model.Kind) bool { _, gap := of.seen.Gap(k.GroupKind, namespace); return gap }) {
		return nobody, nil
	}
	return func(service string) (names []string, known bool) {
		svc, found := model.Services.Get(of.seen.Snapshot, namespace, service)
		if !found {
			return nil, false
		}
		for _, w := range of.seen.Behind(svc).Workloads {
			if w.Ref.Name == c.name.Name || w.Replicas == nil || *w.Replicas > 0 || len(w.Pods) > 0 {
				names = append(names, w.Ref.Name)
			}
		}
		return names, true
	}, nil
}
