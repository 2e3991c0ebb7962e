// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"io"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// csvRows writes a line for each connection and each rule that lets requests
// through.
func csvRows(w io.Writer, rows []reach.Row) error {
	t := render.Table{Header: []string{"from", "to", "protocol", "first", "last", "verdict", "methods", "paths", "other", "rule", "reason"}}
	for _, r := range rows {
		for _, from := range members(r.From) {
			for _, to := range members(r.To) {
				for _, line := range lines(r.Connections) {
					t.Rows = append(t.Rows, append([]string{from, to}, line...))
				}
			}
		}
	}
	return t.CSV(w)
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

// drawn is a graph with an arrow for each row, its nodes in the order in which they
// turn up.
func drawn(rows []reach.Row) render.Graph {
	g := render.Graph{Name: "reachability"}
	ids := map[string]int{}
	id := func(text string) int {
		if _, known := ids[text]; !known {
			ids[text] = len(g.Nodes)
			g.Nodes = append(g.Nodes, render.Node{Text: text})
		}
		return ids[text]
	}
	for _, r := range rows {
		g.Edges = append(g.Edges, render.Edge{From: id(r.From.Text), To: id(r.To.Text), Label: connections(r.Connections)})
	}
	return g
}
