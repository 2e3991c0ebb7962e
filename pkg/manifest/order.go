// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import "github.com/kubectl-micro/kubectl-micro/pkg/patch"

// Unsorted finds the first key of the object, in the order of the document, that
// comes after one it should come before in the alphabet: its JSON Pointer relative
// to the object, and the key above it. Keys that are merged in from elsewhere are
// not looked at. It returns false where all keys are in order.
func (o *Object) Unsorted() (pointer, above string, found bool) {
	d := decoder{tree: o.Doc.tree} // parsed: it gave the object
	n := d.root
	tokens, _ := patch.Tokens(o.Pointer)
	for _, token := range tokens {
		if _, n = d.child(n, token); n == nil {
			return "", "", false
		}
	}
	return d.unsorted(n, "")
}

func (d *decoder) unsorted(n *node, at string) (pointer, above string, found bool) {
	switch n.kind {
	case sequence:
		for i, item := range n.kids {
			if pointer, above, found = d.unsorted(item, at+patch.Pointer(i)); found {
				return pointer, above, true
			}
		}
	case mapping:
		last := ""
		for i := 0; i+1 < len(n.kids); i += 2 {
			key, p := d.key(n.kids[i])
			if p != nil || d.isMerge(n.kids[i]) {
				continue
			}
			if key < last {
				return patch.Join(at, key), last, true
			}
			last = key
			if pointer, above, found = d.unsorted(n.kids[i+1], patch.Join(at, key)); found {
				return pointer, above, true
			}
		}
	}
	return "", "", false
}
