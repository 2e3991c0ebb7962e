// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"cmp"
	"math"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// NoData is why a row has no signals.
const NoData = "no data"

// Row is one row: a group of golden signals, or somebody of whom nothing was
// measured.
type Row struct {
	Namespace, Name string
	// Version is that of a service, Workload that of a pod.
	Version, Workload string
	View              signals.View
	// Group is nil if nobody measured anything.
	Group *signals.Group
	// Gap tells in the server's row what it did not see.
	Gap string
}

// Why is the one short cause.
func (r Row) Why() string {
	switch {
	case r.Gap != "":
		return r.Gap
	case r.Group == nil:
		return NoData
	case r.Group.Rate == nil && r.Group.Sent != nil:
		return "TCP: " + signals.Bytes(*r.Group.Sent) + " sent"
	case r.Group.Rate == nil:
		return NoData
	}
	return signals.Why(*r.Group)
}

// Rows folds an answer into rows, in the order of namespaces and names.
func (q Question) Rows(p signals.Profile, a signals.Answer) (rows []Row, warnings []string) {
	t := signals.Fold(a.Vector, q.Options(p, a))
	for i := range t.Groups {
		rows = append(rows, q.row(&t.Groups[i], q.view()))
	}
	return rows, t.Warnings
}

// Both folds an answer into two rows each: how the callers fared, and what the
// server saw of it.
func (q Question) Both(p signals.Profile, a signals.Answer) (rows []Row, warnings []string) {
	o := q.Options(p, a)
	o.View = signals.Client
	warnings = signals.Fold(a.Vector, o).Warnings
	for _, pair := range signals.Both(a.Vector, o) {
		client, server := q.row(pair.Client, signals.Client), q.row(pair.Server, signals.Server)
		if pair.Client == nil {
			client = named(server, signals.Client)
		}
		if pair.Server == nil {
			server = named(client, signals.Server)
		}
		server.Gap = gap(pair)
		rows = append(rows, client, server)
	}
	return rows, warnings
}

// named is a row without signals, for the one that has them.
func named(r Row, view signals.View) Row {
	r.View, r.Group, r.Gap = view, nil, ""
	return r
}

// gap tells what of the callers' requests the server did not see. It is worth a word
// if the callers' proxies say why, or if it is more than two rates of the same
// requests differ by: they are scraped at other instants.
func gap(p signals.Pair) string {
	missed := p.Gap()
	if missed == nil || *missed <= *p.Client.Rate/1000 {
		return ""
	}
	s := signals.Rate(*missed) + "rps never arrived"
	flag, rate := p.Because()
	if flag != "" && rate >= *missed/2 {
		return s + ": " + flag + " (" + signals.ExplainFlags(flag) + ")"
	}
	const noise, deviations = 0.05, 3
	if n := p.Client.Requests(); *missed > noise**p.Client.Rate && *missed*p.Client.Window.Seconds() > deviations*math.Sqrt(*n) {
		return s
	}
	return ""
}

func (q Question) row(g *signals.Group, view signals.View) Row {
	if g == nil {
		return Row{}
	}
	r := Row{Namespace: g.Namespace, Name: cmp.Or(g.Service, g.Workload), Version: g.Version, View: g.Side(view), Group: g}
	switch q.By() {
	case signals.ByWorkload, signals.ByCaller:
		r.Name = g.Workload
		if !signals.Reached(g.Workload) {
			r.Name = g.Service + " " + g.Workload
		}
	case signals.ByPod:
		r.Name, r.Workload = g.Pod, g.Workload
		if !signals.Reached(g.Workload) {
			r.Name, r.Workload = g.Service+" "+g.Workload, ""
		}
	case signals.ByNamespace:
		r.Name = g.Namespace
	}
	return r
}

// Complete adds rows for those that exist and have none, and leaves out what the
// Snapshot knows to be another kind than asked for. s may be nil: nobody knows then.
func (q Question) Complete(rows []Row, s *model.Snapshot) []Row {
	if s == nil {
		return rows
	}
	if q.By() == signals.ByWorkload {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return q.another(r, s) })
	}
	if q.To == nil && len(q.From) == 0 {
		rows = append(rows, q.quiet(rows, s)...)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return rows
}

// quiet are rows of those that exist and have none.
func (q Question) quiet(rows []Row, s *model.Snapshot) []Row {
	type place struct{ namespace, name string }
	have := map[place]bool{}
	for _, r := range rows {
		have[place{r.Namespace, r.Name}] = true
	}
	var out []Row
	for _, n := range q.Names {
		for _, o := range existing(n, s) {
			at := place{o.Ref.Namespace, o.Ref.Name}
			if n.Word == "ns" {
				at.namespace = o.Ref.Name
			}
			if have[at] || !q.means(n, at.namespace, at.name) {
				continue
			}
			have[at] = true
			out = append(out, Row{Namespace: at.namespace, Name: at.name, View: q.view()})
		}
	}
	return out
}

// existing are the objects of a target's kind that take requests.
func existing(n Name, s *model.Snapshot) []*model.Object {
	k := n.Kind()
	if k == nil || n.Word == "ns" && n.Name == "" {
		return nil
	}
	all := s.OfKind(k.GroupKind)
	if k == model.Pods.Kind {
		all = slices.DeleteFunc(slices.Clone(all), func(o *model.Object) bool {
			pod, ok := model.Pods.Of(o)
			return !ok || model.PodEnded(pod.Value)
		})
	}
	return slices.DeleteFunc(slices.Clone(all), func(o *model.Object) bool {
		return k == model.Services.Kind && o.Ref.Namespace == "default" && o.Ref.Name == "kubernetes"
	})
}

// another reports whether a row is of a workload that exists and is of no kind that
// is meant.
func (q Question) another(r Row, s *model.Snapshot) bool {
	known := false
	for _, k := range []Name{{Word: "deploy"}, {Word: "sts"}, {Word: "ds"}} {
		if _, found := s.Object(k.Kind().Ref(r.Namespace, r.Name)); !found {
			continue
		}
		known = true
		if slices.ContainsFunc(q.Names, func(n Name) bool { return n.Word == k.Word }) {
			return false
		}
	}
	return known
}

// Missing are the targets that were named and have no row: nobody measured them,
// and as far as is known they do not exist.
func (q Question) Missing(rows []Row) []Name {
	var out []Name
	for _, n := range q.Names {
		if n.Name == "" || slices.ContainsFunc(rows, func(r Row) bool { return q.means(n, r.Namespace, r.Name) }) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// Names are the names of rows and of what exists of a kind, for what was perhaps
// meant.
func Names(n Name, namespace string, rows []Row, s *model.Snapshot) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Name)
	}
	if s != nil && n.Kind() != nil {
		out = append(out, s.Names(n.Kind(), namespace)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Measured reports whether anything at all was measured.
func Measured(rows []Row) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return r.Group != nil && (r.Group.Rate != nil || r.Group.Sent != nil) })
}
