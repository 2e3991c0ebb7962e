// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

func numbered(n int, change func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(change(i))
	}
	return b.String()
}

func TestUnified(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("line %d\n", i) }
	for _, tc := range []struct{ name, before, after, want string }{
		{"equal", "a\n", "a\n", ""},
		{"both empty", "", "", ""},
		{"from nothing", "", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"to nothing", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"no last line break", "a\nb", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"},
		{
			// What an anchored diff gets wrong: the lines between two changes are
			// not unique, yet they did not change.
			"repeated lines",
			"- route:\n  host: a\n  weight: 90\n- route:\n  host: a\n  weight: 10\n- route:\n  host: a\n",
			"- route:\n  host: a\n  weight: 80\n- route:\n  host: a\n  weight: 20\n- route:\n  host: a\n",
			"@@ -1,8 +1,8 @@\n - route:\n   host: a\n-  weight: 90\n+  weight: 80\n - route:\n   host: a\n-  weight: 10\n+  weight: 20\n - route:\n   host: a\n",
		},
		{
			"two hunks", numbered(20, line),
			numbered(20, func(i int) string {
				if i == 3 || i == 11 {
					return "new\n"
				}
				return line(i)
			}),
			"@@ -1,7 +1,7 @@\n line 0\n line 1\n line 2\n-line 3\n+new\n line 4\n line 5\n line 6\n" +
				"@@ -9,7 +9,7 @@\n line 8\n line 9\n line 10\n-line 11\n+new\n line 12\n line 13\n line 14\n",
		},
		{
			"hunks that touch are one", numbered(12, line),
			numbered(12, func(i int) string {
				if i == 2 || i == 9 {
					return ""
				}
				return line(i)
			}),
			"@@ -1,12 +1,10 @@\n line 0\n line 1\n-line 2\n line 3\n line 4\n line 5\n line 6\n line 7\n line 8\n-line 9\n line 10\n line 11\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := tc.want
			if want != "" {
				want = "--- old\n+++ new\n" + want
			}
			if diff := cmp.Diff(want, render.Unified("old", tc.before, "new", tc.after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Texts that have nothing in common are replaced without a search that would
// take minutes and gigabytes.
func TestUnifiedOfLargeTexts(t *testing.T) {
	a := numbered(20000, func(i int) string { return fmt.Sprintf("a%d\n", i) })
	b := numbered(20000, func(i int) string { return fmt.Sprintf("b%d\n", i) })
	got := render.Unified("a", "head\n"+a, "b", "head\n"+b)
	if !strings.HasPrefix(got, "--- a\n+++ b\n@@ -1,20001 +1,20001 @@\n head\n-a0\n") || strings.Count(got, "\n+b") != 20000 {
		t.Errorf("%.200s", got)
	}
}

// applied carries a unified diff out on text, strictly: positions, kept lines
// and removed lines must all fit.
func applied(t *testing.T, text, diff string) string {
	t.Helper()
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\n")
	}
	var out []string
	at := 0
	for i, line := range strings.Split(strings.TrimSuffix(diff, "\n"), "\n") {
		if i < 2 || line == "" {
			continue
		}
		switch line[0] {
		case '@':
			var from, count int
			if _, err := fmt.Sscanf(line, "@@ -%d,%d", &from, &count); err != nil {
				fmt.Sscanf(line, "@@ -%d", &from)
				count = 1
			}
			if count > 0 {
				from--
			}
			out = append(out, lines[at:from]...)
			at = from
		case '+':
			out = append(out, line[1:])
		case ' ', '-':
			if lines[at] != line[1:] {
				t.Fatalf("line %d is %q, the diff has %q:\n%s", at, lines[at], line, diff)
			}
			if line[0] == ' ' {
				out = append(out, lines[at])
			}
			at++
		}
	}
	out = append(out, lines[at:]...)
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}

// A diff leads from before to after, and contains no more changes than a
// longest common subsequence leaves.
func FuzzUnified(f *testing.F) {
	f.Add("abcabba", "cbabac")
	f.Add("", "xyz")
	f.Add("aaaaaaaaaaaaaaaa", "aaaabaaaaaaaacaaaa")
	f.Add("0123456789abcdef", "0123x456789abcyef")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 300 || len(b) > 300 {
			return
		}
		// One line a byte, of a small alphabet, so that lines repeat.
		text := func(s string) string {
			var out strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&out, "%c\n", 'a'+s[i]%8)
			}
			return out.String()
		}
		before, after := text(a), text(b)
		diff := render.Unified("old", before, "new", after)
		if got := applied(t, before, diff); got != after {
			t.Fatalf("from %q to %q the diff leads to %q:\n%s", before, after, got, diff)
		}
		edits := strings.Count("\n"+diff, "\n+") + strings.Count("\n"+diff, "\n-")
		if diff != "" {
			edits -= 2 // the header
		}
		if want := len(a) + len(b) - 2*common(strings.Fields(before), strings.Fields(after)); edits != want {
			t.Errorf("%d edits, the shortest way has %d:\n%s", edits, want, diff)
		}
	})
}

// common is the length of a longest common subsequence, by the book.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}
