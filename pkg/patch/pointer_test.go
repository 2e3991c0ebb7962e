// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package patch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

func TestPointers(t *testing.T) {
	for _, c := range []struct {
		tokens       []any
		pointer      string
		parent, last string
	}{
		{nil, "", "", ""},
		{[]any{"spec"}, "/spec", "", "spec"},
		{[]any{"spec", "http", 0}, "/spec/http/0", "/spec/http", "0"},
		{[]any{"a/b", "m~n", "~1", ""}, "/a~1b/m~0n/~01/", "/a~1b/m~0n/~01", ""},
		{[]any{"x/y"}, "/x~1y", "", "x/y"},
	} {
		if got := patch.Pointer(c.tokens...); got != c.pointer {
			t.Errorf("Pointer(%v) is %q, want %q", c.tokens, got, c.pointer)
		}
		parent, last := patch.Split(c.pointer)
		if parent != c.parent || last != c.last {
			t.Errorf("Split(%q) is %q, %q", c.pointer, parent, last)
		}
		if c.pointer != "" {
			if got := patch.Join(parent, last); got != c.pointer {
				t.Errorf("Join(%q, %q) is %q", parent, last, got)
			}
		}
		tokens, err := patch.Tokens(c.pointer)
		if err != nil {
			t.Error(err)
		}
		var back []any
		for _, token := range tokens {
			back = append(back, token)
		}
		if got := patch.Pointer(back...); got != c.pointer {
			t.Errorf("%q became %q", c.pointer, got)
		}
	}
}

func TestGet(t *testing.T) {
	// The examples of RFC 6901, section 5.
	doc := parse(t, `{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}`)
	for pointer, want := range map[string]any{
		"": doc, "/foo": []any{"bar", "baz"}, "/foo/0": "bar", "/": int64(0), "/a~1b": int64(1), "/c%d": int64(2),
		"/e^f": int64(3), "/g|h": int64(4), "/i\\j": int64(5), "/k\"l": int64(6), "/ ": int64(7), "/m~0n": int64(8),
	} {
		got, err := patch.Get(doc, pointer)
		if err != nil {
			t.Errorf("%q: %v", pointer, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", pointer, diff)
		}
	}
	for pointer, want := range map[string]string{
		"/bar":   `no field "bar"`,
		"/foo/2": "index 2 is beyond the list's 2 items",
		"/foo/-": `"-" is not an index`,
		"/ /a":   `"a": expected an object or a list, found int64`,
		"foo":    `pointer "foo" does not start with /`,
		"/m~":    `pointer "/m~" has a ~ that is neither ~0 nor ~1`,
	} {
		if got, err := patch.Get(doc, pointer); message(err) != want {
			t.Errorf("%q: %v, %v, want %q", pointer, got, err, want)
		}
	}
}
