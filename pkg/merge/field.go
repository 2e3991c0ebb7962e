// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// fields merges the values of one object.
type fields struct {
	kind      string // of the object
	generated bool   // wins
	conflicts []Conflict
}

// merge returns the value for a place that is a JSON Pointer in the result. What
// only one side changed is changed; maps are merged by key, and lists whose items
// have keys by these.
func (f *fields) merge(at string, base, user, generated maybe) maybe {
	switch {
	case same(user, generated), same(base, generated):
		return user
	case same(base, user):
		return generated
	}
	u, isMap := user.value.(map[string]any)
	g, both := generated.value.(map[string]any)
	if isMap && both {
		b, _ := base.value.(map[string]any)
		return maybe{f.maps(at, b, u, g), true}
	}
	if merged, ok := f.lists(at, base, user, generated); ok {
		return maybe{merged, true}
	}
	return f.conflict(at, base, user, generated)
}

func (f *fields) maps(at string, base, user, generated map[string]any) map[string]any {
	all := maps.Clone(user)
	maps.Copy(all, generated)
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if v := f.merge(patch.Join(at, key), entry(base, key), entry(user, key), entry(generated, key)); v.has {
			out[key] = v.value
		}
	}
	return out
}

func entry(m map[string]any, key string) maybe {
	v, has := m[key]
	return maybe{v, has}
}

// conflict decides for the one who wins, and notes it.
func (f *fields) conflict(at string, base, user, generated maybe) maybe {
	f.conflicts = append(f.conflicts, Conflict{Field: at, Base: base.String(), User: user.String(), Generated: generated.String()})
	if f.generated {
		return generated
	}
	return user
}

func same(a, b maybe) bool { return a.has == b.has && patch.Equal(a.value, b.value) }
