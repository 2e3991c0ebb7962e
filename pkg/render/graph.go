// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Graph is boxes with arrows between them, for programs that draw. Texts may be
// anything; what would end a quote or hide in a terminal does not.
type Graph struct {
	// Name is an identifier, which Graphviz shows as a title.
	Name  string
	Nodes []Node
	Edges []Edge
}

// Node is a box, or a cylinder for what stores.
type Node struct {
	Text  string
	Store bool
}

// Edge leads from one node to another, by their numbers from 0. Label may be empty.
type Edge struct {
	From, To int
	Label    string
}

// Dot writes the graph for Graphviz (https://graphviz.org/doc/info/lang.html).
func (g Graph) Dot(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  rankdir=LR;\n  node [shape=box];\n", g.Name)
	for i, n := range g.Nodes {
		shape := ""
		if n.Store {
			shape = ", shape=cylinder"
		}
		fmt.Fprintf(&b, "  n%d [label=%s%s];\n", i, strconv.Quote(Sanitise(n.Text)), shape)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  n%d -> n%d [label=%s];\n", e.From, e.To, strconv.Quote(Sanitise(e.Label)))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Mermaid writes the graph as a flowchart for Mermaid
// (https://mermaid.js.org/syntax/flowchart.html).
func (g Graph) Mermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, n := range g.Nodes {
		open, end := "[", "]"
		if n.Store {
			open, end = "[(", ")]"
		}
		fmt.Fprintf(&b, "  n%d%s\"%s\"%s\n", i, open, mermaidText(n.Text), end)
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Label != "" {
			arrow += `|"` + mermaidText(e.Label) + `"|`
		}
		fmt.Fprintf(&b, "  n%d %s n%d\n", e.From, arrow, e.To)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText writes what would end a text in quotes as Mermaid's entity codes.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(Sanitise(s))
}
