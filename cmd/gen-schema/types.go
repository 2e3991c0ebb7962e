// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

// addTypes adds the fields and kinds that the Go types of k8s.io/api have beyond
// the OpenAPI document, which is that of an older release: a new field must not
// be called unknown. Nothing that is there is changed.
func addTypes(known map[string]openapi) {
	types := scheme.Scheme.AllKnownTypes()
	seen := map[reflect.Type]bool{}
	for gvk, t := range types {
		if !strings.HasPrefix(t.PkgPath(), "k8s.io/api/") || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		addType(known, t, seen)
		if s := known[definitionName(t)]; len(s.Kinds) == 0 && hasMeta(t) && served(known, gvk.Group, gvk.Version) {
			s.Kinds = []groupVersionKind{{gvk.Group, gvk.Version, gvk.Kind}}
			known[definitionName(t)] = s
		}
	}
}

// served tells whether the document has any kind of a version. The Go types
// include versions that were removed long ago.
func served(known map[string]openapi, group, version string) bool {
	for _, s := range known {
		for _, gvk := range s.Kinds {
			if gvk.Group == group && gvk.Version == version && !slices.Contains(requests, gvk.Kind) {
				return true
			}
		}
	}
	return false
}

func hasMeta(t reflect.Type) bool {
	_, has := t.FieldByName("ObjectMeta")
	return has
}

// definitionName is the name of a Go type in the document: "k8s.io/api/core/v1"
// Pod is io.k8s.api.core.v1.Pod.
func definitionName(t reflect.Type) string {
	path, isKubernetes := strings.CutPrefix(t.PkgPath(), "k8s.io/")
	if !isKubernetes {
		return ""
	}
	return "io.k8s." + strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

func addType(known map[string]openapi, t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	name := definitionName(t)
	s, has := known[name]
	if has && len(s.Properties) == 0 {
		return // a type with its own JSON form
	}
	if !has {
		s = openapi{Type: "object"}
	}
	s.Properties = maps.Clone(s.Properties)
	if s.Properties == nil {
		s.Properties = map[string]openapi{}
	}
	for field, of := range jsonFields(t) {
		schema := fieldSchema(known, of, seen)
		if _, there := s.Properties[field]; !there {
			s.Properties[field] = schema
		}
	}
	known[name] = s
}

// jsonFields are the fields of a struct by their names in JSON, with those of
// the structs that are inlined.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			maps.Copy(fields, jsonFields(indirect(f.Type)))
		case name != "":
			fields[name] = f.Type
		}
	}
	return fields
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func fieldSchema(known map[string]openapi, t reflect.Type, seen map[reflect.Type]bool) openapi {
	t = indirect(t)
	switch t.Kind() {
	case reflect.String:
		return openapi{Type: "string"}
	case reflect.Bool:
		return openapi{Type: "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return openapi{Type: "integer"}
	case reflect.Float32, reflect.Float64:
		return openapi{Type: "number"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return openapi{Type: "string"}
		}
		items := fieldSchema(known, t.Elem(), seen)
		return openapi{Type: "array", Items: &items}
	case reflect.Map:
		values := fieldSchema(known, t.Elem(), seen)
		return openapi{Type: "object", Values: additional{&values}}
	case reflect.Struct:
		name := definitionName(t)
		if name == "" {
			return openapi{}
		}
		addType(known, t, seen)
		return openapi{Ref: refPrefix + name}
	}
	return openapi{}
}
