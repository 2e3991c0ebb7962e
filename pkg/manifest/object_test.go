// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

const places = `# c
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: &meta {name: é, labels: {a: b}}
  spec:
    ports:
    # web
    - port: 80
    -
      port: 81
- kind: Service
  apiVersion: v1
  metadata:
    <<: *meta
    name: c
  shared: *meta
---
apiVersion: v1
kind: Pod
metadata:
  generateName: x
`

func TestPosition(t *testing.T) {
	_, all := objects(t, []byte(places))
	for _, c := range []struct {
		object        int
		pointer, want string
	}{
		{0, "", "5:3 true"},
		{0, "/kind", "6:3 true"},
		{0, "/metadata/name", "7:20 true"},
		{0, "/metadata/labels/a", "7:38 true"},
		{0, "/spec/ports", "9:5 true"},
		{0, "/spec/ports/0", "11:7 true"},
		{0, "/spec/ports/1/port", "13:7 true"},
		{0, "/spec/ports/2", "9:5 false"},
		{0, "/spec/ports/01", "9:5 false"},
		{0, "/spec/ports/0/name/x", "11:7 false"},
		{0, "/status", "5:3 false"},
		{0, "bad", "5:3 false"},
		{1, "/metadata/name", "18:5 true"},
		{1, "/metadata/labels", "7:29 true"},
		{1, "/shared/labels/a", "7:38 true"},
		{2, "", "21:1 true"},
		{2, "/metadata/generateName", "24:3 true"},
		{2, "/metadata/name", "23:1 false"},
	} {
		line, col, ok := all[c.object].Position(c.pointer)
		if got := fmt.Sprintf("%d:%d %t", line, col, ok); got != c.want {
			t.Errorf("object %d %s: %s, want %s", c.object, c.pointer, got, c.want)
		}
	}
	if got := all[2].Where("/metadata"); got != "f:23:1" {
		t.Errorf("Where: %s", got)
	}
}

func TestLists(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string // pointer, apiVersion, kind
	}{
		{"apiVersion: v1\nkind: List\n", nil},
		{"apiVersion: v1\nkind: PodList\nitems:\n", nil},
		{"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- {apiVersion: v2, kind: X, metadata: {name: b}}\n", []string{"/items/0 v1 Pod", "/items/1 v2 X"}},
		{"apiVersion: v1\nkind: AllowList\nmetadata: {name: a}\n", []string{" v1 AllowList"}},
		{"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", []string{"/items/0/items/0 v1 Pod"}},
		{"items:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\nkind: List\n", []string{"/items/0 v1 Pod"}},
		{"null\n", nil},
	} {
		_, all := objects(t, []byte(c.in))
		var got []string
		for _, o := range all {
			got = append(got, fmt.Sprintf("%s %s %s", o.Pointer, o.Value["apiVersion"], o.Value["kind"]))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.in, diff)
		}
	}
}

func TestObjectsConcurrently(t *testing.T) {
	s, err := manifest.Split("f", []byte(places))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, d := range s.Docs {
				all, err := d.Objects()
				if err != nil || len(all) == 0 {
					t.Errorf("%d objects, %v", len(all), err)
					continue
				}
				if _, _, ok := all[0].Position("/metadata"); !ok {
					t.Error("no position")
				}
			}
		})
	}
	group.Wait()
}

func TestEditMisuse(t *testing.T) {
	s, _ := objects(t, []byte(head))
	_, others := objects(t, []byte(head))
	if _, err := s.Edit(manifest.Edit{Object: others[0]}); fault.KindOf(err) != fault.Failed {
		t.Errorf("an object of another stream: %v", err)
	}
	_, all := objects(t, []byte(head))
	for _, op := range []patch.Op{
		{Op: "move", Path: "/kind"},
		{Op: patch.Replace, Path: "/kind", Value: struct{}{}},
		{Op: patch.Replace, Path: "kind", Value: "x"},
		{Op: patch.Add, Path: "/metadata/labels/a", Value: "x"},
	} {
		stream, _ := manifest.Split("f", []byte(head))
		own, err := stream.Docs[0].Objects()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := stream.Edit(manifest.Edit{Object: own[0], Ops: []patch.Op{op}}); err == nil || out != nil {
			t.Errorf("%v: %q, %v", op, out, err)
		}
	}
	if diff := cmp.Diff(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}}, all[0].Value); diff != "" {
		t.Error(diff)
	}
}

// Editing twice the same stream starts from its bytes both times.
func TestEditLeavesTheStream(t *testing.T) {
	s, all := objects(t, []byte(head))
	op := manifest.Edit{Object: all[0], Ops: []patch.Op{{Op: patch.Replace, Path: "/metadata/name", Value: "b"}}}
	first, err1 := s.Edit(op)
	second, err2 := s.Edit(op)
	if err1 != nil || err2 != nil || string(first) != string(second) || all[0].Value["metadata"].(map[string]any)["name"] != "a" {
		t.Errorf("%q, %v\n%q, %v\n%v", first, err1, second, err2, all[0].Value)
	}
}
