// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge3"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
)

type object = map[string]any

// deployment has one value for each of the slots that somebody may change; nil
// leaves it out.
func deployment(slots object) object {
	without := func(m object) object {
		for key, v := range m {
			if v == nil {
				delete(m, key)
			}
		}
		return m
	}
	items := func(list ...any) []any {
		return slices.DeleteFunc(list, func(v any) bool { return v == nil })
	}
	item := func(slot, key string, more object) any {
		if slots[slot] == nil {
			return nil
		}
		out := object{"name": slot, key: slots[slot]}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	env := items(object{"name": "FIRST", "value": "1"}, item("A", "value", nil), item("B", "value", nil))
	ports := []any{object{"containerPort": 8080, "protocol": "TCP", "name": slots["port"]}, object{"containerPort": 8080, "protocol": "UDP", "name": "udp"}}
	containers := items(without(object{"name": "main", "image": slots["image"], "env": env, "ports": ports, "args": slots["args"],
		"volumeMounts": items(object{"mountPath": "/tmp", "name": "tmp"}, object{"mountPath": "/data", "name": slots["mount"]})}), item("side", "image", nil))
	return object{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": object{"name": "web", "labels": without(object{"a": slots["label"], "app": "web", "b": slots["other"]})},
		"spec": without(object{"replicas": slots["replicas"], "template": object{
			"spec": object{"containers": containers, "nodeSelector": without(object{"disk": slots["disk"], "os": "linux"}), "volumes": items(object{"name": "tmp", "emptyDir": object{}}, item("volume", "hostPath", nil))},
		}}),
	}
}

// values are what a slot may have. Of an item with more than scalars that is
// removed, kyaml leaves the rest, and "y" it writes without the quotes.
var values = map[string][]any{
	"A": {"some", "other", nil}, "B": {nil, "z"}, "port": {"http", "web"}, "image": {"a:1", "a:2"}, "args": {[]any{"a", "b"}, []any{"b"}, nil}, "mount": {"data", "other"},
	"side": {nil, "s:1", "s:2"}, "label": {"some", "other", nil}, "other": {nil, "z"}, "replicas": {3, 4, nil}, "disk": {"ssd", "hdd", nil}, "volume": {object{"path": "/b"}, object{"path": "/a"}},
}

// TestAgainstKyaml: where the user and the generator change different things, the
// merge of kustomize, which writes the text anew, comes to the same values.
func TestAgainstKyaml(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		base, user, generated := object{}, object{}, object{}
		for _, slot := range slices.Sorted(maps.Keys(values)) {
			all := values[slot]
			was, is := all[r.IntN(len(all))], all[r.IntN(len(all))]
			base[slot], user[slot], generated[slot] = was, was, was
			switch r.IntN(4) {
			case 0:
				user[slot] = is
			case 1:
				generated[slot] = is
			case 2:
				user[slot], generated[slot] = is, is
			}
		}
		var texts [3]string
		for i, slots := range []object{base, user, generated} {
			text, err := yaml.Marshal(deployment(slots))
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(text)
		}
		want, err := merge3.MergeStrings(texts[1], texts[0], texts[2], false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := merge.YAML("f", []byte(texts[0]), []byte(texts[1]), []byte(texts[2]), merge.Options{})
		if err != nil || len(got.Conflicts) > 0 {
			t.Fatalf("seed %d: %v %v", seed, err, got.Conflicts)
		}
		if diff := cmp.Diff(decoded(t, want), decoded(t, string(got.Content))); diff != "" {
			t.Fatalf("seed %d (-kyaml +ours):\n%s\nbase\n%s\nuser\n%s\ngenerated\n%s", seed, diff, texts[0], texts[1], texts[2])
		}
	}
}

// decoded is a value whose lists of objects are sorted, as new items come to
// different places.
func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return sorted(v)
}

func sorted(v any) any {
	switch v := v.(type) {
	case object:
		for key, child := range v {
			v[key] = sorted(child)
		}
	case []any:
		for i, child := range v {
			v[i] = sorted(child)
		}
		if _, objects := v[0].(object); objects {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	return v
}
