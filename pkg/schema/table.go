// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the table
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// packed is a gzipped text that cmd/gen-schema writes: lines of fields separated
// by tabs. The first part, up to an empty line, says what there is:
//
//	module PATH VERSION
//	kind   APIVERSION KIND SHAPE FLAGS     FLAGS: c of a CRD, u not served, d deprecated
//	life   APIVERSION KIND INTRODUCED DEPRECATED REMOVED APIVERSION KIND
//
// The second part has one shape a line. Lines refer to lines before them, by
// number from 0; equal shapes are one line.
//
//	a  anything       s  text        b  true or false      n  a number
//	q  a quantity     x  text or a whole number
//	i  [MIN MAX]      a whole number; "-" for no bound
//	e  VALUE...       one of these texts
//	l  SHAPE          a list
//	o  FIELD=SHAPE... an object; FIELD!=SHAPE is required, *=SHAPE is for all other
//	                  fields; o+ is an object in which unknown fields are kept
//
//go:embed schema.gz
var packed []byte

type typeMeta struct{ apiVersion, kind string }

// entry is one version of a kind.
type entry struct {
	node                         int // -1 without a schema
	custom, unserved, deprecated bool
}

// life is when a version came, was deprecated and went: minors of Kubernetes 1.
type life struct {
	deprecated, removed int
	next                typeMeta
}

// table is the text, taken apart as far as it was needed.
type table struct {
	modules [][2]string
	kinds   map[typeMeta]entry
	lives   map[typeMeta]life
	// versions are the apiVersions in which a kind of a group ever existed.
	versions map[groupKind][]string
	// groups are those of kinds; true for those of Kubernetes itself.
	groups map[string]bool
	lines  []string
	parsed []atomic.Pointer[shape]
}

type groupKind struct{ group, kind string }

// form is the letter of a shape.
type form byte

const (
	anything    form = 'a'
	text        form = 's'
	boolean     form = 'b'
	number      form = 'n'
	quantity    form = 'q'
	intOrString form = 'x'
	integer     form = 'i'
	enumeration form = 'e'
	list        form = 'l'
	mapping     form = 'o'
)

// shape is one line of the second part.
type shape struct {
	form     form
	open     bool
	bounded  [2]bool
	bounds   [2]float64
	values   []string // of an enumeration
	items    int      // of a list
	fields   map[string]int
	required []string
	others   int // the shape of unnamed fields, -1 if there may be none
}

// loaded unpacks the table when it is first asked for anything.
var loaded = sync.OnceValue(unpack)

func unpack() *table {
	t := &table{
		kinds: map[typeMeta]entry{}, lives: map[typeMeta]life{},
		versions: map[groupKind][]string{}, groups: map[string]bool{},
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return t // a test opens it, so that this is never a released program
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return t
	}
	head, shapes, _ := strings.Cut(string(data), "\n\n")
	for line := range strings.SplitSeq(head, "\n") {
		t.head(strings.Split(line, "\t"))
	}
	t.lines = strings.Split(strings.TrimSuffix(shapes, "\n"), "\n")
	t.parsed = make([]atomic.Pointer[shape], len(t.lines))
	return t
}

func (t *table) head(f []string) {
	switch {
	case f[0] == "module" && len(f) == 3:
		t.modules = append(t.modules, [2]string{f[1], f[2]})
	case f[0] == "kind" && len(f) == 5:
		custom := strings.Contains(f[4], "c")
		t.kinds[typeMeta{f[1], f[2]}] = entry{
			node: whole(f[3]), custom: custom,
			unserved: strings.Contains(f[4], "u"), deprecated: strings.Contains(f[4], "d"),
		}
		t.version(f[1], f[2], !custom)
	case f[0] == "life" && len(f) == 8:
		of := typeMeta{f[1], f[2]}
		t.lives[of] = life{deprecated: whole(f[4]), removed: whole(f[5]), next: typeMeta{f[6], f[7]}}
		if _, listed := t.kinds[of]; !listed {
			t.version(f[1], f[2], true)
		}
	}
}

func (t *table) version(apiVersion, kind string, builtin bool) {
	group := groupOf(apiVersion)
	t.groups[group] = t.groups[group] || builtin
	of := groupKind{group, kind}
	t.versions[of] = append(t.versions[of], apiVersion)
}

func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// whole reads a number that cmd/gen-schema wrote.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// shape returns a shape by its number. Two callers at once may both parse the
// line; they get the same.
func (t *table) shape(n int) *shape {
	if n < 0 || n >= len(t.lines) {
		return &shape{form: anything}
	}
	if s := t.parsed[n].Load(); s != nil {
		return s
	}
	s := parseShape(t.lines[n])
	t.parsed[n].Store(s)
	return s
}

func parseShape(line string) *shape {
	f := strings.Split(line, "\t")
	s := &shape{form: form(line[0]), open: f[0] == "o+", others: -1}
	switch s.form {
	case enumeration:
		s.values = f[1:]
	case list:
		s.items = whole(f[1])
	case integer:
		for i, bound := range f[1:] {
			if v, err := strconv.ParseFloat(bound, 64); err == nil {
				s.bounds[i], s.bounded[i] = v, true
			}
		}
	case mapping:
		s.fields = make(map[string]int, len(f)-1)
		for _, field := range f[1:] {
			name, of, _ := strings.Cut(field, "=")
			if name == "*" {
				s.others = whole(of)
				continue
			}
			if required, marked := strings.CutSuffix(name, "!"); marked {
				name = required
				s.required = append(s.required, name)
			}
			s.fields[name] = whole(of)
		}
	}
	return s
}
