// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package policytest puts the policies that pkg/policy makes before the
// connectivity engine of pkg/reach. Neither package imports the other, so that
// what only the two together can show is tested here.
package policytest

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Ask is the engine as the invariants of pkg/policy ask it: with one engine for
// each world, and the hops of security alone.
func Ask() policy.Ask {
	engines := map[*model.Snapshot]*reach.Engine{}
	return func(s *model.Snapshot, q policy.Question) verdict.Hop {
		e, known := engines[s]
		if !known {
			e = reach.New(s, reach.Options{})
			engines[s] = e
		}
		from := end(q.From)
		if q.Direct {
			from.Text = "prometheus" // who dials pods, to the engine
		}
		a := e.Check(from, end(q.To), reach.Request{
			Method: q.Method, Path: q.Path, Protocol: q.Protocol, Port: q.Port, Plaintext: q.Plaintext,
		})
		return security(a.Hops)
	}
}

func end(p model.Peer) reach.End {
	out := reach.End{Kind: reach.Pods, Namespace: p.Namespace, Peers: []model.Peer{p}}
	switch {
	case p.Node:
		out.Kind = reach.Node
	case !p.IsPod():
		out.Kind = reach.Address
	}
	return out
}

// security is the first hop of the security layers that denies, else the first
// that is unknown.
func security(hops []verdict.Hop) verdict.Hop {
	out := verdict.Hop{Verdict: verdict.Allow}
	for _, h := range hops {
		if h.Number < verdict.NetworkPolicy || h.Number > verdict.Authorization {
			continue
		}
		if h.Verdict == verdict.Deny {
			return h
		}
		if h.Verdict == verdict.Unknown && out.Verdict != verdict.Unknown {
			out = h
		}
	}
	return out
}

// Apply is a world with a Set of policies written to it.
func Apply(t testing.TB, s *model.Snapshot, set policy.Set) *model.Snapshot {
	t.Helper()
	var objects []*model.Object
	add := func(raw map[string]any, namespace string) {
		o, err := model.Decode(raw, namespace)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	for _, o := range set.Objects {
		add(o.Value, o.Ref.Namespace)
	}
	for _, c := range set.Changes {
		add(c.After, c.Object.Namespace)
	}
	return s.With(objects...)
}
