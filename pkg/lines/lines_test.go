// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lines_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/lines"
)

func TestCommon(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want []int
	}{
		{"", "a", []int{}},
		{"a", "", []int{-1}},
		{"a b c", "a b c", []int{0, 1, 2}},
		{"a b c", "a c", []int{0, -1, 1}},
		{"a c", "a b c", []int{0, 2}},
		{"a b c", "x y z", []int{-1, -1, -1}},
		{"a b c a b b a", "c b a b a c", []int{-1, -1, 0, 2, 3, -1, 4}},
		{"x a a y", "x a y", []int{0, 1, -1, 2}},
	} {
		got := lines.Common(strings.Fields(c.a), strings.Fields(c.b))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q and %q (-want +got):\n%s", c.a, c.b, diff)
		}
	}
}

// TestFarApart gives up on what has little in common, but for both ends.
func TestFarApart(t *testing.T) {
	text := func(name string) []string {
		out := []string{"first"}
		for i := range 1500 {
			out = append(out, fmt.Sprint(name, i))
			if i == 700 {
				out = append(out, "shared")
			}
		}
		return append(out, "last")
	}
	a := text("a")
	got := lines.Common(a, text("b"))
	for i, line := range a {
		if want := line == "first" || line == "last"; (got[i] >= 0) != want {
			t.Errorf("line %d, %s, has its equal at %d", i, line, got[i])
		}
	}
}

// FuzzCommon holds the pairs against what makes them a common subsequence, and
// their number against the textbook's table.
func FuzzCommon(f *testing.F) {
	for _, s := range []string{"abc|abc", "abcabba|cbabac", "|a", "aaaa|aa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, both string) {
		left, right, _ := strings.Cut(both, "|")
		a, b := strings.Split(left, ""), strings.Split(right, "")
		if len(a) > 200 || len(b) > 200 {
			return
		}
		got := lines.Common(a, b)
		last, n := -1, 0
		for i, j := range got {
			if j < 0 {
				continue
			}
			if j <= last || a[i] != b[j] {
				t.Fatalf("%q: %d goes to %d after %d", both, i, j, last)
			}
			last, n = j, n+1
		}
		if want := longest(a, b); n != want || len(got) != len(a) {
			t.Errorf("%q: %d of %d lines have equals, %d could", both, n, len(got), want)
		}
	})
}

// longest is the length of a longest common subsequence.
func longest(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		last := slices.Clone(row)
		for j, y := range b {
			row[j+1] = max(last[j+1], row[j])
			if x == y {
				row[j+1] = last[j] + 1
			}
		}
	}
	return row[len(b)]
}
