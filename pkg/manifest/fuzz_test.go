// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	k8sjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

func addSeeds(f *testing.F, add func(data []byte)) {
	for _, data := range seeds(f) {
		add(data)
	}
	for _, text := range []string{
		"", "---", "---\n---\n", "...\n", "# c", "\uFEFFa: 1", "{}", "{}{}", "{\"a\":1}\n{\"a\":", "a: |\n  x\n---\nb: \"\n", "--- {a: 1}\n--- |\n  x\n", "%YAML 1.1\n---\na: 1\n",
		"a: 1\r---\rb: 2\r", "kind: X\napiVersion: v1\nmetadata: {generateName: a}\n", "a: &a [*a]", "a: {{ .Values.x }}\n", "kind: \"X\napiVersion: v1\"\nkind: Y\n",
	} {
		add([]byte(text))
	}
}

// FuzzSplit: no bytes are lost between documents, sniffing agrees with parsing,
// and all errors are ours.
func FuzzSplit(f *testing.F) {
	addSeeds(f, func(data []byte) { f.Add(data) })
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := manifest.Split("f", data)
		if err != nil {
			if fault.KindOf(err) != fault.Failed || bytes.IndexByte(data, 0) < 0 && bytes.Equal([]byte(strings.ToValidUTF8(string(data), "")), data) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		out, err := s.Edit()
		if err != nil || !bytes.Equal(out, data) {
			t.Fatalf("%q without edits became %q, %v", data, out, err)
		}
		rest := data
		for i, d := range s.Docs {
			at := bytes.Index(rest, d.Bytes())
			if at < 0 || d.Index != i || d.Line < 1 || d.Line > 1+bytes.Count(data, []byte("\n")) {
				t.Fatalf("%q: document %d on line %d is not in order", data, d.Index, d.Line)
			}
			rest = rest[at+len(d.Bytes()):]
			checkSniff(t, d)
		}
	})
}

func checkSniff(t *testing.T, d *manifest.Document) {
	t.Helper()
	apiVersion, kind, ok := d.Sniff()
	if !ok {
		return
	}
	objects, err := d.Objects()
	if err != nil || len(objects) != 1 || strings.HasSuffix(kind, "List") {
		return // a broken document, or a list: what is sniffed is its own kind
	}
	if o := objects[0].Value; o["kind"] != kind || o["apiVersion"] != apiVersion {
		t.Fatalf("%q: sniffed %s %s, read %v %v", d.Bytes(), apiVersion, kind, o["apiVersion"], o["kind"])
	}
}

// FuzzObjects: values are those of kubectl, positions are inside the stream, and
// errors have a place.
func FuzzObjects(f *testing.F) {
	addSeeds(f, func(data []byte) { f.Add(data) })
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := manifest.Split("f", data)
		if err != nil {
			return
		}
		for _, d := range s.Docs {
			objects, err := d.Objects()
			for _, e := range fault.All(err) {
				var place *fault.Error
				if !errors.As(e, &place) || place.Kind != fault.Failed || !strings.HasPrefix(place.Where, "f:") {
					t.Fatalf("%q: error without a place: %#v", data, e)
				}
			}
			for _, o := range objects {
				for _, p := range pointers(o.Value, "") {
					line, col, ok := o.Position(p)
					filled := (p == "/kind" || p == "/apiVersion") && o.Pointer != ""
					if !ok && !filled || line < d.Line || col < 1 {
						t.Fatalf("%q: %s is at %d:%d, %t", data, p, line, col, ok)
					}
				}
			}
			if len(objects) == 1 && objects[0].Pointer == "" {
				checkValue(t, d, objects[0].Value)
			}
		}
	})
}

func checkValue(t *testing.T, d *manifest.Document, got map[string]any) {
	t.Helper()
	bare := slices.ContainsFunc(bytes.Fields(d.Bytes()), func(word []byte) bool { return bytes.HasSuffix(word, []byte("!")) })
	if bare || bytes.HasPrefix(bytes.TrimSpace(d.Bytes()), []byte("{")) {
		return // JSON has another path in kubectl; the tag "!" is known to differ
	}
	data, err := yaml.YAMLToJSON(d.Bytes())
	if err != nil {
		return
	}
	var want map[string]any
	if err := k8sjson.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: (-kubectl +got)\n%s", d.Bytes(), diff)
	}
}

// FuzzEdit: an edit that succeeds reads as intended and leaves other documents
// alone; see checkEdit.
func FuzzEdit(f *testing.F) {
	i := uint64(0)
	addSeeds(f, func(data []byte) { f.Add(data, i); i++ })
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		s, err := manifest.Split("f", data)
		if err != nil {
			return
		}
		var all []*manifest.Object
		for _, d := range s.Docs {
			objects, err := d.Objects()
			if err != nil {
				return
			}
			all = append(all, objects...)
		}
		if len(all) == 0 {
			return
		}
		g := generator{rand.New(rand.NewPCG(seed, 0))}
		which := g.IntN(len(all))
		ops := g.ops(all[which].Value, 1+g.IntN(3))
		if _, err := checkEdit(t, data, which, ops); err != nil && fault.KindOf(err) != fault.Failed {
			t.Fatalf("%q: %v: %v", data, ops, err)
		}
	})
}
