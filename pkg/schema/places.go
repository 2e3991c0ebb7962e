// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// maxPlaces is how many places of a name are worth reading.
const maxPlaces = 3

// maxCommon is in how many places a name may be to say anything about where it
// belongs; "name" says nothing.
const maxCommon = 2

// places looks through a kind for the fields of a name that the value fits, else
// for those of the names inside the value.
func (t *table) places(root int, name string, value any) []string {
	if found := t.find(root, name, value); len(found) > 0 {
		return found
	}
	var found []string
	inside, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(inside)) {
		if at := t.find(root, name, inside[name]); len(at) <= maxCommon {
			found = append(found, at...)
		}
	}
	return found[:min(maxPlaces, len(found))]
}

// find goes through the shapes below a root, level by level. A shape that turns
// up in many places is entered once: the place nearest to the top stands for all.
func (t *table) find(root int, name string, value any) []string {
	type place struct {
		node int
		path string
	}
	var found []string
	seen := map[int]bool{root: true}
	enter := func(next *[]place, node int, path string) {
		if !seen[node] {
			seen[node] = true
			*next = append(*next, place{node, path})
		}
	}
	for level := []place{{root, ""}}; len(level) > 0; {
		var next []place
		for _, p := range level {
			s := t.shape(p.node)
			if s.form == list {
				enter(&next, s.items, p.path+"[]")
			}
			if s.others >= 0 {
				enter(&next, s.others, p.path+".*")
			}
			for _, field := range slices.Sorted(maps.Keys(s.fields)) {
				path := strings.TrimPrefix(p.path+"."+field, ".")
				if field == name && p.path != "metadata" && t.fits(value, s.fields[field]) {
					found = append(found, path)
				}
				enter(&next, s.fields[field], path)
			}
		}
		level = next
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(depth(a), depth(b)) })
	return found[:min(maxPlaces, len(found))]
}

func depth(path string) int { return strings.Count(path, ".") }

// fits tells whether a value could stand in a field: only then is the field worth
// naming.
func (t *table) fits(v any, node int) bool {
	s := t.shape(node)
	switch v.(type) {
	case map[string]any:
		return s.form == mapping || s.form == anything
	case []any:
		return s.form == list || s.form == anything
	}
	trial := checker{table: t, root: node}
	trial.value(v, node, nil)
	return len(trial.problems) == 0
}
