// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// prefix is what a comment for this program starts with, and verb the only one
// there is.
const (
	prefix = "kubectl-micro:"
	verb   = "ignore"
)

// comment is an entry with the lines that it is about.
type comment struct {
	*entry
	file     string
	from, to int
}

// readComments reads the comments of all documents that have objects.
func (s *Set) readComments() {
	var docs []*manifest.Document
	objects := map[*manifest.Document][]*model.Object{}
	for _, o := range slices.Concat(s.world.Objects(), s.world.Shadowed()) {
		if o.Source == nil || !mentions(o.Source.Doc) {
			continue
		}
		if objects[o.Source.Doc] == nil {
			docs = append(docs, o.Source.Doc)
		}
		objects[o.Source.Doc] = append(objects[o.Source.Doc], o)
	}
	slices.SortFunc(docs, func(a, b *manifest.Document) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	for _, d := range docs {
		s.readDocument(d, objects[d])
	}
}

// mentions reports whether a document may have a comment for this program.
func mentions(d *manifest.Document) bool {
	head, _ := d.Head()
	return bytes.Contains(head, []byte(prefix)) || bytes.Contains(d.Bytes(), []byte(prefix))
}

func (s *Set) readDocument(d *manifest.Document, objects []*model.Object) {
	p, err := newPage(d)
	if err != nil {
		return // there are objects, so that it is no error of the author's; nothing is suppressed
	}
	for _, c := range p.comments() {
		text, ours := strings.CutPrefix(c.text, prefix)
		if !ours {
			continue
		}
		target := p.target(c)
		s.readComment(d.File, written{text: text, line: c.line, column: c.column}, target, holder(objects, target.from))
	}
}

// readComment takes in a comment, without its prefix, that is about lines of a
// file and an object there, if any.
func (s *Set) readComment(file string, c written, target target, on *model.Object) {
	where := fmt.Sprintf("%s:%d", file, c.line)
	command, rest := cutBlank(c.text)
	command = strings.TrimSuffix(command, ":")
	read := parseNotes(rest)
	switch {
	case command != verb:
		read = []note{{problem: fmt.Sprintf("expected %s%s, found %s%s", prefix, verb, prefix, command), hint: "did you mean " + verb + "?"}}
	case target.problem != "":
		read = []note{{problem: target.problem, hint: target.hint}}
	case len(read) == 0:
		read = []note{parseNote("")}
	}
	for _, n := range read {
		e := s.admit(&entry{
			note: n, by: where, where: fmt.Sprintf("%s:%d", where, c.column), on: on,
			idle: func() bool { return true },
		})
		s.comments = append(s.comments, comment{entry: e, file: file, from: target.from, to: target.to})
	}
}

// holder is the object that a line belongs to: the last that starts at it or
// above, else the first there is.
func holder(objects []*model.Object, line int) *model.Object {
	start := func(o *model.Object) int {
		at, _, _ := o.Source.Position("")
		return at
	}
	slices.SortFunc(objects, func(a, b *model.Object) int { return start(a) - start(b) })
	best := objects[0]
	for _, o := range objects {
		if start(o) <= line {
			best = o
		}
	}
	return best
}

// place cuts a place of a file into the file and the line.
func place(where string) (file string, line int, ok bool) {
	rest, column, found := cutLast(where)
	if _, err := strconv.Atoi(column); !found || err != nil {
		return "", 0, false
	}
	file, number, found := cutLast(rest)
	line, err := strconv.Atoi(number)
	return file, line, found && err == nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
