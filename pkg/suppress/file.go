// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// kind is the one of the file.
const kind = "Config"

// ReadConfig reads a .kubectl-micro.yaml. An empty one is an empty config. The
// error joins all that is wrong, each with its place: unknown keys and values of
// the wrong type among them.
func ReadConfig(file string, data []byte) (*api.Config, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, err
	}
	docs := slices.DeleteFunc(stream.Docs, (*manifest.Document).Blank)
	switch len(docs) {
	case 0:
		return &api.Config{TypeMeta: api.Type(kind), File: file}, nil
	case 1:
	default:
		return nil, fault.Failedf("expected one document of kind %s, found %d", kind, len(docs)).At(fmt.Sprintf("%s:%d", file, docs[1].Line))
	}
	d := docs[0]
	if _, err := d.Objects(); err != nil && !errors.Is(err, manifest.ErrNotObject) {
		return nil, err // otherwise it is no object of a cluster, which it need not be
	}
	var value any
	if err := yaml.Unmarshal(d.Bytes(), &value); err != nil {
		return nil, fault.Failedf("expected YAML").At(file).Because(err)
	}
	r := reader{at: manifest.Object{Doc: d}, places: map[string]string{}}
	r.check(value, reflect.TypeFor[api.Config](), "")
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	config := &api.Config{}
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, config)
	}
	if err != nil { // the types were checked
		return nil, fault.Failedf("expected a document of kind %s", kind).At(file).Because(err)
	}
	config.File, config.Places = file, r.places
	r.values(config)
	return config, errors.Join(r.errs...)
}

// reader compares what was read with the shape of the config.
type reader struct {
	at     manifest.Object
	places map[string]string
	errs   []error
}

func (r *reader) fail(pointer, hint, format string, args ...any) {
	err := fault.Failedf(format, args...).At(r.at.Where(pointer))
	err.Hint = hint
	r.errs = append(r.errs, err)
}

// check reports the keys that a Go type does not have and the values of other
// types, and notes the places of all values.
func (r *reader) check(value any, want reflect.Type, pointer string) {
	r.places[pointer] = r.at.Where(pointer)
	switch want.Kind() {
	case reflect.Struct:
		if m, ok := r.mapping(value, pointer); ok {
			r.fields(m, want, pointer)
		}
	case reflect.Map:
		if m, ok := r.mapping(value, pointer); ok {
			for _, key := range slices.Sorted(maps.Keys(m)) {
				r.check(m[key], want.Elem(), patch.Join(pointer, key))
			}
		}
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok && value != nil {
			r.fail(pointer, "", "expected a list%s, found %s", of(pointer), describe(value))
		}
		for i, item := range items {
			r.check(item, want.Elem(), fmt.Sprintf("%s/%d", pointer, i))
		}
	default:
		if _, ok := value.(string); !ok {
			r.fail(pointer, "", "expected text%s, found %s", of(pointer), describe(value))
		}
	}
}

// mapping returns a value as one; nothing at all is an empty one.
func (r *reader) mapping(value any, pointer string) (map[string]any, bool) {
	m, ok := value.(map[string]any)
	if !ok && value != nil {
		r.fail(pointer, "", "expected a mapping%s, found %s", of(pointer), describe(value))
	}
	return m, ok
}

func (r *reader) fields(m map[string]any, want reflect.Type, pointer string) {
	known := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(want) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			known[name] = f.Type
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := patch.Join(pointer, key)
		if t, is := known[key]; is {
			r.check(m[key], t, at)
			continue
		}
		names := slices.Sorted(maps.Keys(known))
		hint := ""
		if near := ref.Closest(key, names); len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
		r.fail(at, hint, "expected one of %s%s, found %s", strings.Join(names, ", "), of(pointer), key)
	}
}

// values checks what a type cannot say. Words that mean no rule and dates that
// are none are findings and no errors: the other suppressions still hold.
func (r *reader) values(c *api.Config) {
	if c.APIVersion != api.Version || c.Kind != kind {
		r.fail("", fmt.Sprintf("apiVersion: %s\nkind: %s", api.Version, kind),
			"expected apiVersion %s and kind %s, found %q and %q", api.Version, kind, c.APIVersion, c.Kind)
	}
	for _, word := range slices.Sorted(maps.Keys(c.Diagnose.Severities)) {
		var s finding.Severity
		if err := s.UnmarshalText([]byte(c.Diagnose.Severities[word])); err != nil {
			r.fail(patch.Join("/diagnose/severities", word), "", "expected info, warning or error for %s, found %q", word, c.Diagnose.Severities[word])
		}
	}
	for i, x := range c.Diagnose.Ignore {
		pointer := fmt.Sprintf("/diagnose/ignore/%d", i)
		if len(x.Rules) == 0 {
			r.fail(pointer, "rules: [KM3004]", "expected at least one rule in rules, found none")
		}
		for _, field := range []struct{ name, glob string }{{"kind", x.Kind}, {"namespace", x.Namespace}, {"name", x.Name}} {
			if _, err := path.Match(field.glob, ""); err != nil {
				r.fail(patch.Join(pointer, field.name), "", "expected a name or a glob in %s, found %q", field.name, field.glob)
			}
		}
		if _, err := labels.Parse(x.Labels); err != nil {
			r.fail(pointer+"/labels", "", "expected a selector such as app=cart,tier!=db in labels, found %q", x.Labels)
		}
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
