// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// openapi is what is read of an OpenAPI schema, of version 2 (Kubernetes) or 3
// (CRDs). What is left out, such as patterns and oneOf, only ever forbids more, so
// a checker without it reports less, never something wrong.
type openapi struct {
	Ref         string             `json:"$ref"`
	Type        string             `json:"type"`
	Format      string             `json:"format"`
	Properties  map[string]openapi `json:"properties"`
	Required    []string           `json:"required"`
	Items       *openapi           `json:"items"`
	Values      additional         `json:"additionalProperties"`
	Enum        []any              `json:"enum"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	Nullable    bool               `json:"nullable"`
	IntOrString bool               `json:"x-kubernetes-int-or-string"`
	Open        bool               `json:"x-kubernetes-preserve-unknown-fields"`
	Embedded    bool               `json:"x-kubernetes-embedded-resource"`
	Kinds       []groupVersionKind `json:"x-kubernetes-group-version-kind"`
}

type groupVersionKind struct{ Group, Version, Kind string }

func (g groupVersionKind) apiVersion() string {
	if g.Group == "" {
		return g.Version
	}
	return g.Group + "/" + g.Version
}

// additional is the additionalProperties of a schema: a schema or a boolean.
type additional struct{ schema *openapi }

// UnmarshalJSON takes true as "anything".
func (a *additional) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "false", "null":
		return nil
	case "true":
		a.schema = &openapi{}
		return nil
	}
	a.schema = &openapi{}
	return json.Unmarshal(data, a.schema)
}

// resolver turns schemas into shapes. Built-in schemas refer to each other by
// name; those of CRDs are complete.
type resolver struct {
	table   *table
	builtin map[string]openapi
	done    map[string]int
	roots   []string // the type of each kind of the table
}

// quantity is the one built-in type whose published schema is narrower than what
// the API server reads: numbers are taken as well.
const quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"

const refPrefix = "#/definitions/"

func (r *resolver) node(s openapi) int {
	if s.Ref != "" {
		return r.named(strings.TrimPrefix(s.Ref, refPrefix))
	}
	switch {
	case s.IntOrString || s.Format == "int-or-string":
		return r.table.node("x")
	case s.Embedded:
		return r.table.node("a")
	}
	switch s.Type {
	case "object":
		return r.object(s)
	case "array":
		if s.Items == nil {
			return r.table.node("a")
		}
		return r.table.node("l", strconv.Itoa(r.node(*s.Items)))
	case "string":
		if values := texts(s.Enum); len(values) > 0 {
			return r.table.node(append([]string{"e"}, values...)...)
		}
		return r.table.node("s")
	case "boolean":
		return r.table.node("b")
	case "number":
		return r.table.node("n")
	case "integer":
		low, high := s.limits()
		if low == nil && high == nil {
			return r.table.node("i")
		}
		return r.table.node("i", bound(low), bound(high))
	}
	return r.table.node("a")
}

// named returns the shape of a built-in type. A type that contains itself (the
// schemas within CRDs) is not looked into.
func (r *resolver) named(name string) int {
	if name == quantity {
		return r.table.node("q")
	}
	if n, known := r.done[name]; known {
		return n
	}
	r.done[name] = r.table.node("a")
	r.done[name] = r.node(r.builtin[name])
	return r.done[name]
}

func (r *resolver) object(s openapi) int {
	o := object{open: s.Open, fields: map[string]int{}, values: -1}
	if s.Values.schema != nil {
		o.values = r.node(*s.Values.schema)
	}
	// A built-in object without fields is one of free form.
	if len(s.Properties) == 0 && r.builtin != nil {
		o.open = true
	}
	for _, name := range sortedKeys(s.Properties) {
		o.fields[name] = r.node(s.Properties[name])
	}
	for _, name := range s.Required {
		if property, has := s.Properties[name]; has && !property.Nullable {
			o.required = append(o.required, name)
		}
	}
	return r.table.object(o)
}

// texts returns the values of an enumeration of strings; null, which stands for
// a nullable field, is left out. With any other value there is no enumeration.
func texts(enum []any) []string {
	var values []string
	for _, v := range enum {
		text, ok := v.(string)
		if !ok && v != nil {
			return nil
		}
		if ok {
			values = append(values, text)
		}
	}
	return values
}

// limits are the bounds of a whole number: those that are written, or else those of
// its format, beyond which no server can keep it.
func (s openapi) limits() (low, high *float64) {
	low, high = s.Minimum, s.Maximum
	if s.Format == "int32" {
		low, high = cmp.Or(low, new(float64(math.MinInt32))), cmp.Or(high, new(float64(math.MaxInt32)))
	}
	return low, high
}

func bound(limit *float64) string {
	if limit == nil {
		return "-"
	}
	return strconv.FormatFloat(*limit, 'f', -1, 64)
}

// sortedKeys makes the numbers of shapes the same in every run.
func sortedKeys(m map[string]openapi) []string { return slices.Sorted(maps.Keys(m)) }
