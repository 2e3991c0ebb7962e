// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// The distances of kubectl's tables.
const gap, narrowest = 3, 3

// library lays a table out with tablewriter, configured to kubectl's looks: its
// defaults draw boxes, wrap long cells and rewrite headers.
func library(t *testing.T, in render.Table) string {
	t.Helper()
	lines := prepared(in)
	var b strings.Builder
	pad := tw.CellPadding{Global: tw.Padding{Left: "", Right: strings.Repeat(" ", gap), Overwrite: true}}
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    pad,
	}
	table := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{Row: cell}), tablewriter.WithTrimSpace(tw.Off),
	)
	if err := table.Bulk(lines); err != nil {
		t.Fatal(err)
	}
	if err := table.Render(); err != nil {
		t.Fatal(err)
	}
	return trimmed(b.String())
}

// prepared are the cells as the library gets them: sanitised, elided, coloured,
// and the first line stretched so that no column is narrower than kubectl's.
func prepared(in render.Table) [][]string {
	var lines [][]string
	last := len(in.Header) - 1
	headers := 0
	if !in.NoHeaders {
		lines, headers = append(lines, append([]string(nil), in.Header...)), 1
	}
	for _, row := range in.Rows {
		line := make([]string, len(in.Header))
		copy(line, row)
		lines = append(lines, line)
	}
	room := in.Width
	for column := range in.Header {
		width := narrowest
		for _, line := range lines {
			line[column] = render.Sanitise(line[column])
			width = max(width, twwidth.Width(line[column]))
		}
		if column < last {
			room -= width + gap
		}
	}
	for i, line := range lines {
		line[last] = strings.TrimRight(line[last], " ")
		if in.Width > 0 && room >= 2 && twwidth.Width(line[last]) > room {
			line[last] = twwidth.Truncate(line[last], room-1) + "…"
		}
		for column, text := range line {
			stretch := ""
			if i == 0 && column < last {
				stretch = strings.Repeat(" ", max(0, narrowest-twwidth.Width(text)))
			}
			if in.Style != nil && i >= headers && text != "" {
				if style := in.Style(i-headers, column); style != nil {
					text = style(text)
				}
			}
			line[column] = text + stretch
		}
	}
	return lines
}

// trimmed removes the blanks the library leaves at the end of lines, and the
// colour resets that it adds to cells that have their own.
func trimmed(s string) string {
	const escape, reset = "\x1b[", "\x1b[0m"
	var b strings.Builder
	for raw := range strings.Lines(s) {
		var line strings.Builder
		parts := strings.Split(raw, reset)
		for _, part := range parts[:len(parts)-1] {
			line.WriteString(part)
			if strings.Contains(part, escape) {
				line.WriteString(reset)
			}
		}
		line.WriteString(parts[len(parts)-1])
		b.WriteString(strings.TrimRight(line.String(), " \n") + "\n")
	}
	return b.String()
}

// words are what random cells are made of: narrow, wide, joined, empty and hostile.
var words = []string{
	"", "", "a", "web-0", "128Mi 64%", "商店", "评论服务", "🚀", "👩‍👩‍👧", "🇨🇳", "naïve", "e\u0301", "ﾊﾝｶｸ", "Ａ", "—", "│─┼", "x y ", "  in", "\x1b[31mred", "one\ntwo", "\t", "\u202e", "\xff",
	"\u200b", "العربية", strings.Repeat("long ", 12),
}

func randomTable(r *rand.Rand) render.Table {
	cells := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			for range r.IntN(3) {
				out[i] += words[r.IntN(len(words))]
			}
		}
		return out
	}
	columns := 1 + r.IntN(6)
	in := render.Table{Header: cells(columns), NoHeaders: r.IntN(4) == 0, Width: []int{0, 0, 20, 60, 120}[r.IntN(5)]}
	for range 1 + r.IntN(7) {
		in.Rows = append(in.Rows, cells(1+r.IntN(columns)))
	}
	if r.IntN(2) == 0 {
		colors := render.Colors(render.ColorAlways, nil)
		in.Style = func(row, column int) render.Style {
			return []render.Style{nil, colors.Red, colors.Dim, nil}[(row*7+column*3)%4]
		}
	}
	return in
}

// Our layout is, byte for byte, that of the library.
func TestTableIsTheLibrarys(t *testing.T) {
	for seed := range uint64(3000) {
		in := randomTable(rand.New(rand.NewPCG(seed, 1)))
		want := library(t, in)
		if diff := cmp.Diff(want, table(t, in)); diff != "" {
			t.Fatalf("seed %d: %q %q\n(-library +ours)\n%s", seed, in.Header, in.Rows, diff)
		}
	}
}

// large is what "top pods -A" prints of a large cluster.
func large(rows int) render.Table {
	in := render.Table{Header: []string{"NAMESPACE", "NAME", "CPU", "CPU/REQ", "CPU/LIM", "MEM", "MEM/REQ", "MEM/LIM", "RESTARTS", "RISK"}}
	for i := range rows {
		in.Rows = append(in.Rows, []string{
			fmt.Sprintf("team-%d", i%50), fmt.Sprintf("service-%d-7c9d8b6f5-x2k4%d", i, i%10), fmt.Sprintf("%dm", i%1000), fmt.Sprintf("250m %d%%", i%120), "1 12%",
			fmt.Sprintf("%dMi", i%512), "128Mi 80%", fmt.Sprintf("256Mi %d%%", i%100), "0", "-",
		})
	}
	return in
}

func BenchmarkTable5000x10(b *testing.B) {
	in := large(5000)
	for b.Loop() {
		if err := in.Write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
