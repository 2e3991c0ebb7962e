// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Read reads the one System of an app file. The error joins all that cannot be
// read, each of kind Usage with its file, line and column, and what may have been
// meant: unknown fields, values of other types, what is there twice. What the
// values say is for [Generate] to check.
func Read(file string, data []byte) (api.System, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return api.System{}, err
	}
	var systems []*manifest.Object
	var errs []error
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		for _, e := range fault.All(err) {
			errs = append(errs, asUsage(e))
		}
		systems = append(systems, objects...)
	}
	if len(errs) == 0 && len(systems) != 1 {
		errs = append(errs, fault.Usagef("expected one %s, found %d", api.KindSystem, len(systems)).At(file+":1:1").
			Try("apiVersion: %s\nkind: %s\nmetadata:\n  name: shop", api.Version, api.KindSystem))
	}
	if len(errs) > 0 {
		return api.System{}, errors.Join(errs...)
	}
	return read(systems[0])
}

// asUsage makes a broken app file what it is: a mistake of who wrote it.
func asUsage(err error) error {
	var typed *fault.Error
	if !errors.As(err, &typed) {
		return err
	}
	out := *typed
	out.Kind = fault.Usage
	return &out
}

func read(o *manifest.Object) (api.System, error) {
	r := reader{at: o, places: map[string]string{}}
	if v, k := o.Value["apiVersion"], o.Value["kind"]; v != api.Version || k != api.KindSystem {
		r.fail("/kind", fmt.Sprintf("apiVersion: %s\nkind: %s", api.Version, api.KindSystem),
			"expected apiVersion %s and kind %s, found %v and %v", api.Version, api.KindSystem, v, k)
		return api.System{}, errors.Join(r.errs...)
	}
	r.check(o.Value, reflect.TypeFor[api.System](), "")
	if len(r.errs) > 0 {
		return api.System{}, errors.Join(r.errs...)
	}
	var out api.System
	text, err := json.Marshal(o.Value)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil { // the types were checked before
		return api.System{}, fault.Wrap(fault.Usage, err, "%s: expected a %s", o.Where(""), api.KindSystem)
	}
	out.Places = r.places
	return out, nil
}

// reader holds what was read against the Go types of an app file.
type reader struct {
	at     *manifest.Object
	places map[string]string
	errs   []error
}

func (r *reader) fail(pointer, hint, format string, args ...any) {
	err := fault.Usagef(format, args...).At(r.at.Where(pointer))
	err.Hint = hint
	r.errs = append(r.errs, err)
}

// short are the types that a file may write as one value.
var short = map[reflect.Type]reflect.Kind{
	reflect.TypeFor[api.SystemPort](): reflect.Int32,
	reflect.TypeFor[api.Dependency](): reflect.String,
}

func (r *reader) check(value any, want reflect.Type, pointer string) {
	r.places[pointer] = r.at.Where(pointer)
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	if kind, has := short[want]; has {
		if _, long := value.(map[string]any); !long {
			r.scalar(value, kind, pointer)
			return
		}
	}
	switch want.Kind() {
	case reflect.Struct:
		if m, ok := value.(map[string]any); ok {
			r.fields(m, want, pointer)
			return
		}
		r.mismatch("a mapping", value, pointer)
	case reflect.Map:
		m, ok := value.(map[string]any)
		if !ok {
			r.mismatch("a mapping", value, pointer)
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			r.check(m[key], want.Elem(), patch.Join(pointer, key))
		}
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok {
			r.mismatch("a list", value, pointer)
		}
		for i, item := range items {
			r.check(item, want.Elem(), fmt.Sprintf("%s/%d", pointer, i))
		}
	default:
		r.scalar(value, want.Kind(), pointer)
	}
}

func (r *reader) scalar(value any, want reflect.Kind, pointer string) {
	switch want {
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			r.mismatch("true or false", value, pointer)
		}
	case reflect.Int32:
		if n, ok := value.(int64); !ok || n != int64(int32(n)) {
			r.mismatch("a whole number", value, pointer)
		}
	default:
		if _, ok := value.(string); ok {
			return
		}
		switch value.(type) {
		case int64, float64, bool:
			r.fail(pointer, fmt.Sprintf("write it in quotes: '%v'", value), "expected text%s, found %v", of(pointer), value)
		default:
			r.mismatch("text", value, pointer)
		}
	}
}

func (r *reader) mismatch(want string, value any, pointer string) {
	hint := ""
	if value == nil {
		hint = "leave the field out"
	}
	r.fail(pointer, hint, "expected %s%s, found %s", want, of(pointer), describe(value))
}

func (r *reader) fields(m map[string]any, want reflect.Type, pointer string) {
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
		hint := ""
		if near := ref.Closest(key, names); len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
		r.fail(at, hint, "expected one of %s%s, found %s", strings.Join(names, ", "), of(pointer), key)
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
