// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Position is a place in a stream; lines and columns (in characters) are 1-based.
type Position struct{ Line, Col int }

// Repeat is a key that is in one mapping more than once. YAML and JSON forbid
// it; kubectl silently takes the last entry.
type Repeat struct {
	// Pointer is the JSON Pointer of the entry, relative to the object.
	Pointer string
	// Key is the repeated key, the last token of Pointer.
	Key string
	// Count is the number of entries with the key, at least 2.
	Count int
	// First and Last are the keys of the first entry, which is ignored, and of the
	// last one, which counts.
	First, Last Position
	// Same reports whether all entries have equal values, so that nothing is lost.
	// It is false where too many aliases make it too much work to know.
	Same bool
}

// Tolerant is Objects for documents in which a key may be in a mapping more than
// once: the last entry counts, as it does for kubectl, and Object.Repeats says
// where. A repetition outside of objects, such as a second list of items, is an
// error beside the objects. A document without any is read no other than by
// Objects, which gives the same objects.
func (d *Document) Tolerant() ([]*Object, error) {
	objects, err := d.Objects()
	if err == nil || d.tree == nil {
		return objects, err
	}
	d.tolerantOnce.Do(func() { d.tolerant = d.read(true) })
	return d.tolerant.objects, d.tolerant.err
}

// repeats finds the repeated keys of the document and hands them to the objects
// they are in.
func (c *collector) repeats() {
	f := finder{decoder: decoder{tree: c.doc.tree, tolerant: true}, doc: c.doc, seen: map[*node]bool{}}
	if c.doc.tree.root != nil {
		f.walk(c.doc.tree.root, "", 0)
	}
	for _, r := range f.found {
		if o := c.owner(r.Pointer); o != nil {
			r.Pointer = strings.TrimPrefix(r.Pointer, o.Pointer)
			o.Repeats = append(o.Repeats, r)
			continue
		}
		if len(c.objects) > 0 { // or another error says that there is no object
			c.errs = append(c.errs, fault.Failedf("expected each key once, found the key %q a second time, first on line %d", r.Key, r.First.Line).
				At(c.doc.File+":"+strconv.Itoa(r.Last.Line)+":"+strconv.Itoa(r.Last.Col)).Try("delete one of the two"))
		}
	}
}

// owner returns the object that a pointer of the document leads into.
func (c *collector) owner(pointer string) *Object {
	for _, o := range c.objects {
		if strings.HasPrefix(pointer, o.Pointer+"/") {
			return o
		}
	}
	return nil
}

// finder looks for repeated keys in what counts: not below entries that later
// ones replace, and in what aliases share only once.
type finder struct {
	decoder
	doc   *Document
	seen  map[*node]bool
	found []Repeat
}

func (f *finder) walk(n *node, pointer string, depth int) {
	if n == nil || f.seen[n] || depth > maxDepth {
		return
	}
	switch n.kind {
	case alias:
		f.walk(n.to, pointer, depth+1)
	case sequence:
		f.mark(n)
		for i, kid := range n.kids {
			f.walk(kid, pointer+"/"+strconv.Itoa(i), depth+1)
		}
	case mapping:
		f.mark(n)
		f.mapping(n, pointer, depth)
	}
}

func (f *finder) mark(n *node) {
	if n.anchor != "" { // no other node can be met twice
		f.seen[n] = true
	}
}

func (f *finder) mapping(n *node, pointer string, depth int) {
	entries := map[string][]int{}
	for i := 0; i+1 < len(n.kids); i += 2 {
		if key, p := f.key(n.kids[i]); p == nil && !f.isMerge(n.kids[i]) {
			entries[key] = append(entries[key], i)
		}
	}
	for i := 0; i+1 < len(n.kids); i += 2 {
		if f.isMerge(n.kids[i]) {
			f.merged(n.kids[i+1], pointer, depth)
			continue
		}
		key, p := f.key(n.kids[i])
		at := entries[key]
		if p != nil || i != at[len(at)-1] {
			continue
		}
		if len(at) > 1 {
			f.found = append(f.found, f.repeat(n, at, patch.Join(pointer, key), key))
		}
		f.walk(n.kids[i+1], patch.Join(pointer, key), depth+1)
	}
}

// merged looks into what a merge key adds to the mapping at a pointer.
func (f *finder) merged(v *node, pointer string, depth int) {
	if v.kind != sequence {
		f.walk(v, pointer, depth+1)
		return
	}
	for _, kid := range v.kids {
		f.walk(kid, pointer, depth+1)
	}
}

// repeat describes the entries of a mapping that have the same key.
func (f *finder) repeat(n *node, at []int, pointer, key string) Repeat {
	r := Repeat{Pointer: pointer, Key: key, Count: len(at), Same: true}
	last := at[len(at)-1]
	r.First.Line, r.First.Col = f.doc.position(n.kids[at[0]].start)
	r.Last.Line, r.Last.Col = f.doc.position(n.kids[last].start)
	counts, p := f.value(n.kids[last+1])
	for _, i := range at[:len(at)-1] {
		ignored, q := f.value(n.kids[i+1])
		r.Same = r.Same && p == nil && q == nil && patch.Equal(ignored, counts)
	}
	return r
}
