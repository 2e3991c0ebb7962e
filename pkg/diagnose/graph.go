// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
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
	// steps holds the pairs of rules of which the first may explain the second,
	// and over how many others: 1 is directly.
	steps map[[2]string]int
}

type node struct {
	rules.Result
	causes []*node
	// linked is the node that this one was last found to be a cause of.
	linked *node
	// dropped nodes are out of scope or below what was asked for.
	dropped bool
}

func newGraph(results []rules.Result, catalog []*rules.Rule) *graph {
	g := &graph{of: map[ref.Ref][]*node{}, with: map[ref.Ref][]*node{}, steps: closure(catalog)}
	for _, r := range results {
		n := &node{Result: r}
		g.nodes = append(g.nodes, n)
		g.of[plain(r.Object)] = append(g.of[plain(r.Object)], n)
		for _, other := range r.Related {
			g.with[plain(other)] = append(g.with[plain(other)], n)
		}
	}
	for _, e := range g.nodes {
		g.link(e)
	}
	return g
}

// plain drops the version: an object is the same in each.
func plain(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// closure returns which rule may explain which, and in how many steps.
func closure(catalog []*rules.Rule) map[[2]string]int {
	direct := map[string][]string{}
	for _, r := range catalog {
		direct[r.ID] = r.Explains
	}
	steps := map[[2]string]int{}
	for from := range direct {
		next := direct[from]
		for n := 1; len(next) > 0; n++ {
			var reached []string
			for _, to := range next {
				if pair := [2]string{from, to}; to != from && steps[pair] == 0 {
					steps[pair] = n
					reached = append(reached, direct[to]...)
				}
			}
			next = reached
		}
	}
	return steps
}

// explains reports whether the rule of c may explain that of e. Where rules
// explain each other, over others, the shorter way is the right one: a webhook
// that is down refuses pods, even though pods that are refused may be those
// that some webhook needs.
func (g *graph) explains(c, e *node) bool {
	if len(c.Explains) > 0 && !slices.Contains(c.Explains, e.ID) {
		return false
	}
	there, back := g.steps[[2]string{c.ID, e.ID}], g.steps[[2]string{e.ID, c.ID}]
	return there > 0 && (back == 0 || there <= back)
}

// link finds the causes of a node: among the nodes about its object or those
// that take part in it, and those in which its object takes part.
func (g *graph) link(e *node) {
	add := func(candidates []*node) {
		for _, c := range candidates {
			if c != e && c.linked != e && g.explains(c, e) {
				c.linked = e // once, however many objects the two share
				e.causes = append(e.causes, c)
			}
		}
	}
	add(g.of[plain(e.Object)])
	add(g.with[plain(e.Object)])
	for _, r := range e.Related {
		add(g.of[plain(r)])
	}
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
	w := walk{better: better, root: map[*node]*node{}, path: map[*node]bool{}}
	out := map[*node][]*node{}
	for _, n := range g.nodes {
		if n.dropped {
			continue
		}
		r, _ := w.find(n)
		if r != n {
			out[r] = append(out[r], n)
		} else if out[r] == nil {
			out[r] = []*node{}
		}
	}
	return out
}

// walk looks for roots against the arrows.
type walk struct {
	better func(a, b *node) int
	root   map[*node]*node
	path   map[*node]bool
}

// find returns the root of a node. Whole is false when a circle cut the walk
// short: then the answer owes itself to where the walk began, and is not kept
// for others.
func (w walk) find(n *node) (root *node, whole bool) {
	if r, done := w.root[n]; done {
		return r, true
	}
	w.path[n] = true
	defer delete(w.path, n)
	root, whole = n, true
	var found []*node
	for _, c := range n.causes {
		if c.dropped || !explainable(c, n) {
			continue
		}
		if w.path[c] {
			whole = false
			continue
		}
		r, all := w.find(c)
		found, whole = append(found, r), whole && all
	}
	if len(found) > 0 {
		root = slices.MinFunc(found, w.better)
	}
	if whole || len(w.path) == 1 {
		w.root[n] = root
	}
	return root, whole
}

// explainable refuses a guess as the cause of a certainty: what is only
// possible explains no error that is sure.
func explainable(cause, effect *node) bool {
	return cause.Confidence < finding.Possible || cause.Confidence <= effect.Confidence || cause.Severity >= effect.Severity
}

// merge joins roots that are the same fault in several fields of one object,
// under the weightiest of them. One that explains less than the rest is another.
func merge(roots map[*node][]*node, order []*node) []*node {
	type same struct {
		id, explains string
		object       ref.Ref
	}
	place := map[same]int{}
	var out []*node
	for _, n := range order {
		if _, isRoot := roots[n]; !isRoot {
			continue
		}
		k := same{n.ID, strings.Join(n.Explains, " "), plain(n.Object)}
		if n.Object.Kind == fileKind {
			k.explains = n.Where // two places of a file are two faults
		}
		i, again := place[k]
		if !again {
			place[k] = len(out)
			out = append(out, n)
			continue
		}
		out[i] = unite(roots, out[i], n)
	}
	out = gather(roots, out)
	for _, members := range roots {
		slices.SortStableFunc(members, func(a, b *node) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), ref.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID))
		})
	}
	return out
}

// unite puts one root and what it explains under another, the weightier, which
// it returns.
func unite(roots map[*node][]*node, a, b *node) *node {
	head, other := a, b
	if weight(b.Result) > weight(a.Result) {
		head, other = b, a
	}
	roots[head] = append(append(roots[head], other), roots[other]...)
	delete(roots, other)
	return head
}
