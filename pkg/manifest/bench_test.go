// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// bigStream has n documents, one in ten a VirtualService.
func bigStream(tb testing.TB, n int) []byte {
	tb.Helper()
	all := seeds(tb)
	deployment := all["deployment.yaml"]
	route, _, _ := bytes.Cut(all["istio.yaml"], []byte("---\n"))
	var b bytes.Buffer
	for i := range n {
		b.WriteString("---\n")
		if i%10 == 0 {
			b.Write(route)
		} else {
			b.Write(deployment)
		}
	}
	return b.Bytes()
}

func BenchmarkSplitSniff(b *testing.B) {
	data := bigStream(b, 10_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := manifest.Split("f", data)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range s.Docs {
			if _, _, ok := d.Sniff(); !ok {
				b.Fatalf("line %d: not sniffed", d.Line)
			}
		}
	}
}

func BenchmarkObjects(b *testing.B) {
	for _, name := range []string{"deployment.yaml", "istio.yaml", "list.yaml", "indented.json", "lines.json"} {
		data := bytes.Repeat(append([]byte("---\n"), seeds(b)[name]...), 100)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := manifest.Split("f", data)
				if err != nil {
					b.Fatal(err)
				}
				for _, d := range s.Docs {
					if _, err := d.Objects(); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkFilter is a pipe: change a weight in every VirtualService of a stream.
func BenchmarkFilter(b *testing.B) {
	data := bigStream(b, 10_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		s, err := manifest.Split("f", data)
		if err != nil {
			b.Fatal(err)
		}
		var edits []manifest.Edit
		for _, d := range s.Docs {
			if _, kind, ok := d.Sniff(); ok && kind != "VirtualService" {
				continue
			}
			objects, err := d.Objects()
			if err != nil {
				b.Fatal(err)
			}
			for _, o := range objects {
				edits = append(edits, manifest.Edit{Object: o, Ops: []patch.Op{
					{Op: patch.Test, Path: "/spec/http/1/route/0/weight", Value: 90},
					{Op: patch.Replace, Path: "/spec/http/1/route/0/weight", Value: 80},
					{Op: patch.Replace, Path: "/spec/http/1/route/1/weight", Value: 20},
				}})
			}
		}
		if out, err := s.Edit(edits...); err != nil || len(out) != len(data) || len(edits) != 1000 {
			b.Fatal(len(edits), len(out), err)
		}
	}
}

// BenchmarkEditList changes every object of one document with 1,000.
func BenchmarkEditList(b *testing.B) {
	var list bytes.Buffer
	list.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	for i := range 1000 {
		fmt.Fprintf(&list, "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: s%d\n  spec:\n    ports:\n    - port: 80 # http\n", i)
	}
	b.SetBytes(int64(list.Len()))
	for b.Loop() {
		s, err := manifest.Split("f", list.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		objects, err := s.Docs[0].Objects()
		if err != nil {
			b.Fatal(err)
		}
		var edits []manifest.Edit
		for _, o := range objects {
			edits = append(edits, manifest.Edit{Object: o, Ops: []patch.Op{
				{Op: patch.Replace, Path: "/spec/ports/0/port", Value: 81},
				{Op: patch.Add, Path: "/metadata/annotations", Value: map[string]any{"a": "b"}},
				{Op: patch.Add, Path: "/metadata/annotations/c", Value: "d"},
			}})
		}
		if _, err := s.Edit(edits...); err != nil {
			b.Fatal(err)
		}
	}
}
