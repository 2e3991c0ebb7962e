// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// table collects the kinds and their shapes. Equal shapes are kept once: the
// versions of a CRD, and the many copies of a pod in the Prometheus Operator's
// CRDs, cost next to nothing.
type table struct {
	kinds []kind
	nodes []string
	index map[string]int
	meta  int // the shape of metadata
}

// kind is one version of a kind that an API server has.
type kind struct {
	apiVersion, name           string
	node                       int // -1 without a schema
	custom, unserved, outdated bool
}

func newTable() *table { return &table{index: map[string]int{}} }

// node returns the number of a shape.
func (t *table) node(fields ...string) int {
	line := strings.Join(fields, "\t")
	if n, known := t.index[line]; known {
		return n
	}
	t.nodes = append(t.nodes, line)
	t.index[line] = len(t.nodes) - 1
	return len(t.nodes) - 1
}

// object is the shape of a mapping with named fields.
type object struct {
	open     bool // unknown fields are kept
	fields   map[string]int
	required []string
	values   int // the shape of every other value, -1 if there are none
}

func (t *table) object(o object) int {
	head := "o"
	if o.open {
		head = "o+"
	}
	line := []string{head}
	if o.values >= 0 {
		line = append(line, "*="+strconv.Itoa(o.values))
	}
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		mark := "="
		if slices.Contains(o.required, name) {
			mark = "!="
		}
		line = append(line, name+mark+strconv.Itoa(o.fields[name]))
	}
	return t.node(line...)
}

// text writes the table: the modules, the kinds, the lives, the shapes.
func (t *table) text(modules map[string]module, lives []life) []byte {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(modules)) {
		fmt.Fprintf(&b, "module\t%s\t%s\n", modules[key].Path, modules[key].Version)
	}
	slices.SortFunc(t.kinds, func(a, b kind) int {
		return strings.Compare(a.apiVersion+" "+a.name, b.apiVersion+" "+b.name)
	})
	for _, k := range t.kinds {
		flags := ""
		for flag, set := range map[string]bool{"c": k.custom, "u": k.unserved, "d": k.outdated} {
			if set {
				flags += flag
			}
		}
		fmt.Fprintf(&b, "kind\t%s\t%s\t%d\t%s\n", k.apiVersion, k.name, k.node, sorted(flags))
	}
	for _, l := range lives {
		fmt.Fprintf(&b, "life\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n",
			l.apiVersion, l.kind, l.introduced, l.deprecated, l.removed, l.nextVersion, l.nextKind)
	}
	b.WriteByte('\n')
	for _, n := range t.nodes {
		b.WriteString(n)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func sorted(s string) string {
	letters := strings.Split(s, "")
	slices.Sort(letters)
	return strings.Join(letters, "")
}
