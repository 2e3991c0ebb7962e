// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Position returns the place of the value at a JSON Pointer relative to the
// object: of its key when it is in a mapping, of itself when it is in a list.
// When there is no such value, it is the place of its nearest ancestor and ok is
// false. Lines and columns (in characters) are 1-based and those of the stream.
func (o *Object) Position(pointer string) (line, col int, ok bool) {
	d := o.Doc // parsed: it gave the object
	if pointer != "" && pointer[0] != '/' {
		line, col, _ = o.Position("")
		return line, col, false
	}
	offset, ok := d.tree.place(o.Pointer + pointer)
	line, col = d.position(offset)
	return line, col, ok
}

// Where returns Position as "file:line:col".
func (o *Object) Where(pointer string) string {
	line, col, _ := o.Position(pointer)
	return o.Doc.File + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(col)
}

// place returns the offset of the key or item a pointer names.
func (t *tree) place(pointer string) (offset int, ok bool) {
	tokens, err := patch.Tokens(pointer)
	if err != nil {
		return t.root.start, false
	}
	d := decoder{tree: t}
	n, offset := t.root, t.root.start
	for _, token := range tokens {
		key, value := d.child(n, token)
		if value == nil {
			return offset, false
		}
		n, offset = value, value.start
		if key != nil {
			offset = key.start
		}
	}
	return offset, true
}

// child returns the value (and the key, in a mapping) a pointer token names
// below n; aliases and merge keys are followed.
func (d *decoder) child(n *node, token string) (key, value *node) {
	for hops := 0; n.kind == alias && hops < maxDepth; hops++ {
		n = n.to
	}
	switch n.kind {
	case sequence:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.kids) && strconv.Itoa(i) == token {
			return nil, n.kids[i]
		}
	case mapping:
		return d.entry(n, token, 0)
	}
	return nil, nil
}

// entry returns the entry with a key. As in decoding, the last one counts and
// merged ones replace those before them.
func (d *decoder) entry(n *node, token string, depth int) (key, value *node) {
	for i := len(n.kids) - 2; i >= 0 && depth < maxDepth; i -= 2 {
		k, v := n.kids[i], n.kids[i+1]
		if !d.isMerge(k) {
			if name, p := d.key(k); p == nil && name == token {
				return k, v
			}
			continue
		}
		merged := []*node{v}
		if v.kind == sequence {
			merged = v.kids
		}
		for _, m := range merged {
			if m.kind == alias {
				m = m.to
			}
			if m.kind != mapping {
				continue
			}
			if k, v := d.entry(m, token, depth+1); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}
