// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package strict holds documents of the suite's own kinds against their Go types:
// fields that a type does not have and values of other types are errors with
// their place and what may have been meant, all of them at once. A document that
// is read in part could lock somebody out.
package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Reader reads one document. Fields are found by their json tags; types are made
// of structs, maps, slices, pointers, text, bool, int32 and any.
type Reader struct {
	// At is the document.
	At *manifest.Object
	// Kind is that of the errors.
	Kind fault.Kind
	// Lenient takes nothing at all for an empty mapping or list.
	Lenient bool
	// Short are the structs that a document may write as one value, with its kind.
	Short map[reflect.Type]reflect.Kind
	// Places are where the values stand, by their JSON Pointers: "file:line:column".
	Places map[string]string

	errs []error
}

// Decode checks a value against the type of into and fills that in. The error
// joins all that is wrong; into is as it was then.
func (r *Reader) Decode(value, into any) error {
	r.Places = map[string]string{}
	r.check(value, reflect.TypeOf(into).Elem(), "")
	if err := r.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil { // the types were checked
		return fault.New(r.Kind, "expected a document of another form").At(r.At.Where("")).Because(err)
	}
	return nil
}

// Fail adds an error about the value at a JSON Pointer; the hint may be empty.
func (r *Reader) Fail(pointer, hint, format string, args ...any) {
	err := fault.New(r.Kind, format, args...).At(r.At.Where(pointer))
	err.Hint = hint
	r.errs = append(r.errs, err)
}

// Err joins the errors so far; nil without any.
func (r *Reader) Err() error { return errors.Join(r.errs...) }

// Head checks what kind of document it is, which an object of a cluster tells
// before anything else.
func (r *Reader) Head(version, kind string) error {
	if v, k := r.At.Value["apiVersion"], r.At.Value["kind"]; v != version || k != kind {
		r.Fail("/kind", fmt.Sprintf("apiVersion: %s\nkind: %s", version, kind),
			"expected apiVersion %s and kind %s, found %s and %s", version, kind, word(v), word(k))
	}
	return r.Err()
}

// word is a value of a head: "none" where there is nothing.
func word(v any) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v)
}

// check reports what does not fit a type, and notes the places of all values.
func (r *Reader) check(value any, want reflect.Type, pointer string) {
	r.Places[pointer] = r.At.Where(pointer)
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	if kind, has := r.Short[want]; has {
		if _, long := value.(map[string]any); !long {
			r.scalar(value, kind, pointer)
			return
		}
	}
	switch want.Kind() {
	case reflect.Struct:
		if m, ok := r.mapping(value, pointer); ok {
			r.fields(m, want, pointer)
		}
	case reflect.Map:
		m, _ := r.mapping(value, pointer)
		for _, key := range slices.Sorted(maps.Keys(m)) {
			r.check(m[key], want.Elem(), patch.Join(pointer, key))
		}
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok && (value != nil || !r.Lenient) {
			r.mismatch("a list", value, pointer)
		}
		for i, item := range items {
			r.check(item, want.Elem(), fmt.Sprintf("%s/%d", pointer, i))
		}
	case reflect.Interface: // takes anything
	default:
		r.scalar(value, want.Kind(), pointer)
	}
}

// mapping returns a value as one.
func (r *Reader) mapping(value any, pointer string) (map[string]any, bool) {
	m, ok := value.(map[string]any)
	if !ok && value == nil && r.Lenient {
		return nil, true
	}
	if !ok {
		r.mismatch("a mapping", value, pointer)
	}
	return m, ok
}

func (r *Reader) scalar(value any, want reflect.Kind, pointer string) {
	switch want {
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			r.mismatch("true or false", value, pointer)
		}
	case reflect.Int32:
		switch n, ok := value.(int64); {
		case !ok:
			r.mismatch("a whole number", value, pointer)
		case n != int64(int32(n)):
			r.mismatch(fmt.Sprintf("a whole number from %d to %d", math.MinInt32, math.MaxInt32), value, pointer)
		}
	default:
		if _, ok := value.(string); !ok {
			r.mismatch("text", value, pointer)
		}
	}
}

func (r *Reader) mismatch(want string, value any, pointer string) {
	hint := ""
	switch value.(type) {
	case nil:
		hint = "leave the field out"
		if want == "a list" {
			hint += ", or write [] for an empty list"
		}
	case int64, float64, bool:
		if want == "text" {
			hint = fmt.Sprintf("write it in quotes: '%v'", value)
		}
	}
	r.Fail(pointer, hint, "expected %s%s, found %s", want, of(pointer), describe(value))
}

func (r *Reader) fields(m map[string]any, want reflect.Type, pointer string) {
	known := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(want) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			known[name] = f.Type
		}
	}
	names := slices.Sorted(maps.Keys(known))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := patch.Join(pointer, key)
		if t, is := known[key]; is {
			r.check(m[key], t, at)
			continue
		}
		if near := ref.Closest(key, names); len(near) > 0 { // a list of all would hide it
			r.Fail(at, "did you mean "+near[0]+"?", "expected a known field%s, found %s", of(pointer), key)
			continue
		}
		r.Fail(at, "", "expected one of %s%s, found %s", strings.Join(names, ", "), of(pointer), key)
	}
}

// of names a place for people.
func of(pointer string) string {
	if pointer == "" {
		return " at the top"
	}
	return " in " + strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return fmt.Sprintf("the text %q", v)
	}
	return fmt.Sprint(v)
}
