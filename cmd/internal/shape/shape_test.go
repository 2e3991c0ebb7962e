// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

type inner struct {
	Name string `json:"name"`
}

type outer struct {
	api.TypeMeta
	Count *int             `json:"count"`
	Maybe *int             `json:"maybe,omitempty"`
	Ends  []*float64       `json:"ends"`
	One   *inner           `json:"one"`
	Named map[string]inner `json:"named,omitempty"`
	At    time.Time        `json:"at"`
	Any   any              `json:"any,omitempty"`
	Local string           `json:"-"`
}

// TestDocument has what is written, what is read strictly and what is read leniently.
func TestDocument(t *testing.T) {
	head := map[string]any{"title": "Outer"}
	for _, c := range []struct {
		name string
		m    Maker
		want string
	}{
		{"written", Maker{Written: true, Defs: map[string]any{}}, `{
			"$defs": {"inner": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
			"title": "Outer", "type": "object", "required": ["apiVersion", "at", "count", "ends", "kind", "one"],
			"properties": {
				"apiVersion": {"type": "string", "enum": ["kubectl-micro.dev/v1alpha1"]}, "kind": {"type": "string", "enum": ["Outer"]},
				"count": {"type": ["integer", "null"]}, "maybe": {"type": "integer"},
				"ends": {"type": ["array", "null"], "items": {"type": ["number", "null"]}},
				"one": {"anyOf": [{"$ref": "#/$defs/inner"}, {"type": "null"}]},
				"named": {"type": "object", "additionalProperties": {"$ref": "#/$defs/inner"}},
				"at": {"type": "string", "format": "date-time"}, "any": {}}}`},
		{"read", Maker{Optional: []string{"outer.At"}}, `{
			"title": "Outer", "type": "object", "additionalProperties": false, "required": ["apiVersion", "count", "ends", "kind", "one"],
			"properties": {
				"apiVersion": {"type": "string", "enum": ["kubectl-micro.dev/v1alpha1"]}, "kind": {"type": "string", "enum": ["Outer"]},
				"count": {"type": "integer"}, "maybe": {"type": "integer"}, "ends": {"type": "array", "items": {"type": "number"}},
				"one": {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}, "required": ["name"]},
				"named": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}, "required": ["name"]}},
				"at": {"type": "string", "format": "date-time"}, "any": {}}}`},
		{"lenient, with a short form", Maker{
			Lenient: true, Defs: map[string]any{}, Short: map[reflect.Type]map[string]any{reflect.TypeFor[inner](): {"type": "string"}},
			Refine: func(id string, _ reflect.Type, schema map[string]any) {
				if id == "outer.Count" {
					schema["minimum"] = 1
				}
			},
		}, `{
			"$defs": {"inner": {"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}, "required": ["name"]}]}},
			"title": "Outer", "type": "object", "additionalProperties": false, "required": ["apiVersion", "at", "count", "ends", "kind", "one"],
			"properties": {
				"apiVersion": {"type": "string", "enum": ["kubectl-micro.dev/v1alpha1"]}, "kind": {"type": "string", "enum": ["Outer"]},
				"count": {"type": "integer", "minimum": 1}, "maybe": {"type": "integer"}, "ends": {"type": ["array", "null"], "items": {"type": "number"}},
				"one": {"anyOf": [{"$ref": "#/$defs/inner"}, {"type": "null"}]},
				"named": {"type": ["object", "null"], "additionalProperties": {"anyOf": [{"$ref": "#/$defs/inner"}, {"type": "null"}]}},
				"at": {"type": "string", "format": "date-time"}, "any": {}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := c.m.Document(reflect.TypeFor[outer](), "Outer", head)
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestComments reads those of pkg/api, and calls fields as files do.
func TestComments(t *testing.T) {
	c := &Comments{Root: "../../.."}
	about, err := c.Type(reflect.TypeFor[api.Ignore]())
	if want := "Ignore says which findings do not count. What is empty means all there are."; err != nil || about != want {
		t.Errorf("got %q, %v; want %q", about, err, want)
	}
	m := Maker{Comments: c}
	got, err := m.describe(reflect.TypeFor[api.Ignore](), "Namespace")
	if want := "namespace and name are globs."; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := c.Field(reflect.TypeFor[time.Time](), "wall"); err != nil || got != "" {
		t.Errorf("of another module: %q, %v", got, err)
	}
	if _, err := (&Comments{Root: t.TempDir()}).Type(reflect.TypeFor[api.Ignore]()); err == nil {
		t.Error("a repository without sources is no error")
	}
}
