// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// graph ties findings to their causes. There is an edge from c to e when the
// rule of c says that it may explain that of e, and both are about the same
// object or one takes part in the other.
type graph struct {
	nodes []*node
	// of finds the nodes about an object, with those that it takes part in.
	of, with map[ref.Ref][]*node
	// may holds the pairs of rules of which the first may explain the second,
	// directly or over others.
	may map[[2]string]bool
}

type node struct {
	rules.Result
	causes, effects []*node
	// dropped nodes are out of scope or below what was asked for.
	dropped bool
}

func newGraph(results []rules.Result, catalog []*rules.Rule) *graph {
	g := &graph{of: map[ref.Ref][]*node{}, with: map[ref.Ref][]*node{}, may: closure(catalog)}
	for _, r := range results {
		n := &node{Result: r}
		g.nodes = append(g.nodes, n)
		g.of[plain(r.Object)] = append(g.of[plain(r.Object)], n)
		for _, other := range r.Related {
			g.with[plain(other)] = append(g.with[plain(other)], n)
		}
	}
	for _, e := range g.nodes {
		for _, c := range g.neighbours(e) {
			if c != e && g.may[[2]string{c.ID, e.ID}] {
				e.causes = append(e.causes, c)
				c.effects = append(c.effects, e)
			}
		}
	}
	return g
}

// plain drops the version: an object is the same in each.
func plain(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// closure returns which rule may explain which, over any number of others.
func closure(catalog []*rules.Rule) map[[2]string]bool {
	direct := map[string][]string{}
	for _, r := range catalog {
		direct[r.ID] = r.Explains
	}
	may := map[[2]string]bool{}
	for from := range direct {
		queue := slices.Clone(direct[from])
		for len(queue) > 0 {
			to := queue[0]
			queue = queue[1:]
			if pair := [2]string{from, to}; to != from && !may[pair] {
				may[pair] = true
				queue = append(queue, direct[to]...)
			}
		}
	}
	return may
}

// neighbours are the nodes that share the object of e, or have a part in it, or
// in which it has a part; each once.
func (g *graph) neighbours(e *node) []*node {
	object := plain(e.Object)
	out := slices.Clone(g.of[object])
	out = append(out, g.with[object]...)
	for _, r := range e.Related {
		out = append(out, g.of[plain(r)]...)
	}
	seen := map[*node]bool{}
	return slices.DeleteFunc(out, func(n *node) bool {
		again := seen[n]
		seen[n] = true
		return again
	})
}

// keep drops the nodes outside a scope, but not the causes of those in it.
func (g *graph) keep(in func(rules.Result) bool) {
	kept := map[*node]bool{}
	var visit func(*node)
	visit = func(n *node) {
		if kept[n] {
			return
		}
		kept[n] = true
		for _, c := range n.causes {
			visit(c)
		}
	}
	for _, n := range g.nodes {
		if in(n.Result) {
			visit(n)
		}
	}
	for _, n := range g.nodes {
		n.dropped = !kept[n]
	}
}

func (g *graph) remove(which func(rules.Result) bool) {
	for _, n := range g.nodes {
		n.dropped = n.dropped || which(n.Result)
	}
}

// tree gives every node to the one root that explains it best: the most
// severe. Nodes in a circle belong to one of them, always the same.
func (g *graph) tree(better func(a, b *node) int) map[*node][]*node {
	root := map[*node]*node{}
	var find func(n *node, path map[*node]bool) *node
	find = func(n *node, path map[*node]bool) *node {
		if r, done := root[n]; done {
			return r
		}
		path[n] = true
		defer delete(path, n)
		var found []*node
		for _, c := range n.causes {
			if !c.dropped && !path[c] && explainable(c, n) {
				found = append(found, find(c, path))
			}
		}
		r := n
		if len(found) > 0 {
			r = slices.MinFunc(found, better)
		}
		if len(path) == 1 { // inside a walk the answer may owe itself to where it began
			root[n] = r
		}
		return r
	}
	out := map[*node][]*node{}
	for _, n := range g.nodes {
		if n.dropped {
			continue
		}
		r := find(n, map[*node]bool{})
		if r != n {
			out[r] = append(out[r], n)
		} else if out[r] == nil {
			out[r] = []*node{}
		}
	}
	return out
}

// explainable refuses a guess as the cause of a certainty: what is only
// possible explains no error that is sure.
func explainable(cause, effect *node) bool {
	return cause.Confidence <= effect.Confidence || cause.Severity >= effect.Severity
}

// merge joins roots that are the same fault in several fields of one object,
// under the weightiest of them.
func merge(roots map[*node][]*node, order []*node) []*node {
	type same struct {
		id     string
		object ref.Ref
	}
	place := map[same]int{}
	var out []*node
	for _, n := range order {
		if _, isRoot := roots[n]; !isRoot {
			continue
		}
		k := same{n.ID, plain(n.Object)}
		i, again := place[k]
		if !again {
			place[k] = len(out)
			out = append(out, n)
			continue
		}
		head, other := out[i], n
		if weight(n.Result) > weight(head.Result) {
			head, other = n, head
		}
		out[i] = head
		roots[head] = append(append(roots[head], other), roots[other]...)
		delete(roots, other)
	}
	for _, members := range roots {
		slices.SortStableFunc(members, func(a, b *node) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), ref.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID))
		})
	}
	return out
}
