// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Reachability returns a matrix in the shape that is printed.
func Reachability(m reach.Map) api.Reachability {
	out := api.Reachability{TypeMeta: api.Type("Reachability"), Rows: []api.ReachRow{}, Workloads: m.Workloads, Classes: m.Classes, Unknowns: list(m.Unknowns)}
	for _, r := range m.Rows {
		out.Rows = append(out.Rows, row(r.From, r.To, r.Connections, nil))
	}
	return out
}

// ReachabilityDiff returns a difference in the shape that is printed.
func ReachabilityDiff(d reach.Difference) api.ReachabilityDiff {
	rows := func(changes []reach.Change) []api.ReachRow {
		out := []api.ReachRow{}
		for _, c := range changes {
			out = append(out, row(c.From, c.To, c.Connections, c.By))
		}
		return out
	}
	return api.ReachabilityDiff{TypeMeta: api.Type("ReachabilityDiff"), Lost: rows(d.Lost), Gained: rows(d.Gained), Unknowns: list(d.Unknowns)}
}

// Differing leaves out what was lost and gained alike: a connection that other
// rules let through now.
func Differing(d reach.Difference) reach.Difference {
	alike := func(a, b reach.Change) bool {
		return a.From.Text == b.From.Text && a.To.Text == b.To.Text &&
			slices.EqualFunc(a.Connections, b.Connections, func(x, y reach.Connection) bool {
				same := x.Protocol == y.Protocol && x.First == y.First && x.Last == y.Last && x.Verdict == y.Verdict
				return same && slices.Equal(When(x), When(y))
			})
	}
	without := func(list, other []reach.Change) []reach.Change {
		return slices.DeleteFunc(slices.Clone(list), func(a reach.Change) bool {
			return slices.ContainsFunc(other, func(b reach.Change) bool { return alike(a, b) })
		})
	}
	lost, gained := d.Lost, d.Gained
	d.Lost, d.Gained = without(lost, gained), without(gained, lost)
	return d
}

func row(from, to reach.Side, connections []reach.Connection, by []verdict.Decider) api.ReachRow {
	out := api.ReachRow{From: side(from), To: side(to), Connections: []api.ReachConnection{}, By: deciders(by)}
	for _, c := range connections {
		out.Connections = append(out.Connections, api.ReachConnection{
			Protocol: string(c.Protocol), First: c.First, Last: c.Last, Verdict: c.Verdict.String(), When: When(c), Reason: c.Reason,
		})
	}
	return out
}

func side(s reach.Side) api.ReachSide {
	out := api.ReachSide{Name: s.Text, Internet: s.Internet, Everybody: s.Everybody}
	for _, w := range s.Workloads {
		out.Workloads = append(out.Workloads, *Object(w))
	}
	return out
}

func deciders(all []verdict.Decider) []api.Decider {
	var out []api.Decider
	for _, d := range all {
		out = append(out, Decider(d))
	}
	return out
}

// results are what comes of client and server, as the shape spells it.
var results = map[mesh.Result]string{
	mesh.Mutual: "mutual", mesh.Plain: "plain", mesh.AppTLS: "app-tls", mesh.Fail: "fail", mesh.ResultUnknown: "unknown",
}

// MTLS returns the table of mutual TLS in the shape that is printed.
func MTLS(t reach.MTLSTable) api.MTLSReport {
	out := api.MTLSReport{TypeMeta: api.Type("MTLSReport"), Edges: []api.MTLSEdge{}, Workloads: []api.MTLSWorkload{}, Unknowns: list(t.Unknowns)}
	for _, e := range t.Edges {
		out.Edges = append(out.Edges, api.MTLSEdge{
			From: e.From, To: e.To, Port: e.Port, Service: Object(e.Service), Declared: deciders(e.Declared),
			Client: string(e.TLS.Client), Server: string(e.TLS.Server), ClientBy: Decider(e.TLS.ClientBy), ServerBy: Decider(e.TLS.ServerBy),
			Result: results[e.TLS.Result], Reason: e.Hop.Reason,
		})
	}
	for _, w := range t.Workloads {
		out.Workloads = append(out.Workloads, api.MTLSWorkload{Name: w.Text, Object: *objectOf(w.Workload), Mode: string(w.Mode), Strict: strict(w), Breaks: w.Breaks})
	}
	return out
}

// objectOf is Object for what always names one.
func objectOf(r ref.Ref) *api.ObjectRef {
	if o := Object(r); o != nil {
		return o
	}
	return &api.ObjectRef{}
}

// strict is whether a workload could demand mutual TLS.
func strict(w reach.Strictness) string {
	switch {
	case w.Verdict == verdict.None && w.Mode == mesh.ServerStrict:
		return "already"
	case w.Verdict == verdict.None:
		return "no-proxy"
	case w.Verdict == verdict.Allow:
		return "yes"
	case w.Verdict == verdict.Deny:
		return "no"
	}
	return "unknown"
}
