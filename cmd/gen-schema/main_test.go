// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write makes a folder of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestShapes(t *testing.T) {
	var s openapi
	err := json.Unmarshal([]byte(`{"type": "object", "required": ["b", "gone", "null"], "properties": {
		"a": {"type": "string"}, "b": {"type": "string", "enum": ["x", "y"]}, "null": {"type": "string", "nullable": true},
		"c": {"type": "array", "items": {"type": "integer", "minimum": 1}},
		"d": {"type": "object", "additionalProperties": {"type": "number"}},
		"e": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true},
		"f": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"g": {"type": "boolean"}}},
		"h": {}, "i": {"type": "object"}, "j": {"type": "integer", "format": "int32"},
		"k": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 9}, "l": {"type": "integer", "format": "int64"}
	}}`), &s)
	if err != nil {
		t.Fatal(err)
	}
	tb := newTable()
	root := (&resolver{table: tb}).node(s)
	want := []string{
		"s", "e\tx\ty", "i\t1\t-", "l\t2", "n", "o\t*=4", "x", "b", "o+\tg=7", "a", "o",
		"i\t-2147483648\t2147483647", "i\t0\t9", "i", "o\ta=0\tb!=1\tc=3\td=5\te=6\tf=8\th=9\ti=10\tj=11\tk=12\tl=13\tnull=0",
	}
	if diff := cmp.Diff(want, tb.nodes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := (&resolver{table: tb}).node(s); again != root || len(tb.nodes) != len(want) {
		t.Errorf("the same schema became shape %d and %d, of %d", root, again, len(tb.nodes))
	}
}

func TestBuiltinShapes(t *testing.T) {
	tb := newTable()
	r := resolver{table: tb, done: map[string]int{}, builtin: map[string]openapi{
		"loop": {Type: "object", Properties: map[string]openapi{"self": {Ref: refPrefix + "loop"}, "q": {Ref: refPrefix + quantity}}},
		"free": {Type: "object"},
	}}
	r.node(openapi{Ref: refPrefix + "loop"})
	r.node(openapi{Ref: refPrefix + "free"})
	if diff := cmp.Diff([]string{"a", "q", "o\tq=1\tself=0", "o+"}, tb.nodes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAddEnums(t *testing.T) {
	dir := write(t, map[string]string{"a.go": `package a
func schema_k8sio_api_core_v1_T(ref r) d {
	return d{Properties: map[string]s{
		"one":  {SchemaProps: p{Enum: []interface{}{"A", "B"}}},
		"many": {SchemaProps: p{Items: &i{Schema: &s{SchemaProps: p{Enum: []interface{}{"C"}}}}}},
		"none": {SchemaProps: p{Type: []string{"string"}}},
	}}
}`, "none.go": "package a"})
	text := openapi{Type: "string"}
	known := map[string]openapi{"io.k8s.api.core.v1.T": {Properties: map[string]openapi{
		"one": text, "many": {Type: "array", Items: &text}, "none": text,
	}}}
	if err := addEnums(known, filepath.Join(dir, "a.go")); err != nil {
		t.Fatal(err)
	}
	got := known["io.k8s.api.core.v1.T"].Properties
	for name, enum := range map[string][]any{"one": got["one"].Enum, "many": got["many"].Items.Enum, "none": got["none"].Enum} {
		want := map[string][]any{"one": {"A", "B"}, "many": {"C"}}[name]
		if diff := cmp.Diff(want, enum); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := addEnums(known, filepath.Join(dir, "none.go")); err == nil {
		t.Error("expected an error where there is no enumeration at all")
	}
}

func TestReadLife(t *testing.T) {
	dir := write(t, map[string]string{
		"v1beta1/register.go": "package v1beta1\n\nconst GroupName = \"example.k8s.io\"\n",
		"v1beta1/" + lifeFile: `package v1beta1
func (in *T) APILifecycleIntroduced() (major, minor int) {
	return 1, 9
}
func (in *T) APILifecycleDeprecated() (major, minor int) {
	return 1, 16
}
func (in *T) APILifecycleReplacement() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "example.k8s.io", Version: "v1", Kind: "TList"}
}
func (in *T) APILifecycleRemoved() (major, minor int) {
	return 1, 22
}`})
	got := map[string]life{}
	if err := readLife(got, filepath.Join(dir, "v1beta1", lifeFile)); err != nil {
		t.Fatal(err)
	}
	want := map[string]life{"example.k8s.io/v1beta1 T": {
		apiVersion: "example.k8s.io/v1beta1", kind: "T", introduced: 9, deprecated: 16, removed: 22,
		nextVersion: "example.k8s.io/v1", nextKind: "T",
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(life{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCorrectIsStable makes a spec optional whose only required field is one that the
// API server does without, whatever the order of the definitions.
func TestCorrectIsStable(t *testing.T) {
	for range 50 {
		known := map[string]openapi{
			apiPrefix + "core.v1.LimitRange":     {Properties: map[string]openapi{"spec": {Ref: refPrefix + apiPrefix + "core.v1.LimitRangeSpec"}}},
			apiPrefix + "core.v1.LimitRangeSpec": {Required: []string{"limits"}},
		}
		correct(known)
		if got := known[apiPrefix+"core.v1.LimitRange"].Required; len(got) > 0 {
			t.Fatalf("%v is required", got)
		}
	}
}
