// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// node is something that calls or is called.
type node struct {
	text  string
	store bool
}

// edge is a call, by the numbers of its nodes.
type edge struct {
	from, to int
	label    string
}

// callGraph is who calls whom: services first, then stores. Several variables for
// one callee are one edge.
func callGraph(found api.Detection) (nodes []node, edges []edge) {
	numbers := map[string]int{}
	for _, s := range found.Services {
		numbers[s.Name] = len(nodes)
		text := s.Name
		if p := s.Port.String(); p != "" {
			text += " :" + p
		}
		nodes = append(nodes, node{text: text})
	}
	for _, b := range found.Backing {
		if _, service := numbers[b.Name]; !service {
			numbers[b.Name] = len(nodes)
			nodes = append(nodes, node{text: b.Name, store: true})
		}
	}
	for i, s := range found.Services {
		last := -1
		for _, c := range s.Calls { // sorted by callee
			to, known := numbers[c.To]
			switch {
			case !known:
			case to == last:
				one := &edges[len(edges)-1]
				one.label = strings.Trim(one.label+", "+c.Env, ", ")
			default:
				edges, last = append(edges, edge{i, to, c.Env}), to
			}
		}
	}
	return nodes, edges
}

// dotGraph writes a graph for Graphviz (https://graphviz.org/doc/info/lang.html).
func dotGraph(w io.Writer, found api.Detection) {
	nodes, edges := callGraph(found)
	fmt.Fprint(w, "digraph services {\n  rankdir=LR;\n  node [shape=box];\n")
	for i, n := range nodes {
		shape := ""
		if n.store {
			shape = ", shape=cylinder"
		}
		fmt.Fprintf(w, "  n%d [label=%s%s];\n", i, strconv.Quote(render.Sanitise(n.text)), shape)
	}
	for _, e := range edges {
		fmt.Fprintf(w, "  n%d -> n%d [label=%s];\n", e.from, e.to, strconv.Quote(render.Sanitise(e.label)))
	}
	fmt.Fprint(w, "}\n")
}

// mermaidGraph writes a flowchart for Mermaid (https://mermaid.js.org/syntax/flowchart.html).
func mermaidGraph(w io.Writer, found api.Detection) {
	text := func(s string) string {
		return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(render.Sanitise(s))
	}
	nodes, edges := callGraph(found)
	fmt.Fprint(w, "flowchart LR\n")
	for i, n := range nodes {
		if n.store {
			fmt.Fprintf(w, "  n%d[(\"%s\")]\n", i, text(n.text))
		} else {
			fmt.Fprintf(w, "  n%d[\"%s\"]\n", i, text(n.text))
		}
	}
	for _, e := range edges {
		if e.label == "" {
			fmt.Fprintf(w, "  n%d --> n%d\n", e.from, e.to)
		} else {
			fmt.Fprintf(w, "  n%d -->|\"%s\"| n%d\n", e.from, text(e.label), e.to)
		}
	}
}
