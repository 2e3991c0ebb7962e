// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// write prints the graph in one format.
func (e *edgesFlags) write(g *golden, graph stat.Graph) error {
	out := g.Streams.Out
	switch g.report.Output {
	case "json", "yaml":
		return render.Report(out, g.report.Output, stat.ShapeEdges(graph, signals.View(g.view), g.measured()))
	case "csv":
		return edgesCSV(out, graph)
	case "dot":
		return e.drawn(g, graph).Dot(out)
	case "mermaid":
		return e.drawn(g, graph).Mermaid(out)
	case "tree":
		return e.tree(g, graph)
	}
	wide := g.report.Output == "wide"
	header := []string{"FROM", "TO"}
	if wide {
		header = append(header, "REPORTER")
	}
	header = append(header, "RPS", "SUCCESS")
	if wide {
		header = append(header, "4XX", "P50", "P95")
	}
	header = append(header, "P99")
	if wide {
		header = append(header, "P99 BUCKET", "N")
	}
	t := g.Table(append(header, "WHY")...)
	t.NoHeaders = g.report.NoHeaders
	if wide {
		t.Width = 0
	}
	for _, edge := range graph.Edges {
		s := edge.Group
		row := []string{g.called(edge.From), g.called(edge.To)}
		if wide {
			row = append(row, reporters(s))
		}
		row = append(row, rps(s.Rate), share(s.Success()))
		if wide {
			row = append(row, share(s.ClientErrorShare()), estimate(s.Latency, 0.5), estimate(s.Latency, 0.95))
		}
		row = append(row, estimate(s.Latency, 0.99))
		if wide {
			row = append(row, bucket(s.Latency, 0.99), about(s.Requests()))
		}
		t.Rows = append(t.Rows, append(row, edgeWhy(edge)))
	}
	for _, n := range graph.Alone() {
		row := slices.Repeat([]string{signals.Absent}, len(t.Header))
		row[1], row[len(row)-1] = g.called(n), "nobody else calls it"
		t.Rows = append(t.Rows, row)
	}
	return t.Write(out)
}

// edgeWhy is the one short cause of an edge.
func edgeWhy(e stat.Edge) string { return stat.Row{Group: &e.Group}.Why() }

// called is how a node is written: without the namespace that is meant anyway.
func (g *golden) called(n stat.Node) string {
	if n.Namespace == g.namespace {
		return n.Name
	}
	return n.String()
}

// label is what stands at an edge of a picture.
func label(x stat.Edge) string {
	s := x.Group
	if s.Rate == nil {
		return edgeWhy(x) // bytes of TCP, perhaps
	}
	parts := []string{rps(s.Rate) + " rps", share(s.Success())}
	if p99 := estimate(s.Latency, 0.99); p99 != signals.Absent {
		parts = append(parts, "p99 "+p99)
	}
	return strings.Join(parts, ", ")
}

func (e *edgesFlags) drawn(g *golden, graph stat.Graph) render.Graph {
	out := render.Graph{Name: "calls"}
	ids := map[stat.Node]int{}
	for i, n := range graph.Nodes {
		ids[n] = i
		out.Nodes = append(out.Nodes, render.Node{Text: g.called(n)})
	}
	for _, edge := range graph.Edges {
		out.Edges = append(out.Edges, render.Edge{From: ids[edge.From], To: ids[edge.To], Label: label(edge)})
	}
	return out
}

// tree prints the graph from those that nobody calls downwards. What was told above
// is only named again, so that circles end.
func (e *edgesFlags) tree(g *golden, graph stat.Graph) error {
	var b strings.Builder
	told := map[stat.Node]bool{}
	var below func(n stat.Node, indent string)
	below = func(n stat.Node, indent string) {
		var calls []stat.Edge
		for _, edge := range graph.Edges {
			if edge.From == n {
				calls = append(calls, edge)
			}
		}
		for i, edge := range calls {
			branch, deeper := "├─ ", "│  "
			if i == len(calls)-1 {
				branch, deeper = "└─ ", "   "
			}
			line := indent + branch + render.Sanitise(g.called(edge.To)) + "  " + label(edge)
			b.WriteString(strings.TrimRight(line, " "))
			if told[edge.To] {
				if slices.ContainsFunc(graph.Edges, func(x stat.Edge) bool { return x.From == edge.To }) {
					b.WriteString("  (see above)")
				}
				b.WriteString("\n")
				continue
			}
			b.WriteString("\n")
			told[edge.To] = true
			below(edge.To, indent+deeper)
		}
	}
	for _, n := range append(graph.Roots(), graph.Nodes...) { // the rest are circles that nobody calls
		if told[n] {
			continue
		}
		told[n] = true
		fmt.Fprintln(&b, render.Sanitise(g.called(n)))
		below(n, "")
	}
	_, err := io.WriteString(g.Streams.Out, b.String())
	return err
}

// edgesCSV writes raw numbers; what is unknown is empty.
func edgesCSV(w io.Writer, graph stat.Graph) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"from_namespace", "from", "to_namespace", "to", "rps", "success", "p50_seconds", "p95_seconds", "p99_seconds", "why"}); err != nil {
		return err
	}
	for _, edge := range graph.Edges {
		s := stat.Signals(&edge.Group, edgeWhy(edge), false)
		cells := []string{edge.From.Namespace, edge.From.Name, edge.To.Namespace, edge.To.Name}
		for _, v := range []*float64{s.RPS, s.Success, s.P50, s.P95, s.P99} {
			cells = append(cells, raw(v))
		}
		cells = append(cells, s.Why)
		for i := range cells {
			cells[i] = render.Sanitise(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
