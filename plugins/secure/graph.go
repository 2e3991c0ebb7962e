// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// csvRows writes a line for each connection and each rule that lets requests
// through, quoted as RFC 4180 says.
func csvRows(w io.Writer, rows []reach.Row) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"from", "to", "protocol", "first", "last", "verdict", "methods", "paths", "other", "rule", "reason"}); err != nil {
		return err
	}
	for _, r := range rows {
		for _, from := range members(r.From) {
			for _, to := range members(r.To) {
				for _, line := range lines(r.Connections) {
					cells := append([]string{from, to}, line...)
					for i := range cells {
						cells[i] = plain(cells[i])
					}
					if err := out.Write(cells); err != nil {
						return err
					}
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// lines are connections in cells, one line for each rule.
func lines(all []reach.Connection) [][]string {
	var out [][]string
	for _, c := range all {
		cells := func(answer verdict.Verdict, r mesh.Condition) []string {
			return []string{
				string(c.Protocol), number(c.First), number(c.Last), answer.String(),
				strings.Join(r.Methods, " "), strings.Join(r.Paths, " "), strings.Join(r.Other, "; "), r.Rule, c.Reason,
			}
		}
		for _, r := range c.Requests {
			answer := c.Verdict
			if r.Denied {
				answer = verdict.Deny
			}
			out = append(out, cells(answer, r))
		}
		if len(c.Requests) == 0 {
			out = append(out, cells(c.Verdict, mesh.Condition{}))
		}
	}
	return out
}

// number is a port, empty for all.
func number(port int32) string {
	if port == 0 {
		return ""
	}
	return strconv.Itoa(int(port))
}

// plain keeps a spreadsheet from taking a cell for a formula.
func plain(cell string) string {
	cell = render.Sanitise(cell)
	if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "@") {
		return "'" + cell
	}
	return cell
}

// members are the single names of a side.
func members(s reach.Side) []string {
	if len(s.Workloads) == 0 {
		return []string{s.Text}
	}
	var out []string
	for _, w := range s.Workloads {
		out = append(out, long(w))
	}
	return out
}

// nodes numbers the sides of rows in the order in which they turn up.
type nodes struct {
	ids   map[string]int
	texts []string
}

func (n *nodes) id(text string) int {
	if n.ids == nil {
		n.ids = map[string]int{}
	}
	id, known := n.ids[text]
	if !known {
		id = len(n.texts)
		n.ids[text] = id
		n.texts = append(n.texts, text)
	}
	return id
}

// edge is one row between two nodes.
type edge struct {
	from, to int
	label    string
}

func drawn(rows []reach.Row) (n nodes, edges []edge) {
	for _, r := range rows {
		edges = append(edges, edge{n.id(r.From.Text), n.id(r.To.Text), connections(r.Connections)})
	}
	return n, edges
}

// dotRows writes a graph for Graphviz (https://graphviz.org/doc/info/lang.html).
func dotRows(w io.Writer, rows []reach.Row) error {
	n, edges := drawn(rows)
	var b strings.Builder
	b.WriteString("digraph reachability {\n  rankdir=LR;\n  node [shape=box];\n")
	for i, text := range n.texts {
		fmt.Fprintf(&b, "  n%d [label=%s];\n", i, strconv.Quote(render.Sanitise(text)))
	}
	for _, e := range edges {
		fmt.Fprintf(&b, "  n%d -> n%d [label=%s];\n", e.from, e.to, strconv.Quote(render.Sanitise(e.label)))
	}
	b.WriteString("}\n")
	return write(w, b.String())
}

// mermaidRows writes a flowchart for Mermaid (https://mermaid.js.org/syntax/flowchart.html).
func mermaidRows(w io.Writer, rows []reach.Row) error {
	n, edges := drawn(rows)
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, text := range n.texts {
		fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, mermaidText(text))
	}
	for _, e := range edges {
		fmt.Fprintf(&b, "  n%d -->|\"%s\"| n%d\n", e.from, mermaidText(e.label), e.to)
	}
	return write(w, b.String())
}

// mermaidText writes what would end a text in quotes as Mermaid's entity codes.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(render.Sanitise(s))
}
