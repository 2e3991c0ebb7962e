// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

func TestGraph(t *testing.T) {
	g := render.Graph{
		Name:  "shop",
		Nodes: []render.Node{{Text: "web :8080"}, {Text: `a "quoted" <b> #1` + "\x1b[31m"}, {Text: "db", Store: true}},
		Edges: []render.Edge{{From: 0, To: 1, Label: `"; drop`}, {From: 1, To: 2}},
	}
	for format, want := range map[string]string{
		"dot": `digraph shop {
  rankdir=LR;
  node [shape=box];
  n0 [label="web :8080"];
  n1 [label="a \"quoted\" <b> #1^[[31m"];
  n2 [label="db", shape=cylinder];
  n0 -> n1 [label="\"; drop"];
  n1 -> n2 [label=""];
}
`,
		"mermaid": `flowchart LR
  n0["web :8080"]
  n1["a #quot;quoted#quot; #lt;b#gt; #35;1^[[31m"]
  n2[("db")]
  n0 -->|"#quot;; drop"| n1
  n1 --> n2
`,
	} {
		var out strings.Builder
		write := g.Dot
		if format == "mermaid" {
			write = g.Mermaid
		}
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}
