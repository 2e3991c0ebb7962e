// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// lost are the requests that callers sent to the Services of a workload and that
// reached none: they name no workload, so that they are not among its own.
func (c *checkFlags) lost(ctx context.Context, g *golden, t stat.Target, r compare.Rules) ([]stat.Lost, error) {
	if !c.name.Workload() || t.Group.Rate == nil || r.View != signals.Client {
		return nil, nil
	}
	q := stat.Question{Names: []stat.Name{{Word: "svc"}}, Namespace: t.Group.Namespace, View: r.View, GRPC: g.feed.Policy, Owner: g.owner}
	for _, p := range g.feed.Profiles {
		if !p.Paired {
			continue
		}
		query := q.Query(p).WithoutLatency()
		a, err := g.answer(ctx, query)
		if err != nil {
			return nil, err
		}
		all := stat.LostBy(signals.Fold(a.Vector, q.Options(p, a)).Groups, c.name.Name)
		for _, l := range all {
			whose := "they count here"
			if l.Shared {
				whose = "they may have been for its other workloads"
			}
			g.note("%srps to svc/%s reached no workload: %s", signals.Rate(l.Rate()), l.Service, whose)
		}
		return all, nil
	}
	return nil, nil
}
