// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

var odd = render.Table{
	Header: []string{"NAME", "VALUE", "TEXT"},
	Rows: [][]string{
		{"a|b", "-1.5", `say "hi", twice`}, {"=1+1", "1e3"}, {"-rf", "+x", "@here", "surplus"}, {"\x1b[31mred", "one\ntwo", "<b>*_[x](y)`&\\"}, {"", "", ""},
	},
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := odd.CSV(&b); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"NAME", "VALUE", "TEXT"}, {"a|b", "-1.5", `say "hi", twice`}, {"'=1+1", "1e3", ""}, {"'-rf", "'+x", "'@here"},
		{"^[[31mred", "one two", "<b>*_[x](y)`&\\"}, {"", "", ""},
	}
	got, err := csv.NewReader(&b).ReadAll()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	bare := odd
	bare.NoHeaders, bare.Rows = true, bare.Rows[:1]
	b.Reset()
	if err := bare.CSV(&b); err != nil || b.String() != "a|b,-1.5,\"say \"\"hi\"\", twice\"\n" {
		t.Errorf("%v: %q", err, b.String())
	}
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := odd.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`| NAME | VALUE | TEXT |`, `| --- | --- | --- |`, `| a\|b | -1.5 | say "hi", twice |`, `| =1+1 | 1e3 | |`, `| -rf | +x | @here |`,
		"| ^\\[\\[31mred | one two | &lt;b&gt;\\*\\_\\[x\\](y)\\`&amp;\\\\ |", `| | | |`, "",
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	bare := render.Table{Header: []string{"A", "B"}, NoHeaders: true}
	if err := bare.Markdown(&b); err != nil || b.String() != "| | |\n| --- | --- |\n" {
		t.Errorf("%v: %q", err, b.String())
	}
}

func TestJSONL(t *testing.T) {
	var b bytes.Buffer
	type item struct {
		Name string   `json:"name"`
		X    *float64 `json:"x"`
	}
	if err := render.JSONL(&b, []item{{Name: "<a>\n"}, {Name: "b"}}); err != nil || b.String() != `{"name":"<a>\n","x":null}`+"\n"+`{"name":"b","x":null}`+"\n" {
		t.Errorf("%v: %q", err, b.String())
	}
	if err := render.JSONL(&b, []float64{math.NaN()}); err == nil {
		t.Error("expected an error for NaN, found none")
	}
}
