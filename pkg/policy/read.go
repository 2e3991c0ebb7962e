// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

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

// Read reads the ServiceIntents of a file, one a document. The namespace applies
// where a document names none. The error joins all that is wrong, each with its
// place and what may have been meant: unknown fields, values of the wrong type,
// ends and paths that cannot be. No intents come back with an error: half of
// them would be a lock-out.
func Read(file string, data []byte, namespace string) ([]api.ServiceIntents, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, err
	}
	var out []api.ServiceIntents
	var errs []error
	first := map[string]string{}
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		errs = append(errs, err)
		for _, o := range objects {
			one, err := readOne(o, namespace)
			errs = append(errs, err)
			if err != nil {
				continue
			}
			one.File = file
			of := one.Metadata.Namespace + "/" + one.Spec.Workload
			if where, twice := first[of]; twice {
				errs = append(errs, fault.Failedf("expected one %s for each workload, found another for %s; the first is at %s", api.KindServiceIntents, one.Spec.Workload, where).
					At(o.Where("/spec/workload")).Try("put the callers of both into one list"))
			}
			first[of] = o.Where("/spec/workload")
			out = append(out, one)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

func readOne(o *manifest.Object, namespace string) (api.ServiceIntents, error) {
	r := reader{at: o, places: map[string]string{}}
	if v, k := o.Value["apiVersion"], o.Value["kind"]; v != api.Version || k != api.KindServiceIntents {
		r.fail("/kind", fmt.Sprintf("apiVersion: %s\nkind: %s", api.Version, api.KindServiceIntents),
			"expected apiVersion %s and kind %s, found %v and %v", api.Version, api.KindServiceIntents, v, k)
		return api.ServiceIntents{}, errors.Join(r.errs...)
	}
	r.check(o.Value, reflect.TypeFor[api.ServiceIntents](), "")
	if err := errors.Join(r.errs...); err != nil {
		return api.ServiceIntents{}, err
	}
	var out api.ServiceIntents
	text, err := json.Marshal(o.Value)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil { // the types were checked; a number may still be too large
		r.fail("", "", "expected a %s", api.KindServiceIntents)
		return out, errors.Join(append(r.errs, err)...)
	}
	if out.Metadata.Namespace == "" {
		out.Metadata.Namespace = namespace
	}
	out.Places = r.places
	r.intents(&out)
	return out, errors.Join(r.errs...)
}

// reader compares what was read with the shape of the intents.
type reader struct {
	at     *manifest.Object
	places map[string]string
	errs   []error
}

func (r *reader) fail(pointer, hint, format string, args ...any) {
	err := fault.Failedf(format, args...).At(r.at.Where(pointer))
	err.Hint = hint
	r.errs = append(r.errs, err)
}

// adopt reports an error about a value at its place.
func (r *reader) adopt(pointer string, err error) {
	var typed *fault.Error
	if errors.As(err, &typed) {
		r.fail(pointer, typed.Hint, "%s", typed.Message)
	}
}

// check reports the fields that a Go type does not have and the values of other
// types, and notes the places of all values.
func (r *reader) check(value any, want reflect.Type, pointer string) {
	r.places[pointer] = r.at.Where(pointer)
	if value == nil {
		r.fail(pointer, "leave the field out, or write [] for an empty list", "expected a value%s, found nothing", of(pointer))
		return
	}
	switch want.Kind() {
	case reflect.Pointer:
		r.check(value, want.Elem(), pointer)
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
	case reflect.Int32:
		if n, ok := value.(int64); !ok || n < 1 || n > 65535 {
			r.mismatch("a port from 1 to 65535", value, pointer)
		}
	default:
		if _, ok := value.(string); !ok {
			r.mismatch("text", value, pointer)
		}
	}
}

func (r *reader) mismatch(want string, value any, pointer string) {
	r.fail(pointer, "", "expected %s%s, found %s", want, of(pointer), describe(value))
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
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return fmt.Sprintf("the text %q", v)
	}
	return fmt.Sprint(v)
}
