// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

var tolerant = (*manifest.Document).Tolerant

var repeats = []struct {
	name, in string
	want     []string // of all objects: pointer count first last same
	errs     string
}{
	{"none", head + "data: {a: b}\n", nil, ""},
	{"scalar", head + "data:\n  a: b\n  c: d\n  a: e\n", []string{"/data/a 2 {6 3} {8 3} false"}, ""},
	{"equal values", head + "data: {a: [1, {b: c}], a: [1, {b: c}]}\n", []string{"/data/a 2 {5 8} {5 24} true"}, ""},
	{"equal but for the type", head + "data: {a: 1, a: '1'}\n", []string{"/data/a 2 {5 8} {5 14} false"}, ""},
	{"three times", head + "data:\n  a: b\n  a: c\n  a: b\n", []string{"/data/a 3 {6 3} {8 3} false"}, ""},
	{"in a list", head + "x:\n- {}\n- a: 1\n  a/b: 1\n  a/b: 2\n", []string{"/x/1/a~1b 2 {8 3} {9 3} false"}, ""},
	{"several", head + "data: {a: 1, a: 1}\nmetadata: {name: b, name: b}\n", []string{"/data/a 2 {5 8} {5 14} true", "/metadata 2 {3 1} {6 1} false", "/metadata/name 2 {6 12} {6 21} true"}, ""},
	{"below what is ignored", head + "data: {a: 1, a: 2}\ndata: {b: 1}\n", []string{"/data 2 {5 1} {6 1} false"}, ""},
	{"below what is ignored, but shared", head + "data: &d {a: 1, a: 2}\ndata: {b: 1}\nmore: *d\n", []string{"/data 2 {5 1} {6 1} false", "/more/a 2 {5 11} {5 17} false"}, ""},
	{"shared", head + "data: &d {a: 1, a: 2}\nmore: *d\n", []string{"/data/a 2 {5 11} {5 17} false"}, ""},
	{"around a merge", head + "base: &b {x: 1}\ndata:\n  x: 2\n  <<: *b\n  x: 3\n", []string{"/data/x 2 {7 3} {9 3} false"}, ""},
	{"merged", head + "data:\n  <<: [{x: 1, x: 2}]\n", []string{"/data/x 2 {6 9} {6 15} false"}, ""},
	{"no separator", head + head, []string{"/apiVersion 2 {1 1} {5 1} true", "/kind 2 {2 1} {6 1} true", "/metadata 2 {3 1} {7 1} true"}, ""},
	{"JSON", `{"apiVersion":"v1","kind":"X","kind":"Y","metadata":{"name":"a"}}`, []string{"/kind 2 {1 20} {1 31} false"}, ""},
	{"in an item", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: a}, b: 1, b: 1}\n", []string{"/b 2 {4 50} {4 56} true"}, ""},
	{"items", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: a}}\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: b}}\n", nil,
		`f:5:1: expected each key once, found the key "items" a second time, first on line 3`},
	{"no items in the end", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: a}}\nitems: 1\n", nil,
		"f:5:1: expected a list of objects in items, found the number 1: not a Kubernetes object"},
	{"no object", "a: 1\na: 2\n", nil, "f:1:1: expected an object with apiVersion, kind and metadata.name, found no kind but the keys a: not a Kubernetes object"},
	{"broken in another way", head + "a: 1\na: 2\nb: .nan\n", nil, "f:7:4: expected a number that JSON can express"},
	{"not YAML", head + "a: b: c\n", nil, "f:5:5: expected the end of the value, found another ': '"},
}

