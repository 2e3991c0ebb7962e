// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// callGraph is who calls whom: services first, then stores. Several variables for
// one callee are one edge.
func callGraph(found api.Detection) render.Graph {
	g := render.Graph{Name: "services"}
	numbers := map[string]int{}
	for _, s := range found.Services {
		numbers[s.Name] = len(g.Nodes)
		text := s.Name
		if p := s.Port.String(); p != "" {
			text += " :" + p
		}
		g.Nodes = append(g.Nodes, render.Node{Text: text})
	}
	for _, b := range found.Backing {
		if _, service := numbers[b.Name]; !service {
			numbers[b.Name] = len(g.Nodes)
			g.Nodes = append(g.Nodes, render.Node{Text: b.Name, Store: true})
		}
	}
	for i, s := range found.Services {
		last := -1
		for _, c := range s.Calls { // sorted by callee
			to, known := numbers[c.To]
			switch {
			case !known:
			case to == last:
				one := &g.Edges[len(g.Edges)-1]
				one.Label = strings.Trim(one.Label+", "+c.Env, ", ")
			default:
				g.Edges, last = append(g.Edges, render.Edge{From: i, To: to, Label: c.Env}), to
			}
		}
	}
	return g
}
