// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package patch_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// FuzzPatchInverse: whatever Apply does, Inverse undoes, and neither changes
// the document it was given.
func FuzzPatchInverse(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.doc), []byte(c.ops))
	}
	f.Add([]byte(`{"a":[{"b":[]},null]}`), []byte(`[{"op":"add","path":"/a/0/b/-","value":{}},{"op":"remove","path":"/a/0"},{"op":"add","path":"/a/-","value":[1]},{"op":"replace","path":"/a/1/0","value":2}]`))
	f.Fuzz(func(t *testing.T, docJSON, opsJSON []byte) {
		var doc, before any
		var ops []patch.Op
		if json.Unmarshal(docJSON, &doc) != nil || json.Unmarshal(opsJSON, &ops) != nil {
			return
		}
		if err := json.Unmarshal(docJSON, &before); err != nil {
			t.Fatal(err)
		}
		checkInverse(t, doc, ops)
		if diff := cmp.Diff(before, doc); diff != "" {
			t.Fatalf("the document changed: %s", diff)
		}
	})
}

// FuzzPointer: a pointer that can be read is written the same.
func FuzzPointer(f *testing.F) {
	for _, pointer := range []string{"", "/", "/a/0/-", "/~0~1", "/~01", "/~", "a", "//"} {
		f.Add(pointer)
	}
	f.Fuzz(func(t *testing.T, pointer string) {
		tokens, err := patch.Tokens(pointer)
		if err != nil {
			return
		}
		at := ""
		for _, token := range tokens {
			at = patch.Join(at, token)
		}
		if at != pointer {
			t.Fatalf("%q is written %q", pointer, at)
		}
		if parent, last := patch.Split(pointer); pointer != "" && patch.Join(parent, last) != pointer {
			t.Fatalf("%q is split into %q and %q", pointer, parent, last)
		}
	})
}
