// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Status reports how a service's traffic is split now. Without a session it is
// read from the routes alone; a pair that cannot be told apart leaves stable
// and canary empty and says why in a note.
func Status(s *model.Snapshot, in Query, choice Choice) (api.CanaryStatus, error) {
	t, err := Find(s, in)
	if err != nil {
		return api.CanaryStatus{}, err
	}
	out := api.CanaryStatus{
		TypeMeta: api.Type("CanaryStatus"), Service: t.Name, Namespace: t.Namespace,
	}
	pair, err := Read(s, t, choice)
	if err != nil {
		out.Notes = append(out.Notes, err.Error())
	} else {
		out.Rule = pair.Rule
		out.Stable, out.Canary = t.leg(s, pair.Stable), t.leg(s, pair.Canary)
	}
	if session, running := t.session(); running {
		out.Session = &api.CanarySession{
			Weight: session.Weight, Began: session.Began, Since: session.Since, Writes: session.Seq, By: session.By,
		}
	}
	for _, o := range objectsOf(t.Routes) {
		if _, err := sessionsOf(o); err != nil {
			out.Notes = append(out.Notes, err.Error())
		}
	}
	for _, r := range t.Routes {
		out.Routes = append(out.Routes, routeStatus(r))
	}
	return out, nil
}

// leg describes one of the two legs with its endpoints; counts are nil where
// they are unknown.
func (t Target) leg(s *model.Snapshot, b traffic.Backend) *api.CanaryLeg {
	out := &api.CanaryLeg{Name: Label(b), Host: b.Host, Subset: b.Subset}
	ns, name, _ := s.ServiceName(b.Host)
	svc, found := model.Services.Get(s, ns, name)
	if !found || s.Partial {
		return out
	}
	sub, _ := s.Destination(b.Host, t.Namespace).Subset(b.Subset)
	if b.Subset != "" && sub.Name == "" {
		return out
	}
	if ready := s.Backing(svc, sub.Labels); !ready.Unknown() {
		out.Ready, out.Total = &ready.Ready, &ready.Total
	}
	return out
}

func routeStatus(r traffic.Route) api.CanaryRoute {
	out := api.CanaryRoute{
		Object: r.Object.Ref.Short(), Namespace: r.Object.Ref.Namespace, Route: r.ID(), Match: r.Match, Fixed: r.Fixed,
		Weights: []api.CanaryWeight{},
	}
	for _, l := range r.Legs {
		out.Weights = append(out.Weights, api.CanaryWeight{
			Leg: Label(l.Backend), Weight: l.Weight, Percent: ShareOf(l.Weight, r.Total()).Float(),
		})
	}
	return out
}
