// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package engine puts the questions that pkg/policy asks about a world before
// the connectivity engine of pkg/reach, neither of which knows the other.
package engine

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Ask answers questions about single pods, with one engine for each world; what
// counts are the layers of security, not whether anything runs.
func Ask(o reach.Options) policy.Ask {
	engines := map[*model.Snapshot]*reach.Engine{}
	return func(s *model.Snapshot, q policy.Question) verdict.Hop {
		e, known := engines[s]
		if !known {
			e = reach.New(s, o)
			engines[s] = e
		}
		a := e.Check(end(q.From), end(q.To), reach.Request{
			Method: q.Method, Path: q.Path, Protocol: q.Protocol, Port: q.Port, Plaintext: q.Plaintext, Direct: q.Direct,
		})
		return security(a.Hops)
	}
}

// end is a peer as one end of a request.
func end(p model.Peer) reach.End {
	out := reach.End{Kind: reach.Pods, Namespace: p.Namespace, Peers: []model.Peer{p}}
	switch {
	case p.Node:
		out.Kind = reach.Node
	case !p.IsPod():
		out.Kind = reach.Address
	case p.Workload != nil:
		out.Object, out.Text = p.Workload.Ref, p.Workload.Ref.String()
	}
	return out
}

// security is the first hop of those layers that denies, else the first that
// does not know, else one that lets through.
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
