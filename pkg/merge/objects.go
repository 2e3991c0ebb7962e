// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"bytes"
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// objects are those of a file.
type objects struct {
	text   []byte
	stream *manifest.Stream
	all    []*manifest.Object
	byKey  map[ref.Ref]*manifest.Object
}

// Key is what tells objects apart: a ref without the version, as an object is the
// same in each.
func Key(object map[string]any) ref.Ref {
	text := func(m map[string]any, field string) string {
		s, _ := m[field].(string)
		return s
	}
	meta, _ := object["metadata"].(map[string]any)
	key := ref.Of(text(object, "apiVersion"), text(object, "kind"), text(meta, "namespace"), text(meta, "name"))
	key.Version = ""
	return key
}

func keyOf(o *manifest.Object) ref.Ref { return Key(o.Value) }

// Keys returns the keys of the objects of a file. Errors are those of [YAML].
func Keys(file string, text []byte) ([]ref.Ref, error) {
	found, err := read(file, text)
	if err != nil {
		return nil, err
	}
	var out []ref.Ref
	for _, o := range found.all {
		out = append(out, keyOf(o))
	}
	return out, nil
}

func read(file string, text []byte) (*objects, error) {
	stream, err := manifest.Split(file, text)
	if err != nil {
		return nil, err
	}
	out := &objects{text: text, stream: stream, byKey: map[ref.Ref]*manifest.Object{}}
	var errs []error
	for _, d := range stream.Docs {
		found, err := d.Objects()
		if err != nil {
			errs = append(errs, err)
		}
		for _, o := range found {
			key := keyOf(o)
			if first := out.byKey[key]; first != nil {
				errs = append(errs, fault.Failedf("expected each object once, found %s again, first at %s", key, first.Where("")).
					At(o.Where("")).Try("delete one of the two"))
				continue
			}
			out.all, out.byKey[key] = append(out.all, o), o
		}
	}
	return out, errors.Join(errs...)
}

// begin returns the offset of the i-th document of a stream, with what is above
// its separator: together they are the text. False where it begins within a line.
func begin(s *manifest.Stream, text []byte, i int) (offset int, ok bool) {
	if i == len(s.Docs) {
		return len(text), true
	}
	line := func(i int) int {
		_, line := s.Docs[i].Head()
		return line
	}
	for range line(i) - 1 {
		offset += bytes.IndexByte(text[offset:], '\n') + 1
	}
	return offset, i == 0 || line(i) > line(i-1)
}

// chunk is the text of a document with its separator.
func chunk(s *manifest.Stream, text []byte, i int) []byte {
	from, _ := begin(s, text, i)
	to, _ := begin(s, text, i+1)
	return text[from:to]
}

// without returns a text without some documents.
func without(s *manifest.Stream, text []byte, dropped map[int]bool) []byte {
	if len(dropped) == 0 {
		return text
	}
	var out []byte
	for i := range s.Docs {
		_, alone := begin(s, text, i)
		_, ends := begin(s, text, i+1)
		if !dropped[i] || !alone || !ends {
			out = append(out, chunk(s, text, i)...)
		}
	}
	return out
}

// unfinished reports whether a text ends within a value that a line break would
// become part of.
func unfinished(text []byte) bool {
	if len(text) == 0 || bytes.HasSuffix(text, lf) {
		return false
	}
	now, err := read("", text)
	ended, errEnded := read("", append(bytes.Clone(text), '\n'))
	if err != nil || errEnded != nil || len(now.all) == 0 {
		return err != nil || errEnded != nil
	}
	last := len(now.all) - 1
	return !patch.Equal(now.all[last].Value, ended.all[last].Value)
}

var separator = []byte("---")

// add puts a document at the end of a text, with the line endings of that.
func add(text, document []byte) []byte {
	out := bytes.Clone(text)
	newline := lf
	if allCRLF(text) {
		newline = crlf
	}
	if len(out) > 0 && !bytes.HasSuffix(out, lf) {
		out = append(out, newline...)
	}
	if len(out) > 0 && !bytes.HasPrefix(document, separator) {
		out = append(append(out, separator...), newline...)
	}
	return append(out, bytes.ReplaceAll(bytes.ReplaceAll(document, crlf, lf), lf, newline)...)
}
