// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// kubectl lays the same cells out with the writer kubectl uses.
func kubectl(t *testing.T, rows ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	w := printers.GetNewTabWriter(&b)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(b.String()) { // the one liberty we take: no blanks at the end of lines
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

func table(t *testing.T, table render.Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableLooksLikeKubectl(t *testing.T) {
	for name, rows := range map[string][][]string{
		"plain": {
			{"NAMESPACE", "NAME", "STABLE_WEIGHT", "MESSAGE"},
			{"shop", "reviews-v2", "90", `Subset "v2" is not defined by any DestinationRule`},
			{"a-much-longer-namespace", "x", "100", "ok"},
		},
		"narrow columns are six wide": {{"A", "B", "C"}, {"1", "22", "333"}, {"", "4444", ""}},
		"empty cells":                 {{"NAME", "READY", "AGE"}, {"", "", ""}, {"web", "", "1d"}, {"", "1/1", ""}},
		"an empty column":             {{"NAME", "", "AGE"}, {"web", "", "1d"}},
		"one column":                  {{"NAME"}, {"web"}, {""}},
		"header only":                 {{"NAME", "AGE"}},
		"blanks inside and before":    {{"NAME", "MESSAGE"}, {"  indented", "two  blanks"}, {"web  ", "x"}},
		"lower-case and dashed names": {{"my-col", "stable_weight", "x.y"}, {"a", "b", "c"}},
		"accents":                     {{"NAME", "MESSAGE"}, {"naïve", "ünïcode"}, {"plain", "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := table(t, render.Table{Header: rows[0], Rows: rows[1:]})
			if diff := cmp.Diff(kubectl(t, rows...), got); diff != "" {
				t.Errorf("differs from kubectl's (-kubectl +ours):\n%s", diff)
			}
		})
	}
}

func TestTableWithoutHeaders(t *testing.T) {
	rows := [][]string{{"a", "b"}, {"longer-than-the-header", "c"}}
	got := table(t, render.Table{Header: []string{"NAME", "AGE"}, Rows: rows, NoHeaders: true})
	if diff := cmp.Diff(kubectl(t, rows...), got); diff != "" {
		t.Error(diff)
	}
	if got := table(t, render.Table{Header: []string{"NAME"}, NoHeaders: true}); got != "" {
		t.Errorf("no rows and no headers printed %q", got)
	}
}

func TestTableCountsColumnsOfWideCharacters(t *testing.T) {
	got := table(t, render.Table{
		Header: []string{"NAMESPACE", "NAME"},
		Rows:   [][]string{{"商店", "评论"}, {"shop", "reviews"}, {"🚀", "x"}},
	})
	want := "NAMESPACE   NAME\n商店        评论\nshop        reviews\n🚀          x\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTableElidesOnlyTheLastColumnOnATerminal(t *testing.T) {
	long := strings.Repeat("a message ", 20)
	rows := [][]string{{"a-rather-long-name", long}, {"b", "短いメッセージですがまだ長い"}, {"c", "fits"}}
	got := table(t, render.Table{Header: []string{"NAME", "MESSAGE"}, Rows: rows, Width: 40})
	want := "" +
		"NAME                 MESSAGE\n" +
		"a-rather-long-name   a message a messag…\n" +
		"b                    短いメッセージです…\n" +
		"c                    fits\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := table(t, render.Table{Header: []string{"NAME", "MESSAGE"}, Rows: rows}); !strings.Contains(got, strings.TrimSpace(long)) {
		t.Errorf("without a terminal nothing may be elided:\n%s", got)
	}
	// Too narrow for the last column: the terminal wraps, nothing is lost.
	if got := table(t, render.Table{Header: []string{"NAME", "MESSAGE"}, Rows: rows, Width: 22}); !strings.Contains(got, "fits") {
		t.Errorf("a narrow terminal lost text:\n%s", got)
	}
}

func TestTableCellsCannotEscape(t *testing.T) {
	got := table(t, render.Table{
		Header: []string{"NAME", "MESSAGE"},
		Rows:   [][]string{{"\x1b[31mred\x1b[0m", "one\ntwo\tthree\r\nfour"}, {"a\x00b\u009b2J", "evil\u202egnp.exe\x7f"}, {"\xff", "x\x1b]0;title\x07"}},
	})
	want := kubectl(t,
		[]string{"NAME", "MESSAGE"},
		[]string{"^[[31mred^[[0m", "one two three four"},
		[]string{"a^@b\\u009b2J", "evil\\u202egnp.exe\\u007f"},
		[]string{"\ufffd", "x^[]0;title^G"},
	)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTableStyles(t *testing.T) {
	colors := render.Colors(render.ColorAlways, nil)
	in := render.Table{
		Header: []string{"NAME", "STATUS", "MESSAGE"},
		Rows:   [][]string{{"web", "failed", "it broke  "}, {"商店", "ok", ""}, {"c", "", "x"}},
	}
	plain := table(t, in)
	in.Style = func(row, column int) render.Style {
		switch {
		case column == 1 && row == 0:
			return colors.Red
		case column == 2:
			return colors.Dim
		}
		return nil
	}
	got := table(t, in)
	want := "" +
		"NAME   STATUS   MESSAGE\n" +
		"web    \x1b[31mfailed\x1b[0m   \x1b[2mit broke\x1b[0m\n" +
		"商店   ok\n" +
		"c               \x1b[2mx\x1b[0m\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if stripped := regexp.MustCompile("\x1b\\[\\d+m").ReplaceAllString(got, ""); stripped != plain {
		t.Errorf("colour moved columns:\n%s\nwithout:\n%s", stripped, plain)
	}
}

// Whatever the cells hold, a table has as many lines as rows and no character
// that a terminal acts upon.
func FuzzTable(f *testing.F) {
	f.Add("a", "b", "c", 0)
	f.Add("\x1b[31m", "x\ny", "\u202e\u2028", 20)
	f.Add("商店商店商店商店", "\xff\xfe", "tab\t", 12)
	f.Fuzz(func(t *testing.T, a, b, c string, width int) {
		got := table(t, render.Table{Header: []string{"A", "B", "C"}, Rows: [][]string{{a, b, c}, {c, a, b}}, Width: width % 200})
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines for 3 rows: %q", len(lines), got)
		}
		for _, line := range lines {
			if clean := render.Sanitise(line); clean != line {
				t.Errorf("line %q is not safe, that would be %q", line, clean)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("line %q ends with a blank", line)
			}
		}
		if again := render.Sanitise(render.Sanitise(a)); again != render.Sanitise(a) {
			t.Errorf("Sanitise is not idempotent on %q", a)
		}
	})
}