func TestTolerant(t *testing.T) {
	for _, c := range repeats {
		t.Run(c.name, func(t *testing.T) {
			s, err := manifest.Split("f", []byte(c.in))
			if err != nil || len(s.Docs) != 1 {
				t.Fatal(err, len(s.Docs))
			}
			all, err := s.Docs[0].Tolerant()
			var got []string
			for _, o := range all {
				for _, r := range o.Repeats {
					got = append(got, fmt.Sprintf("%s %d %v %v %t", r.Pointer, r.Count, r.First, r.Last, r.Same))
					if _, last := patch.Split(r.Pointer); last != r.Key {
						t.Errorf("the key of %s is %q", r.Pointer, r.Key)
					}
					if line, col, ok := o.Position(r.Pointer); !ok || (manifest.Position{Line: line, Col: col}) != r.Last {
						t.Errorf("%s is at %d:%d, the last entry at %v", r.Pointer, line, col, r.Last)
					}
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			message := ""
			if err != nil {
				message = err.Error()
			}
			if message != c.errs {
				t.Errorf("got %s", message)
			}
			_, strict := s.Docs[0].Objects()
			if (strict == nil) != (c.want == nil && c.errs == "") {
				t.Errorf("Objects says %v", strict)
			}
		})
	}
}

// The value is what kubectl would send.
func TestTolerantValues(t *testing.T) {
	for _, c := range repeats {
		s, err := manifest.Split("f", []byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if all, err := s.Docs[0].Tolerant(); err == nil && all[0].Pointer == "" {
			checkValue(t, s.Docs[0], all[0].Value)
		}
	}
}

// A list keeps its good items and those with repeated keys.
func TestTolerantItems(t *testing.T) {
	item := "- apiVersion: v1\n  kind: Pod\n  metadata: {name: %s}\n"
	in := "apiVersion: v1\nkind: List\nitems:\n" + fmt.Sprintf(item, "x") + fmt.Sprintf(item, "y, name: z") + "- {a: .nan}\n"
	s, err := manifest.Split("f", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Docs[0].Tolerant()
	if len(all) != 2 || len(all[0].Repeats) != 0 || len(all[1].Repeats) != 1 || all[1].Value["metadata"].(map[string]any)["name"] != "z" {
		t.Errorf("got %v", all)
	}
	if errs := fault.All(err); len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "f:10:7: ") {
		t.Errorf("got %v", errs)
	}
}

// repeated writes some entries of a document in block style twice.
func repeated(g generator, data []byte) []byte {
	var out []byte
	for line := range bytes.Lines(data) {
		out = append(out, line...)
		key, value, ok := bytes.Cut(line, []byte(": "))
		word := bytes.TrimLeft(key, " ")
		if ok && g.IntN(3) == 0 && len(word) > 0 && !bytes.ContainsAny(line, "\"'|>{[#*&?") && !bytes.HasPrefix(word, []byte("-")) && bytes.HasSuffix(line, []byte("\n")) {
			out = append(out, key...)
			out = append(out, ": other"...)
			out = append(out, value[len(bytes.TrimRight(value, "\r\n")):]...)
		}
	}
	return out
}

// Edits of documents with repeated keys do what they should, and all of the
// repetitions can be removed without changing a value.
func TestRandomEditsWithRepeats(t *testing.T) {
	for name, data := range seeds(t) {
		if name == "anchors.yaml" || name == "flow.yaml" || strings.HasSuffix(name, ".json") {
			continue
		}
		g := generator{rand.New(rand.NewPCG(5, 6))}
		found, failures := 0, 0
		for i := range 300 {
			in := repeated(g, data)
			s, err := manifest.Split("f", in)
			if err != nil {
				t.Fatal(err)
			}
			all, n, ok := tolerated(s)
			if !ok || n == 0 {
				continue
			}
			found++
			checkSingle(t, s, all)
			ops := g.ops(all[i%len(all)].Value, 1+g.IntN(3))
			if _, err := checkEditOf(t, tolerant, in, i, ops); err != nil {
				if failures++; failures < 6 {
					t.Errorf("%s: %v: %v\n%s", name, ops, err, in)
				}
			}
		}
		if found < 100 || failures > 0 {
			t.Errorf("%s: %d of %d edits were refused", name, failures, found)
		}
	}
}

// tolerated returns the objects of a stream that has no fault but repeated keys.
func tolerated(s *manifest.Stream) (all []*manifest.Object, repeats int, ok bool) {
	for _, d := range s.Docs {
		objects, err := d.Tolerant()
		if err != nil {
			return nil, 0, false
		}
		for _, o := range objects {
			repeats += len(o.Repeats)
		}
		all = append(all, objects...)
	}
	return all, repeats, true
}

// checkSingle removes the repetitions and reads what is left without tolerance.
func checkSingle(t testing.TB, s *manifest.Stream, all []*manifest.Object) {
	t.Helper()
	var edits []manifest.Edit
	for _, o := range all {
		e := manifest.Edit{Object: o}
		for _, r := range o.Repeats {
			e.Single = append(e.Single, r.Pointer)
		}
		if len(e.Single) > 0 {
			edits = append(edits, e)
		}
	}
	out, err := s.Edit(edits...)
	if err != nil {
		if fault.KindOf(err) != fault.Failed {
			t.Fatal(err)
		}
		return // aliases and merge keys
	}
	_, after := readAll(t, out, tolerant)
	if len(after) != len(all) {
		t.Fatalf("%d objects became %d:\n%s", len(all), len(after), out)
	}
	for i, o := range after {
		if !patch.Equal(o.Value, all[i].Value) || len(o.Repeats) > 0 {
			t.Fatalf("%v\n%s\n%s", o.Repeats, cmp.Diff(all[i].Value, o.Value), out)
		}
	}
}

// FuzzTolerant: values are those of kubectl, the last entry is the one that
// counts, and edits that succeed read as intended.
func FuzzTolerant(f *testing.F) {
	i := uint64(0)
	addSeeds(f, func(data []byte) { f.Add(data, i); i++ })
	for _, c := range repeats {
		f.Add([]byte(c.in), i)
		i++
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		s, err := manifest.Split("f", data)
		if err != nil {
			return
		}
		for _, d := range s.Docs {
			objects, err := d.Tolerant()
			if strict, wrong := d.Objects(); len(strict) > len(objects) || wrong == nil && err != nil {
				t.Fatalf("%q: %d objects with tolerance, %d without; %v, %v", data, len(objects), len(strict), err, wrong)
			}
			for _, o := range objects {
				for _, r := range o.Repeats {
					if _, err := patch.Get(o.Value, r.Pointer); err != nil || r.Count < 2 || r.First == r.Last {
						t.Fatalf("%q: %v: %v", data, r, err)
					}
				}
			}
			if len(objects) == 1 && objects[0].Pointer == "" {
				checkValue(t, d, objects[0].Value)
			}
		}
		all, _, ok := tolerated(s)
		if !ok || len(all) == 0 {
			return
		}
		checkSingle(t, s, all)
		g := generator{rand.New(rand.NewPCG(seed, 0))}
		which := g.IntN(len(all))
		ops := g.ops(all[which].Value, 1+g.IntN(3))
		if _, err := checkEditOf(t, tolerant, data, which, ops); err != nil && fault.KindOf(err) != fault.Failed {
			t.Fatalf("%q: %v: %v", data, ops, err)
		}
	})
}
