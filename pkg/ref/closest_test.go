// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ref_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestFew(t *testing.T) {
	for want, names := range map[string][]string{
		"": nil, "a": {"a", "a"}, "a, b, c, d, e": {"e", "d", "c", "b", "a"},
		"a, b, c, d, e and 2 more": {"g", "f", "e", "d", "c", "b", "a"},
	} {
		if got := ref.Few(names); got != want {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	for _, c := range []struct {
		name       string
		candidates []string
		want       []string
	}{
		{"reviews", nil, nil},
		{"reviews", []string{"ratings", "details"}, nil},
		{"revews", []string{"ratings", "reviews"}, []string{"reviews"}},
		{"reveiws", []string{"reviews"}, []string{"reviews"}},
		{"Reviews", []string{"reviews"}, []string{"reviews"}},
		{"review", []string{"reviews-v2", "reviews", "review-db", "preview"}, []string{"preview", "reviews", "review-db"}},
		{"a", []string{"b", "bc"}, []string{"b"}},
	} {
		if diff := cmp.Diff(c.want, ref.Closest(c.name, c.candidates)); diff != "" {
			t.Errorf("%q among %q: %s", c.name, c.candidates, diff)
		}
	}
}
