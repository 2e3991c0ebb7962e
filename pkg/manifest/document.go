// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Document is one document of a stream. Its methods are safe for concurrent use.
type Document struct {
	// File is the stream's name as shown to people.
	File string
	// Index is the document's place in Stream.Docs.
	Index int
	// Line is the 1-based line of the stream at which the content starts.
	Line int

	data      []byte // of the whole stream
	start     int    // offset of the first byte, directives and separator included
	startLine int    // 1-based line of start
	head      int    // offset of the separator, or start where there is none
	content   int    // offset after the separator
	first     int    // offset of the first byte of content that is no comment, or end
	end       int
	json      bool // starts with a brace

	once   sync.Once
	tree   *tree // nil when the document cannot be parsed
	strict reading

	tolerantOnce sync.Once
	tolerant     reading

	linesOnce sync.Once
	lines     []int
}

// Bytes returns the content with its comments, without the separator and what
// is above it, which is Head. The caller must not modify it.
func (d *Document) Bytes() []byte { return d.data[d.content:d.end:d.end] }

// Head returns the comments, directives and blanks above the separator that the
// document starts with, and the 1-based line of the stream they begin on. Only
// the first document of a stream, or one after a "...", can have any: what is
// above another separator belongs to the document before. The caller must not
// modify it.
func (d *Document) Head() (text []byte, line int) {
	return d.data[d.start:d.head:d.head], d.startLine
}

// Blank reports whether the document has nothing but comments and blanks.
func (d *Document) Blank() bool { return d.first == d.end }

func (d *Document) raw() []byte { return d.data[d.start:d.end:d.end] }

// reading is a document as it was decoded.
type reading struct {
	value   any // nil in place of items that are broken
	objects []*Object
	err     error
}

// Objects parses the document, once, and returns its objects: one, none for a
// blank document, or the items of a list (kind List, or any kind that ends in
// List and has items).
//
// Errors are *fault.Error of kind Failed with the place "file:line:col"; one
// that means that the document is fine YAML but no Kubernetes object wraps
// ErrNotObject. A list with broken items returns the good ones and the joined
// errors of the others. A key that is twice in a mapping is an error; Tolerant
// reads such documents.
func (d *Document) Objects() ([]*Object, error) {
	d.once.Do(func() {
		if d.Blank() {
			return
		}
		t, p := parseDocument(d.raw(), d.content-d.start, d.json)
		if p != nil {
			d.strict.err = d.fault(p)
			return
		}
		d.tree = t
		d.strict = d.read(false)
	})
	return d.strict.objects, d.strict.err
}

// read decodes the tree and collects the objects.
func (d *Document) read(tolerant bool) reading {
	value, broken, p := decodeTree(d.tree, tolerant)
	if p != nil {
		return reading{err: d.fault(p)}
	}
	c := collector{doc: d, broken: broken, tolerant: tolerant}
	c.root(value)
	if tolerant {
		c.repeats()
	}
	return reading{value, c.objects, errors.Join(c.errs...)}
}

// decodeTree decodes a document. Problems inside the items of a list are
// returned beside the value, which has nil in their place.
// A tolerant one takes the last of several entries with the same key.
func decodeTree(t *tree, tolerant bool) (value any, broken map[int]*problem, p *problem) {
	if t.root == nil {
		return nil, nil, nil
	}
	d := decoder{tree: t, tolerant: tolerant}
	items := listItems(&d)
	if items == nil {
		value, p = d.value(t.root)
		return value, nil, p
	}
	broken = map[int]*problem{}
	kids := items.kids
	values := make([]any, len(kids))
	for i, kid := range kids {
		if values[i], p = d.value(kid); p != nil {
			broken[i] = p
		}
	}
	shell := *items
	shell.kids = nil
	at := *t.root
	at.kids = append([]*node(nil), at.kids...)
	for i, kid := range at.kids {
		if kid == items {
			at.kids[i] = &shell
		}
	}
	if value, p = d.value(&at); p != nil {
		return nil, nil, p
	}
	value.(map[string]any)["items"] = values
	return value, broken, nil
}

// listItems returns the items of a document whose kind ends in List, else nil.
func listItems(d *decoder) *node {
	if d.root.kind != mapping {
		return nil
	}
	var items *node
	list, seen := false, false
	for i := 0; i+1 < len(d.root.kids); i += 2 {
		k, v := d.root.kids[i], d.root.kids[i+1]
		switch {
		case k.kind != scalar:
			return nil
		case k.text == "kind":
			list = isListKind(v.text)
		case k.text == "items" && seen:
			return nil // which of them counts is the decoder's matter
		case k.text == "items":
			seen = true
			if v.kind == sequence {
				items = v
			}
		}
	}
	if !list {
		return nil
	}
	return items
}

// position returns the line and column of an offset in raw.
func (d *Document) position(offset int) (line, col int) {
	d.linesOnce.Do(func() { d.lines = lineStarts(d.raw()) })
	line, col = position(d.raw(), d.lines, offset)
	return d.startLine + line - 1, col
}

func (d *Document) where(offset int) string {
	line, col := d.position(offset)
	return fmt.Sprintf("%s:%d:%d", d.File, line, col)
}

func (d *Document) fault(p *problem) *fault.Error {
	text := p.text
	if p.first != nil {
		line, _ := d.position(p.first.start)
		text += fmt.Sprintf(", first on line %d", line)
	}
	e := fault.New(fault.Failed, "%s", text).At(d.where(min(p.offset, d.end-d.start)))
	e.Hint = p.hint
	return e
}
