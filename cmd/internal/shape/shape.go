// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package shape makes JSON Schemas of the suite's Go types and their comments, so
// that a schema says no more and no less than the program writes, or reads.
package shape

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// Maker makes schemas of types. The zero value makes those of files that are read
// strictly: no other fields than those of the type, and no nulls.
type Maker struct {
	// Comments describe fields; nil leaves descriptions out.
	Comments *Comments
	// Written is for what encoding/json writes: a pointer, a list or a mapping that is
	// never left out may be null, which means unknown. Fields may be added to it in
	// later versions, so that a schema does not forbid others.
	Written bool
	// Lenient is for files where a key may have no value in place of a mapping or list.
	Lenient bool
	// Defs takes the schemas of structs inside others, by the names of their types; with
	// nil they stand where they are used.
	Defs map[string]any
	// Short are the structs that a file may write as one value.
	Short map[reflect.Type]map[string]any
	// Optional are the fields ("Type.Field") that types always write and a file may
	// leave out.
	Optional []string
	// Refine adds to the schema of a field ("Type.Field") what its type cannot say.
	Refine func(id string, t reflect.Type, schema map[string]any)
}

// Document is the schema of a type with an apiVersion and a kind, as one document. The
// fields of the head, such as "$schema", are those of all.
func (m *Maker) Document(t reflect.Type, kind string, head map[string]any) ([]byte, error) {
	root, err := m.object(t)
	if err != nil {
		return nil, err
	}
	properties := root["properties"].(map[string]any)
	for name, value := range map[string]string{"apiVersion": api.Version, "kind": kind} {
		properties[name] = map[string]any{"type": "string", "enum": []string{value}}
	}
	maps.Copy(root, head)
	if len(m.Defs) > 0 {
		root["$defs"] = m.Defs
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(root)
	return out.Bytes(), err
}

// instant is written as text.
var instant = reflect.TypeFor[time.Time]()

func (m *Maker) of(t reflect.Type) (map[string]any, error) {
	if t == instant {
		return map[string]any{"type": "string", "format": "date-time"}, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.of(t.Elem())
	case reflect.Slice:
		return m.container("array", "items", t.Elem())
	case reflect.Map:
		return m.container("object", "additionalProperties", t.Elem())
	case reflect.Struct:
		return m.structure(t)
	case reflect.Bool:
		return map[string]any{"type": "boolean"}, nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return map[string]any{"type": "integer"}, nil
	case reflect.Float64:
		return map[string]any{"type": "number"}, nil
	case reflect.String:
		return map[string]any{"type": "string"}, nil
	}
	return map[string]any{}, nil // anything
}

// container is a list or a mapping of something.
func (m *Maker) container(kind, of string, elem reflect.Type) (map[string]any, error) {
	items, err := m.of(elem)
	if err != nil {
		return nil, err
	}
	if m.Written && elem.Kind() == reflect.Pointer || m.Lenient && collects(elem) {
		items = orNull(items)
	}
	return map[string]any{"type": kind, of: items}, nil
}

func (m *Maker) structure(t reflect.Type) (map[string]any, error) {
	if _, made := m.Defs[t.Name()]; !made {
		one, err := m.object(t)
		if err != nil {
			return nil, err
		}
		if short := m.Short[t]; short != nil {
			one = map[string]any{"oneOf": []any{short, one}}
		}
		if m.Defs == nil {
			return one, nil
		}
		if m.Comments != nil {
			about, err := m.Comments.Type(t)
			if err != nil {
				return nil, err
			}
			one["description"] = about
		}
		m.Defs[t.Name()] = one
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}, nil
}

// object is a mapping with the fields of the type.
func (m *Maker) object(t reflect.Type) (map[string]any, error) {
	properties := map[string]any{}
	required := []string{}
	if err := m.fields(t, properties, &required); err != nil {
		return nil, err
	}
	out := map[string]any{"type": "object", "properties": properties}
	if !m.Written {
		out["additionalProperties"] = false
	}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	return out, nil
}

func (m *Maker) fields(t reflect.Type, properties map[string]any, required *[]string) error {
	for f := range t.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if f.Anonymous {
			if err := m.fields(f.Type, properties, required); err != nil {
				return err
			}
			continue
		}
		one, err := m.of(f.Type)
		if err != nil {
			return err
		}
		always := !strings.Contains(rest, "omit")
		if m.Written && always && nillable(f.Type) || m.Lenient && collects(f.Type) {
			one = orNull(one)
		}
		id := t.Name() + "." + f.Name
		if m.Refine != nil {
			m.Refine(id, f.Type, one)
		}
		text, err := m.describe(t, f.Name)
		if err != nil {
			return err
		}
		if text != "" {
			one["description"] = text
		}
		properties[name] = one
		if always && !slices.Contains(m.Optional, id) {
			*required = append(*required, name)
		}
	}
	return nil
}

// nillable reports whether encoding/json may write null for a type.
func nillable(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map
}

// collects reports whether a value of the type is a mapping or a list.
func collects(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t != instant || t.Kind() == reflect.Slice || t.Kind() == reflect.Map
}

// orNull is a schema that takes null besides.
func orNull(schema map[string]any) map[string]any {
	if kind, is := schema["type"].(string); is {
		schema["type"] = []string{kind, "null"}
		return schema
	}
	if len(schema) == 0 {
		return schema // anything
	}
	return map[string]any{"anyOf": []any{schema, map[string]any{"type": "null"}}}
}

// describe is the comment of a field, with the fields of its type called as a file
// calls them.
func (m *Maker) describe(t reflect.Type, field string) (string, error) {
	if m.Comments == nil {
		return "", nil
	}
	text, err := m.Comments.Field(t, field)
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			text = regexp.MustCompile(`\b`+f.Name+`\b( [A-Z])?`).ReplaceAllStringFunc(text, func(found string) string {
				if found != f.Name { // it is a part of another name
					return found
				}
				return name
			})
		}
	}
	return text, err
}
