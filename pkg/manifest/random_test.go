// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// seeds returns the manifests of testdata/seeds by file name.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/seeds/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(file)] = data
	}
	return out
}

// objects reads all objects of a stream.
func objects(t testing.TB, data []byte) (*manifest.Stream, []*manifest.Object) {
	t.Helper()
	return readAll(t, data, (*manifest.Document).Objects)
}

// reader is how to read a document: Objects or Tolerant.
type reader func(*manifest.Document) ([]*manifest.Object, error)

func readAll(t testing.TB, data []byte, read reader) (*manifest.Stream, []*manifest.Object) {
	t.Helper()
	s, err := manifest.Split("f", data)
	if err != nil {
		t.Fatal(err)
	}
	var all []*manifest.Object
	for _, d := range s.Docs {
		o, err := read(d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o...)
	}
	return s, all
}

// generator makes random operations that fit a value and leave it an object.
type generator struct{ *rand.Rand }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func (g generator) word() string {
	return pick(g, "a", "v2", "10", "true", "null", "yes", "a: b", "#x", " lead", "trail ", "", "multi\nline\n", "two\nlines", "\n", "x\n\n", "- a", "*a", "&a", "!t",
		"{a", "[b", "it's", `"q"`, "tab\there", "é漢", "\u2028", "a,b", "a:b", "http://x/y?z=1", "-x", "--flag=1", "---", "...", "1e3", "0777", "1:30", "2001-01-01", "<<", "=", "~",
		"nginx:1.2", "a #b", "a:", ":a", "@a", "`a", "%a", "|", ">", "?", "? a", "\\", "a\\nb", "cr\rlf", "\x01", "\ufeff", "😀", " \n ", "a\n  \nb", "  a\nb", "very long words again and again and again and again and again and again and again, until the line is wide")
}

func (g generator) value(depth int) any {
	switch g.IntN(10 - max(0, 2*min(depth, 1))) {
	case 0:
		return int64(g.IntN(1000)) - 500
	case 1:
		return pick(g, 0.5, 1e30, -2.25, 1e-9, 9007199254740993)
	case 2:
		return pick(g, true, false)
	case 3:
		return nil
	case 8:
		m := map[string]any{}
		for range g.IntN(4) {
			m[g.word()] = g.value(depth + 1)
		}
		return m
	case 9:
		l := []any{}
		for range g.IntN(4) {
			l = append(l, g.value(depth+1))
		}
		return l
	}
	return g.word()
}

// pointers lists all pointers below v that an operation may name.
func pointers(v any, path string) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, patch.Join(path, k))
			out = append(out, pointers(v[k], patch.Join(path, k))...)
		}
	case []any:
		for i, item := range v {
			out = append(out, patch.Join(path, fmt.Sprint(i)))
			out = append(out, pointers(item, patch.Join(path, fmt.Sprint(i)))...)
		}
	}
	return out
}

func (g generator) ops(v map[string]any, n int) []patch.Op {
	var ops []patch.Op
	var now any = v
	for range n {
		at := slices.DeleteFunc(pointers(now, ""), func(p string) bool {
			return p == "/apiVersion" || p == "/kind" || p == "/metadata" || p == "/metadata/name" || p == "/metadata/generateName"
		})
		op := patch.Op{Op: pick(g, patch.Add, patch.Replace, patch.Remove, patch.Replace, patch.Add), Path: "/new", Value: g.value(0)}
		if len(at) == 0 {
			op.Op = patch.Add
		} else {
			op.Path = pick(g, at...)
		}
		if op.Op == patch.Add && g.IntN(3) > 0 {
			switch target, _ := patch.Get(now, op.Path); target := target.(type) {
			case map[string]any:
				op.Path = patch.Join(op.Path, g.word())
			case []any:
				op.Path = patch.Join(op.Path, pick(g, "-", fmt.Sprint(g.IntN(len(target)+1))))
			}
		}
		next, err := patch.Apply(now, []patch.Op{op})
		if err != nil {
			continue
		}
		now = next
		ops = append(ops, op)
	}
	return ops
}

// checkEdit applies ops to one object and checks that the result reads as
// intended and that the bytes of other documents are the same.
func checkEdit(t testing.TB, data []byte, which int, ops []patch.Op) (edited []byte, err error) {
	t.Helper()
	return checkEditOf(t, (*manifest.Document).Objects, data, which, ops)
}

