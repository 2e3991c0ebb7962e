// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rulestest

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Fuzz runs rules over their own examples with fields deleted, emptied and
// replaced by values of other types, in clusters and in files. Rules must get
// along with whatever the API server or an author lets through.
func Fuzz(f *testing.F, family []*rules.Rule) {
	paths, err := filepath.Glob("testdata/KM*/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	slices.Sort(paths)
	for i := range paths {
		f.Add(uint16(i), []byte{0}, false)
		f.Add(uint16(i), []byte{1, 7, 2, 11, 3, 13, 4, 17, 5, 19, 6, 23, 7, 29}, true)
	}
	f.Fuzz(func(t *testing.T, example uint16, changes []byte, offline bool) {
		from := World(t, paths[int(example)%len(paths)])
		b := model.NewBuilder(model.Options{Namespace: Namespace, Offline: offline, Partial: offline, Duplicates: true})
		m := mutator{changes: changes}
		for _, o := range from.Objects() {
			b.Add(model.FromRaw(m.object(t, o.Raw()), Namespace))
		}
		s, _ := b.Build() // objects that do not fit their type any more are part of the test
		w := &rules.World{Snapshot: s, Now: Now}
		for _, r := range rules.Run(w, family) {
			if r.Rule.Repair != nil {
				r.Rule.Repair(w, r)
			}
		}
	})
}

// mutator spends its bytes on changes, two a change: which field, what becomes of it.
type mutator struct {
	changes []byte
	fields  int
}

// object returns a changed copy; what identifies an object stays.
func (m *mutator) object(t *testing.T, raw map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := utiljson.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(out)) {
		switch key {
		case "apiVersion", "kind":
		case "metadata":
			if meta, ok := out[key].(map[string]any); ok {
				name := meta["name"]
				out[key] = m.value(meta)
				if changed, still := out[key].(map[string]any); still {
					changed["name"] = name
				} else {
					out[key] = map[string]any{"name": name}
				}
			}
		default:
			out[key] = m.value(out[key])
		}
	}
	return out
}

// value changes a value or what is in it, as the next bytes say.
func (m *mutator) value(v any) any {
	m.fields++
	if len(m.changes) >= 2 && m.fields%(int(m.changes[0])+1) == 0 {
		change := m.changes[1]
		m.changes = m.changes[2:]
		return []any{nil, "", "x", int64(-1), int64(1 << 40), true, []any{}, map[string]any{}, []any{nil}, map[string]any{"": nil}}[int(change)%10]
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = m.value(v[key])
		}
	case []any:
		for i := range v {
			v[i] = m.value(v[i])
		}
	}
	return v
}
