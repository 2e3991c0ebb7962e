// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/explain"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
)

// obvious are fields that need no explanation.
var obvious = []string{"apiVersion", "kind", "metadata.name", "metadata.namespace"}

// leaves are the paths of the values in an object, without indexes.
func leaves(value any, at string, out map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			leaves(below, strings.TrimPrefix(at+"."+key, "."), out)
		}
	case []any:
		for _, item := range value {
			leaves(item, at, out)
		}
	default:
		out[at] = true
	}
}

// Each field of the gold manifest has an entry, of its kind or of all.
func TestGoldIsExplained(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "app", "testdata", "gold.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := manifest.Split("gold.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"Deployment": explain.Workload}
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			paths := map[string]bool{}
			leaves(o.Value, "", paths)
			kind := o.Value["kind"].(string)
			if named := kinds[kind]; named != "" {
				kind = named
			}
			for _, path := range slices.Sorted(maps.Keys(paths)) {
				if plain := explain.Plain(path); !slices.Contains(obvious, path) && !hasEntry(kind, plain, path) {
					t.Errorf("%s: %s has no entry", kind, plain)
				}
			}
		}
	}
}

// hasEntry reports whether a field, or what it is in, is explained.
func hasEntry(kind string, paths ...string) bool {
	return slices.ContainsFunc(explain.Fields(), func(f explain.Field) bool {
		return (f.Kind == kind || f.Kind == explain.Any) && slices.ContainsFunc(paths, func(path string) bool {
			return strings.HasPrefix(path+".", f.Path+".")
		})
	})
}

// What an entry says to change is there: the rules, and the fields of micro.yaml.
func TestEntriesAreTrue(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range explain.Fields() {
		if seen[f.Kind+f.Path] {
			t.Errorf("%s of %s is there twice", f.Path, f.Kind)
		}
		seen[f.Kind+f.Path] = true
		if f.Writes == "" || f.Why == "" || len(f.Flags)+len(f.File) == 0 {
			t.Errorf("%s says too little", f.Path)
		}
		for _, text := range []string{f.Writes, f.Why} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: expected sentences, found %q", f.Path, text)
			}
		}
		for _, id := range f.Rules {
			if _, known := catalog.Rule(id); !known {
				t.Errorf("%s: %s is no rule", f.Path, id)
			}
		}
		for _, field := range f.File {
			if !inSystem(reflect.TypeFor[api.System](), strings.Split(field, ".")) {
				t.Errorf("%s: micro.yaml has no field %s", f.Path, field)
			}
		}
	}
}

// inSystem reports whether a type has a field by its name in JSON.
func inSystem(in reflect.Type, path []string) bool {
	for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice {
		in = in.Elem()
	}
	switch {
	case len(path) == 0:
		return true
	case in.Kind() == reflect.Map:
		return inSystem(in.Elem(), path[1:])
	case in.Kind() != reflect.Struct:
		return false
	}
	for i := range in.NumField() {
		name, _, _ := strings.Cut(in.Field(i).Tag.Get("json"), ",")
		if name == path[0] {
			return inSystem(in.Field(i).Type, path[1:])
		}
	}
	return false
}

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		asked string
		want  []string
		near  []string
	}{
		{asked: "spec.template.spec.containers.securityContext.runAsUser", want: []string{"container.securityContext"}},
		{asked: "spec.template.spec.containers[0].livenessProbe.httpGet.path", want: []string{"container.livenessProbe"}},
		{asked: "/spec/jobTemplate/spec/template/spec/containers/0/image", want: []string{"container.image"}},
		{asked: "spec.template.spec.securityContext", want: []string{"podSpec.securityContext"}},
		{asked: "preStop", want: []string{"container.lifecycle.preStop"}},
		{asked: "TOPOLOGYSPREADCONSTRAINTS", want: []string{"podSpec.topologySpreadConstraints"}},
		{asked: "securityContext", want: []string{"podSpec.securityContext", "container.securityContext"}},
		{asked: "spec.replicas", want: []string{"spec.replicas"}},
		{asked: "topologySpreadConstrains", near: []string{"topologySpreadConstraints", "podSpec.topologySpreadConstraints"}},
		{asked: "spec.nonsense"},
		{asked: ""},
	} {
		found, near := explain.Lookup(c.asked)
		var got []string
		for _, f := range found {
			got = append(got, f.Path)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.asked, diff)
		}
		if c.near != nil && (len(near) == 0 || near[0] != c.near[0]) {
			t.Errorf("%s: near are %v", c.asked, near)
		}
	}
}
