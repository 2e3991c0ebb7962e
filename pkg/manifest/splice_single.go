// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// single removes all entries with the key at a pointer but the last. It carries
// out what is queued first, so that the pointer finds its place. Whether aliases
// need an anchor in what is removed shows when the result is parsed.
func (w *writer) single(pointer string) (removed int, err error) {
	if err := w.flush(); err != nil {
		return 0, err
	}
	tokens, err := patch.Tokens(pointer)
	if err != nil {
		return 0, err
	}
	for ; ; removed++ {
		e := editor{tree: w.tree, look: lookOf(w.tree)}
		shadowed, err := e.shadowed(tokens)
		if err != nil || shadowed == nil {
			return removed, err
		}
		if err := w.splice(e.remove(shadowed)); err != nil {
			return removed, err
		}
	}
}

// singles carries out Edit.Single.
func (w *writer) singles(e Edit) error {
	for _, pointer := range e.Single {
		removed, err := w.single(e.Object.Pointer + pointer)
		if err == nil && removed == 0 {
			err = errNotRepeated
		}
		if err != nil {
			return singleError(e.Object, pointer, err)
		}
	}
	return nil
}

var errNotRepeated = errors.New("expected several entries with this key, found none or one, or what a merge key << adds")

// shadowed returns the first of several entries at a pointer, nil if there is
// only one.
func (e *editor) shadowed(tokens []string) (*spot, error) {
	at := &spot{node: e.root}
	for i, token := range tokens {
		next, err := e.step(at, token)
		if err != nil {
			return nil, err
		}
		if next.node == nil { // merged, or none
			return nil, nil
		}
		if i < len(tokens)-1 {
			at = next
			continue
		}
		if first := e.first(at, token); first != nil && first.index < next.index {
			return first, nil
		}
	}
	return nil, nil
}

// first returns the first entry of a mapping with a key; step finds the last.
func (e *editor) first(at *spot, key string) *spot {
	d := decoder{tree: e.tree}
	for i := 0; at.kind == mapping && i+1 < len(at.kids); i += 2 {
		if name, p := d.key(at.kids[i]); p == nil && name == key && !d.isMerge(at.kids[i]) {
			return &spot{node: at.kids[i+1], parent: at, index: i + 1}
		}
	}
	return nil
}

func singleError(o *Object, pointer string, err error) error {
	if e, ok := err.(*fault.Error); ok {
		return e // said already, of an operation before
	}
	return fault.Failedf("cannot remove the entries before the last one with the key of %s", pointer).At(o.Where(pointer)).Because(err)
}
