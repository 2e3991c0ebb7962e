// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// asker is the connectivity engine as the invariants ask it: about single pods,
// often, in two worlds that each have one engine.
func asker(o reach.Options) policy.Ask {
	engines := map[*model.Snapshot]*reach.Engine{}
	return func(s *model.Snapshot, q policy.Question) verdict.Hop {
		e, known := engines[s]
		if !known {
			e = reach.New(s, o)
			engines[s] = e
		}
		from := endOf(q.From)
		if q.Direct {
			from.Text = "prometheus" // which calls pods by their addresses
		}
		a := e.Check(from, endOf(q.To), reach.Request{
			Method: q.Method, Path: q.Path, Protocol: q.Protocol, Port: q.Port, Plaintext: q.Plaintext,
		})
		return policies(a.Hops)
	}
}

// endOf is a peer as one end of a question.
func endOf(p model.Peer) reach.End {
	end := reach.End{Kind: reach.Pods, Namespace: p.Namespace, Peers: []model.Peer{p}}
	switch {
	case p.Node:
		end.Kind = reach.Node
	case !p.IsPod():
		end.Kind = reach.Address
	case p.Workload != nil:
		end.Object, end.Text = p.Workload.Ref, p.Workload.Ref.String()
	}
	return end
}

// policies is what the layers of security say: the first that denies, else the
// first that does not know, else one that lets through.
func policies(hops []verdict.Hop) verdict.Hop {
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
