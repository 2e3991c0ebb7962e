// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package strict_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// document has a field of each form that a type may have.
type document struct {
	head `json:",inline"`
	Meta struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Name  string            `json:"name"`
	Big   bool              `json:"big,omitempty"`
	Count *int32            `json:"count,omitempty"`
	Tags  []string          `json:"tags,omitempty"`
	Env   map[string]string `json:"env,omitempty"`
	Ports map[string]port   `json:"ports,omitempty"`
	Any   map[string]any    `json:"any,omitempty"`
	Local string            `json:"-"`
}

type head struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

type port struct {
	Number int32 `json:"number"`
}

func (p *port) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &p.Number)
	}
	type plain port
	return json.Unmarshal(data, (*plain)(p))
}

// object reads the one document of a text.
func object(t *testing.T, text string) *manifest.Object {
	t.Helper()
	stream, err := manifest.Split("d.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := stream.Docs[0].Objects()
	if err != nil || len(objects) != 1 {
		t.Fatalf("expected one document, found %d: %v", len(objects), err)
	}
	return objects[0]
}

const top = "apiVersion: v\nkind: D\nmetadata: {name: d}\n"

func TestDecode(t *testing.T) {
	o := object(t, top+"name: a\nbig: true\ncount: 3\ntags: [x]\nenv: {A: b}\nports:\n  http: 80\n  grpc: {number: 90}\nany: {deep: [1, {b: null}]}\n")
	r := strict.Reader{At: o, Kind: fault.Usage, Short: map[reflect.Type]reflect.Kind{reflect.TypeFor[port](): reflect.Int32}}
	if err := r.Head("v", "D"); err != nil {
		t.Fatal(err)
	}
	var got document
	if err := r.Decode(o.Value, &got); err != nil {
		t.Fatal(err)
	}
	want := document{
		head: head{"v", "D"}, Name: "a", Big: true, Count: new(int32(3)), Tags: []string{"x"}, Env: map[string]string{"A": "b"},
		Ports: map[string]port{"http": {80}, "grpc": {90}}, Any: map[string]any{"deep": []any{1.0, map[string]any{"b": nil}}},
	}
	want.Meta.Name = "d"
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(document{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for pointer, place := range map[string]string{"": "d.yaml:1:1", "/tags/0": "d.yaml:7:8", "/ports/grpc/number": "d.yaml:11:10"} {
		if r.Places[pointer] != place {
			t.Errorf("%q is at %s, expected %s", pointer, r.Places[pointer], place)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a misspelt field", "nmae: a\n", []string{"d.yaml:4:1: expected a known field at the top, found nmae | did you mean name?"}},
		{"a field like no other", "zzzzzz: a\n", []string{"d.yaml:4:1: expected one of any, apiVersion, big, count, env, kind, metadata, name, ports, tags at the top, found zzzzzz"}},
		{"a field that has no name in files", "Local: a\n", []string{"d.yaml:4:1: expected one of any, apiVersion, big, count, env, kind, metadata, name, ports, tags at the top, found Local"}},
		{"text", "name: 1\n", []string{"d.yaml:4:1: expected text in name, found 1 | write it in quotes: '1'"}},
		{"text in a map", "env: {A: true}\n", []string{"d.yaml:4:7: expected text in env.A, found true | write it in quotes: 'true'"}},
		{"bool", "big: 'yes'\n", []string{`d.yaml:4:1: expected true or false in big, found the text "yes"`}},
		{"whole number", "count: 1.5\n", []string{"d.yaml:4:1: expected a whole number in count, found 1.5"}},
		{"number that is too large", "count: 3000000000\n", []string{"d.yaml:4:1: expected a whole number from -2147483648 to 2147483647 in count, found 3000000000"}},
		{"list", "tags: a\n", []string{`d.yaml:4:1: expected a list in tags, found the text "a"`}},
		{"list of nothing", "tags:\n", []string{"d.yaml:4:1: expected a list in tags, found nothing | leave the field out, or write [] for an empty list"}},
		{"item", "tags: [[a]]\n", []string{"d.yaml:4:8: expected text in tags.0, found a list"}},
		{"mapping", "env: [a]\n", []string{"d.yaml:4:1: expected a mapping in env, found a list"}},
		{"mapping of nothing", "env:\n", []string{"d.yaml:4:1: expected a mapping in env, found nothing | leave the field out"}},
		{"short form", "ports: {http: a}\n", []string{`d.yaml:4:9: expected a whole number in ports.http, found the text "a"`}},
		{"field of the long form", "ports: {http: {nummer: 1}}\n", []string{"d.yaml:4:16: expected a known field in ports.http, found nummer | did you mean number?"}},
		{"all at once", "count: a\nnmae: b\n", []string{`d.yaml:4:1: expected a whole number in count, found the text "a"`, "d.yaml:5:1: expected a known field at the top, found nmae | did you mean name?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := object(t, top+c.text)
			r := strict.Reader{At: o, Kind: fault.Usage, Short: map[reflect.Type]reflect.Kind{reflect.TypeFor[port](): reflect.Int32}}
			got := document{Name: "before"}
			err := r.Decode(o.Value, &got)
			if diff := cmp.Diff(c.want, told(t, err, fault.Usage)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Name != "before" {
				t.Errorf("filled in %+v in spite of the error", got)
			}
		})
	}
}

// TestLenient takes a key without a value for one that is not there.
func TestLenient(t *testing.T) {
	o := object(t, top+"tags:\nenv:\n")
	var got document
	if err := (&strict.Reader{At: o, Kind: fault.Failed, Lenient: true}).Decode(o.Value, &got); err != nil || got.Tags != nil || got.Env != nil {
		t.Errorf("got %+v, %v; expected neither tags nor env", got, err)
	}
	o = object(t, top+"name:\n")
	err := (&strict.Reader{At: o, Kind: fault.Failed, Lenient: true}).Decode(o.Value, &got)
	if diff := cmp.Diff([]string{"d.yaml:4:1: expected text in name, found nothing | leave the field out"}, told(t, err, fault.Failed)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHeadRefuses(t *testing.T) {
	r := strict.Reader{At: object(t, top), Kind: fault.Usage}
	want := []string{"d.yaml:2:1: expected apiVersion v and kind E, found v and D | apiVersion: v\nkind: E"}
	if diff := cmp.Diff(want, told(t, r.Head("v", "E"), fault.Usage)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// told are errors as a user reads them, each with its hint.
func told(t *testing.T, err error, kind fault.Kind) []string {
	t.Helper()
	var out []string
	for _, e := range fault.All(err) {
		typed, is := e.(*fault.Error)
		if !is || typed.Kind != kind {
			t.Fatalf("expected errors of kind %v, found %#v", kind, e)
		}
		out = append(out, strings.TrimSuffix(typed.Error()+" | "+typed.Hint, " | "))
	}
	return out
}
