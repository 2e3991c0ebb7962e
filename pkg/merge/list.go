// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// keys are the fields that tell the items of a list apart, by the name of the
// list, as the API server's schemas have them (x-kubernetes-list-map-keys and
// patchMergeKey). All other lists are one value: their order means something, or
// nothing tells their items apart.
var keys = map[string][]string{
	"containers":                {"name"},
	"initContainers":            {"name"},
	"ephemeralContainers":       {"name"},
	"env":                       {"name"},
	"volumes":                   {"name"},
	"imagePullSecrets":          {"name"},
	"volumeMounts":              {"mountPath"},
	"volumeDevices":             {"devicePath"},
	"topologySpreadConstraints": {"topologyKey", "whenUnsatisfiable"},
	"hostAliases":               {"ip"},
	"listeners":                 {"name"},
	"ports":                     {"containerPort", "protocol"},
}

// items are a list whose items have keys.
type items struct {
	keys  []string // in the order of the list
	byKey map[string]any
}

func (l items) get(key string) maybe { return entry(l.byKey, key) }

// keyed returns a list with the keys of its items; false if it has none, or has
// one twice.
func keyed(kind, at string, list []any) (items, bool) {
	names, known := listKeys(kind, at)
	out := items{byKey: map[string]any{}}
	for _, item := range list {
		key, ok := itemKey(names, item)
		if _, twice := out.byKey[key]; !known || !ok || twice {
			return items{}, false
		}
		out.keys, out.byKey[key] = append(out.keys, key), item
	}
	return out, known
}

// listKeys returns the fields of the key of a list's items, none where the items
// are their own keys.
func listKeys(kind, at string) (names []string, known bool) {
	_, name := patch.Split(at)
	switch {
	case kind == "Kustomization" && (at == "/resources" || at == "/components"):
		return nil, true
	case kind == "Kustomization" && (at == "/images" || at == "/replicas"):
		return []string{"name"}, true
	case kind == "Service" && at == "/spec/ports":
		return []string{"port", "protocol"}, true
	}
	names, known = keys[name]
	return names, known
}

func itemKey(names []string, item any) (string, bool) {
	if names == nil {
		text, ok := item.(string)
		return text, ok
	}
	fields, ok := item.(map[string]any)
	key := ""
	for _, name := range names {
		switch v := fields[name].(type) {
		case string, int64:
			key += fmt.Sprintf("%v\n", v)
		case nil: // the API server's default
			ok = ok && name == "protocol"
			key += "TCP\n"
		default:
			ok = false
		}
	}
	return key, ok
}

// lists merges lists whose items have keys; false if they have none.
func (f *fields) lists(at string, base, user, generated maybe) ([]any, bool) {
	var lists [3]items
	for i, m := range []maybe{base, user, generated} {
		list, ok := m.value.([]any)
		if missing := i == 0 && !ok; missing {
			continue
		}
		if lists[i], ok = keyed(f.kind, at, list); !ok {
			return nil, false
		}
	}
	b, u, g := lists[0], lists[1], lists[2]
	out := []any{}
	for i, key := range f.arrange(at, b, u, g) {
		v, theirs := u.get(key), g.get(key)
		switch {
		case !v.has:
			v = theirs
		case theirs.has:
			v = f.merge(at+"/"+strconv.Itoa(i), b.get(key), v, theirs)
		}
		out = append(out, v.value)
	}
	return out, true
}

// arrange returns the keys of the merged list: those of the user in their order,
// and each new one after the one it was generated after.
func (f *fields) arrange(at string, b, u, g items) []string {
	var out []string
	for _, key := range u.keys {
		if f.stays(at, b.get(key), u.get(key), g.get(key)) {
			out = append(out, key)
		}
	}
	f.reorder(at, out, b, u, g)
	for i, key := range g.keys {
		if u.get(key).has || !f.stays(at, b.get(key), u.get(key), g.get(key)) {
			continue
		}
		out = slices.Insert(out, place(out, g.keys, i), key)
	}
	return out
}

// stays reports whether an item is in the merged list. A conflict about that is
// one of the list, as the place in it may be gone.
func (f *fields) stays(at string, base, user, generated maybe) bool {
	switch {
	case user.has && generated.has:
		return true
	case !user.has && same(base, generated), !generated.has && same(base, user):
		return false
	case !base.has:
		return true
	}
	return f.conflict(at, base, user, generated).has
}

// reorder deals with a change of the order by the generator. Items cannot be moved
// together with what is written around them, so that it is a conflict unless the
// user has the same order; if the generator wins, the keys of a list that all three
// have get into its order.
func (f *fields) reorder(at string, list []string, b, u, g items) {
	shared := func(l items) []string {
		return slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool {
			return !slices.Contains(list, key) || !b.get(key).has || !g.get(key).has
		})
	}
	was, is, becomes := shared(b), shared(u), shared(g)
	if slices.Equal(was, becomes) || slices.Equal(is, becomes) {
		return
	}
	f.conflict(at, order(was), order(is), order(becomes))
	if !f.generated {
		return
	}
	next := 0
	for i, key := range list {
		if slices.Contains(becomes, key) {
			list[i] = becomes[next]
			next++
		}
	}
}

// order is the order of keys as a value.
func order(keys []string) maybe {
	out := make([]any, len(keys))
	for i, key := range keys {
		out[i] = strings.ReplaceAll(strings.TrimSuffix(key, "\n"), "\n", "/")
	}
	return maybe{out, true}
}

// place is where the i-th of some keys goes in a list: after the nearest one
// before it, or before the nearest one after it, or to the end.
func place(list, keys []string, i int) int {
	for _, key := range slices.Backward(keys[:i]) {
		if at := slices.Index(list, key); at >= 0 {
			return at + 1
		}
	}
	for _, key := range keys[i+1:] {
		if at := slices.Index(list, key); at >= 0 {
			return at
		}
	}
	return len(list)
}
