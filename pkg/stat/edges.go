// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Node is a service, or a caller that no service stands for.
type Node struct{ Namespace, Name string }

// String is "namespace/name", the name alone of what has no namespace.
func (n Node) String() string {
	if n.Namespace == "" {
		return n.Name
	}
	return n.Namespace + "/" + n.Name
}

func compareNodes(a, b Node) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// Edge is the traffic from one node to another.
type Edge struct {
	From, To Node
	Group    signals.Group
}

// Graph is who calls whom, nodes and edges in the order of their names.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Edges folds an answer into a graph. Metrics name callers by workload and those who
// are called by service: a workload behind exactly one service is that service, so
// that paths hold together. What calls itself is no edge.
func Edges(p signals.Profile, a signals.Answer, o signals.Options) (Graph, []string) {
	o.Profile, o.By, o.Window = p, signals.ByEdge, a.Window
	services := behind(signals.Fold(a.Vector, o).Groups)
	o.Caller = func(namespace, workload string) (string, string) {
		if s, ok := services[Node{namespace, workload}]; ok && s != (Node{}) {
			return s.Namespace, s.Name
		}
		return namespace, workload
	}
	t := signals.Fold(a.Vector, o)
	var g Graph
	for _, group := range t.Groups {
		e := Edge{Node{group.SourceNamespace, group.Source}, Node{group.Namespace, group.Service}, group}
		g.Nodes = append(g.Nodes, e.To)
		if e.From != e.To {
			g.Nodes = append(g.Nodes, e.From)
			g.Edges = append(g.Edges, e)
		}
	}
	g.sort()
	return g, t.Warnings
}

// behind maps workloads to the service that they serve; one of several is the zero
// node, and means nothing.
func behind(groups []signals.Group) map[Node]Node {
	out := map[Node]Node{}
	for _, g := range groups {
		for _, part := range g.Parts {
			workload, service := Node{g.Namespace, part.To}, Node{g.Namespace, g.Service}
			if part.To == "" || part.To == signals.NoUpstream {
				continue
			}
			if known, ok := out[workload]; ok && known != service {
				service = Node{}
			}
			out[workload] = service
		}
	}
	return out
}

func (g *Graph) sort() {
	slices.SortFunc(g.Nodes, compareNodes)
	g.Nodes = slices.Compact(g.Nodes)
	slices.SortStableFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(compareNodes(a.From, b.From), compareNodes(a.To, b.To))
	})
}

// Idle adds the services that exist, though nobody calls them.
func (g *Graph) Idle(s *model.Snapshot, namespace string) {
	if s == nil {
		return
	}
	for _, o := range existing(Name{Word: "svc"}, s) {
		if namespace == "" || o.Ref.Namespace == namespace {
			g.Nodes = append(g.Nodes, Node{o.Ref.Namespace, o.Ref.Name})
		}
	}
	g.sort()
}

// Busy leaves out the edges without requests and bytes, and the nodes that are at
// the end of none then.
func (g *Graph) Busy() {
	g.Edges = slices.DeleteFunc(g.Edges, func(e Edge) bool {
		moved := func(v *float64) bool { return v != nil && *v > 0 }
		return !moved(e.Group.Rate) && !moved(e.Group.Sent) && !moved(e.Group.Received)
	})
	alone := g.Alone()
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n Node) bool { return slices.Contains(alone, n) })
}

// Alone are the nodes without edges, other than to themselves.
func (g *Graph) Alone() []Node {
	var out []Node
	for _, n := range g.Nodes {
		if !slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.From == n || e.To == n }) {
			out = append(out, n)
		}
	}
	return out
}

// Focus leaves what is at most so many calls away from a node, up or down.
func (g *Graph) Focus(n Name, namespace string, depth int) error {
	q := Question{Names: []Name{n}, Namespace: namespace}
	near := map[Node]int{}
	var names []string
	for _, node := range g.Nodes {
		names = append(names, node.Name)
		if q.means(n, node.Namespace, node.Name) {
			near[node] = 0
		}
	}
	if len(near) == 0 {
		err := fault.Usagef("nothing called %s is in the graph", n.Name)
		if close := ref.Closest(n.Name, names); len(close) > 0 {
			return err.Try("did you mean --focus svc/%s?", close[0])
		}
		return err.Try("see all of it: kubectl micro monitor edges --idle")
	}
	for at := 1; at <= depth; at++ {
		for _, e := range g.Edges {
			for _, ends := range [][2]Node{{e.From, e.To}, {e.To, e.From}} {
				from, reached := near[ends[0]]
				if _, known := near[ends[1]]; reached && from == at-1 && !known {
					near[ends[1]] = at
				}
			}
		}
	}
	kept := func(n Node) bool { _, ok := near[n]; return ok }
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n Node) bool { return !kept(n) })
	g.Edges = slices.DeleteFunc(g.Edges, func(e Edge) bool { return !kept(e.From) || !kept(e.To) })
	return nil
}

// Roots are the nodes that nobody calls, in their order; where everybody is called,
// the first.
func (g Graph) Roots() []Node {
	called := map[Node]bool{}
	for _, e := range g.Edges {
		called[e.To] = true
	}
	var out []Node
	for _, n := range g.Nodes {
		if !called[n] {
			out = append(out, n)
		}
	}
	if len(out) == 0 && len(g.Nodes) > 0 {
		out = g.Nodes[:1]
	}
	return out
}

// ShapeEdges is the report of a graph.
func ShapeEdges(g Graph, view signals.View, m api.Measured) api.EdgeList {
	out := api.EdgeList{
		TypeMeta: api.Type("EdgeList"), Measured: m, View: string(view), Nodes: []api.EdgeNode{}, Edges: []api.Edge{},
	}
	for _, n := range g.Nodes {
		out.Nodes = append(out.Nodes, api.EdgeNode(n))
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		out.Edges = append(out.Edges, api.Edge{
			From: api.EdgeNode(e.From), To: api.EdgeNode(e.To), Signals: Signals(&e.Group, signals.Why(e.Group), false),
		})
	}
	return out
}
