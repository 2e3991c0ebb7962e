// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Limits bound what is read of a tree.
type Limits struct {
	// Files is the number of directory entries looked at.
	Files int
	// FileBytes is the size above which a file is not read.
	FileBytes int
	// Bytes is the number of bytes read in all.
	Bytes int
	// Depth is the number of folders below the top.
	Depth int
}

func (l Limits) orDefault() Limits {
	for _, d := range []struct {
		value *int
		or    int
	}{{&l.Files, 50_000}, {&l.FileBytes, 512 << 10}, {&l.Bytes, 64 << 20}, {&l.Depth, 16}} {
		if *d.value <= 0 {
			*d.value = d.or
		}
	}
	return l
}

// maxNotes keeps a hostile tree from filling the report.
const maxNotes = 20

// skipped are folders in which no service begins and no service's code is:
// dependencies, generated code, output and what only tests and shows.
var skipped = set("node_modules", "bower_components", "vendor", "genproto", "third_party",
	"test", "tests", "__tests__", "__mocks__", "e2e", "spec", "testdata", "fixtures", "integration-tests",
	"example", "examples", "sample", "samples",
	"target", "build", "dist", "out", "obj", "__pycache__", "venv", "site-packages", "coverage")

// packages are folders whose names below are names of packages: com.example.build is
// where the code is.
var packages = re(`(?:^|/)src/main/(?:java|kotlin)(?:/|$)`)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// tree is the files of a walk, sorted by path.
type tree struct {
	fsys   fs.FS
	limits Limits
	hidden func(path string) bool
	files  []*file
	byPath map[string]*file
	dirs   map[string]bool
	notes  []string
	// entries and bytes are what was spent of the limits.
	entries, bytes int
	// again is the number of bytes that were read over and over.
	again int
	full  bool
}

func (t *tree) note(format string, args ...any) {
	switch {
	case len(t.notes) < maxNotes:
		t.notes = append(t.notes, fmt.Sprintf(format, args...))
	case len(t.notes) == maxNotes:
		t.notes = append(t.notes, "more was left out")
	}
}

func walk(fsys fs.FS, o Options) *tree {
	t := &tree{fsys: fsys, limits: o.Limits.orDefault(), hidden: o.Hidden, byPath: map[string]*file{}, dirs: map[string]bool{}}
	t.folder(".", 0)
	slices.SortFunc(t.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return t
}

// folder walks breadth-wise within a folder: its files first, so that a huge
// folder inside does not starve the manifests beside it.
func (t *tree) folder(dir string, depth int) {
	if depth > t.limits.Depth {
		t.note("%s: deeper than %d folders, not looked into", dir, t.limits.Depth)
		return
	}
	entries, err := t.list(dir)
	if err != nil {
		t.note("%s: cannot be read: %s", dir, reason(err))
	}
	t.dirs[dir] = true
	var below []string
	for _, e := range entries {
		t.entries++
		name := path.Join(dir, e.Name())
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			t.note("%s: a link, not followed", name)
		case e.IsDir():
			if (!skipped[e.Name()] && !strings.HasSuffix(e.Name(), "-examples") || packages.MatchString(dir)) && !strings.HasPrefix(e.Name(), ".") {
				below = append(below, name)
			}
		case t.hidden != nil && t.hidden(name):
		case e.Type().IsRegular():
			f := &file{path: name, tree: t}
			t.files, t.byPath[name] = append(t.files, f), f
		}
	}
	for _, name := range below {
		if t.full {
			return
		}
		t.folder(name, depth+1)
	}
}

// list reads a folder up to what is left of the limit.
func (t *tree) list(dir string) ([]fs.DirEntry, error) {
	d, err := t.fsys.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	r, ok := d.(fs.ReadDirFile)
	if !ok {
		return nil, fs.ErrInvalid
	}
	left := t.limits.Files - t.entries
	entries, err := r.ReadDir(left + 1)
	if err == io.EOF {
		err = nil
	}
	if len(entries) > left {
		entries, t.full = entries[:left], true
		t.note("%s: stopped after %d files and folders", dir, t.limits.Files)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// load reads a file, or says why not and returns an empty text.
func (t *tree) load(name string) string {
	f, err := t.fsys.Open(name)
	if err != nil {
		t.note("%s: cannot be read: %s", name, reason(err))
		return ""
	}
	defer f.Close()
	if t.bytes >= t.limits.Bytes {
		t.note("%s: not read, %d bytes are enough", name, t.limits.Bytes)
		return ""
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(t.limits.FileBytes)+1))
	t.bytes += len(data)
	switch {
	case err != nil:
		t.note("%s: cannot be read: %s", name, reason(err))
		return ""
	case len(data) > t.limits.FileBytes:
		t.note("%s: larger than %d bytes, not read", name, t.limits.FileBytes)
		return ""
	case bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0:
		return "" // a binary
	}
	return string(data)
}

// peek is the beginning of a file, for those that may be huge.
func (t *tree) peek(name string) string {
	f, err := t.fsys.Open(name)
	if err != nil {
		return "" // who asks does without
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, 256))
	return string(data)
}

// maxAgain bounds questions that go through a whole file for one line of it.
const maxAgain = 256 << 20

// afford reports whether n bytes may be gone through once more.
func (t *tree) afford(n int) bool {
	t.again += n
	return t.again <= maxAgain
}

// reason is an error without the path, which the note has already.
func reason(err error) string {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// file returns the file at a path, nil if there is none.
func (t *tree) file(elem ...string) *file { return t.byPath[path.Join(elem...)] }

// sourcesIn are the Go files of a folder, without tests. Files are sorted by path,
// so that those of a folder are near each other.
func (t *tree) sourcesIn(dir string) []*file {
	var out []*file
	prefix := dir + "/"
	from, _ := slices.BinarySearchFunc(t.files, prefix, func(f *file, p string) int { return strings.Compare(f.path, p) })
	for _, f := range t.files[from:] {
		if !strings.HasPrefix(f.path, prefix) {
			break
		}
		if f.dir() == dir && path.Ext(f.path) == ".go" && !isTest(f.path) {
			out = append(out, f)
		}
	}
	return out
}

// has reports whether a file or a folder is there.
func (t *tree) has(elem ...string) bool {
	p := path.Join(elem...)
	return t.byPath[p] != nil || t.dirs[p]
}