func checkEditOf(t testing.TB, read reader, data []byte, which int, ops []patch.Op) (edited []byte, err error) {
	t.Helper()
	s, all := readAll(t, data, read)
	o := all[which%len(all)]
	out, err := s.Edit(manifest.Edit{Object: o, Ops: ops})
	if err != nil {
		return nil, err
	}
	want, err := patch.Apply(o.Value, ops)
	if err != nil {
		t.Fatalf("%v: no error where patch has %v", ops, err)
	}
	s2, all2 := readAll(t, out, read)
	if len(s2.Docs) != len(s.Docs) || len(all2) != len(all) {
		t.Fatalf("%d documents with %d objects became %d with %d:\n%s", len(s.Docs), len(all), len(s2.Docs), len(all2), out)
	}
	for i, d := range s.Docs {
		if d != o.Doc && !bytes.Equal(d.Bytes(), s2.Docs[i].Bytes()) {
			t.Errorf("%v: document %d changed", ops, i)
		}
	}
	for i := range all {
		wanted := any(all[i].Value)
		if all[i] == o {
			wanted = want
		}
		if !patch.Equal(wanted, all2[i].Value) {
			t.Errorf("%v: object %d:\n%s\n%s", ops, i, cmp.Diff(wanted, any(all2[i].Value)), out)
		}
	}
	return out, nil
}

// Edits of ordinary manifests must work, not only fail safely.
func TestRandomEdits(t *testing.T) {
	for name, data := range seeds(t) {
		if name == "anchors.yaml" {
			continue // refusals are right there
		}
		g := generator{rand.New(rand.NewPCG(1, 2))}
		_, all := objects(t, data)
		failures := 0
		for i := range 1000 {
			ops := g.ops(all[i%len(all)].Value, 1+g.IntN(3))
			if _, err := checkEdit(t, data, i, ops); err != nil {
				if failures++; failures < 6 {
					t.Errorf("%s: %v: %v", name, ops, err)
				}
			}
		}
		if failures > 0 {
			t.Errorf("%s: %d of 1000 edits were refused", name, failures)
		}
	}
}

// node writes a value in random styles with random comments.
func (g generator) node(v any, inFlow bool) *yaml.Node {
	n := &yaml.Node{}
	switch v := v.(type) {
	case map[string]any:
		n.Kind = yaml.MappingNode
		for k, item := range v {
			key := g.node(k, true)
			n.Content = append(n.Content, key, g.node(item, inFlow))
		}
	case []any:
		n.Kind = yaml.SequenceNode
		for _, item := range v {
			n.Content = append(n.Content, g.node(item, inFlow))
		}
	default:
		if err := n.Encode(v); err != nil {
			panic(err)
		}
		if s, ok := v.(string); ok {
			n.Style = pick(g, n.Style, n.Style, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle)
			if !inFlow && s != "" && strings.TrimSpace(s) == s {
				n.Style = pick(g, n.Style, yaml.LiteralStyle, yaml.FoldedStyle)
			}
		}
	}
	if !inFlow && g.IntN(6) == 0 {
		n.HeadComment = "# about what follows"
	}
	if !inFlow && n.Kind == yaml.ScalarNode && g.IntN(6) == 0 {
		n.LineComment = "# on the line"
	}
	return n
}

func (g generator) document() ([]byte, error) {
	v := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}}
	for range 1 + g.IntN(5) {
		v[g.word()] = g.value(-2)
	}
	root := g.node(v, false)
	root.Style = 0
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2 + g.IntN(3))
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	if g.IntN(4) == 0 {
		return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
	}
	return b.Bytes(), nil
}

// TestRandomDocuments edits documents in mixed styles.
func TestRandomDocuments(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	documents, refused := 0, 0
	for range 2000 {
		data, err := g.document()
		if err != nil || bytes.Contains(data, []byte("!!merge")) {
			continue // edits through merge keys are refused
		}
		s, err := manifest.Split("f", data)
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Docs[0].Objects()
		if err != nil || len(s.Docs) > 1 || len(all) != 1 {
			continue // the encoder does not always write what it can read
		}
		documents++
		ops := g.ops(all[0].Value, 1)
		if _, err := checkEdit(t, data, 0, ops); err != nil {
			if refused++; refused < 6 {
				t.Errorf("%v: %v\n%s", ops, err, data)
			}
		}
	}
	if documents < 1500 || refused > 0 {
		t.Errorf("%d of %d edits were refused", refused, documents)
	}
}
