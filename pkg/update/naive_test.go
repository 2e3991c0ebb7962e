// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// naive merges decoded values as simply as can be said, to compare with: maps by
// key, lists by the keys of their items, the rest as a whole. Nil is no value.
func naive(path string, base, user, generated any, wins string) any {
	switch {
	case reflect.DeepEqual(user, generated), reflect.DeepEqual(base, generated):
		return user
	case reflect.DeepEqual(base, user):
		return generated
	}
	if u, g, ok := two[map[string]any](user, generated); ok {
		b, _ := base.(map[string]any)
		return naiveMap(path, b, u, g, wins)
	}
	if u, g, ok := two[[]any](user, generated); ok {
		b, _ := base.([]any)
		bs, us, gs := byKey(path, b), byKey(path, u), byKey(path, g)
		if bs != nil && us != nil && gs != nil {
			out := []any{}
			for _, v := range naiveMap(path, bs, us, gs, wins) {
				out = append(out, v)
			}
			return out
		}
	}
	if wins == "generated" {
		return generated
	}
	return user
}

func two[T any](a, b any) (x, y T, ok bool) {
	x, isX := a.(T)
	y, isY := b.(T)
	return x, y, isX && isY
}

func naiveMap(path string, base, user, generated map[string]any, wins string) map[string]any {
	out := map[string]any{}
	for _, side := range []map[string]any{user, generated} {
		for key := range side {
			if v := naive(path+"/"+key, base[key], user[key], generated[key], wins); v != nil {
				out[key] = v
			}
		}
	}
	return out
}

// byKey are the items of a list by their keys; nil if they have none.
func byKey(path string, list []any) map[string]any {
	field := path[strings.LastIndexByte(path, '/')+1:]
	names := map[string]string{
		"containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath",
		"topologySpreadConstraints": "topologyKey whenUnsatisfiable", "imagePullSecrets": "name", "listeners": "name", "hostAliases": "ip",
	}[field]
	switch {
	case path == "Service/spec/ports":
		names = "port protocol"
	case field == "ports":
		names = "containerPort protocol"
	}
	if names == "" {
		return nil
	}
	out := map[string]any{}
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil
		}
		key := ""
		for name := range strings.FieldsSeq(names) {
			v := m[name]
			if v == nil && name == "protocol" {
				v = "TCP"
			}
			if v == nil {
				return nil
			}
			key += fmt.Sprint(v) + " "
		}
		if out[key] != nil {
			return nil
		}
		out[key] = item
	}
	return out
}

// sorted sorts the lists whose items have keys, whose order is no matter of
// naive.
func sorted(path string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, child := range v {
			out[key] = sorted(path+"/"+key, child)
		}
		return out
	case []any:
		out := []any{}
		keys := byKey(path, v)
		for _, item := range v {
			out = append(out, sorted(path+"/item", item))
		}
		if keys != nil {
			slices.SortFunc(out, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return out
	}
	return v
}

// object is one of a file.
type object struct {
	value any
	text  string
}

func (o object) kind() string { return fmt.Sprint(o.value.(map[string]any)["kind"]) }

// parse returns the objects of a text by what tells them apart, with another
// reader than the one that is tested.
func parse(t *testing.T, path, text string) map[string]object {
	t.Helper()
	out, err := tryParse(text)
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, text)
	}
	return out
}

func tryParse(text string) (map[string]object, error) {
	out := map[string]object{}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for doc := range strings.SplitSeq("\n"+text, "\n---\n") {
		var v map[string]any
		if err := yaml.UnmarshalStrict([]byte(doc), &v); err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		meta, _ := v["metadata"].(map[string]any)
		group, _, grouped := strings.Cut(fmt.Sprint(v["apiVersion"]), "/")
		if !grouped {
			group = ""
		}
		key := fmt.Sprint(group, " ", v["kind"], " ", meta["namespace"], " ", meta["name"])
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%s twice", key)
		}
		out[key] = object{v, strings.TrimSpace(doc)}
	}
	return out, nil
}
