// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"maps"
	"slices"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// lower turns an operation that fits value into the smallest ones: tests and
// what changes nothing drop out, replacing a collection by a similar one becomes
// changes of its leaves, adding over an existing key is a replacement, and "-"
// becomes an index. Values for which whole is true are replaced as they are.
func lower(value any, op patch.Op, whole func(pointer string) bool) []patch.Op {
	switch op.Op {
	case patch.Test:
		return nil
	case patch.Remove:
		return []patch.Op{op}
	case patch.Add:
		parent, last := patch.Split(op.Path)
		at, _ := patch.Get(value, parent)
		if list, ok := at.([]any); ok && op.Path != "" {
			if last == "-" {
				op.Path = patch.Join(parent, strconv.Itoa(len(list)))
			}
			return []patch.Op{op}
		}
	}
	old, err := patch.Get(value, op.Path)
	if err != nil {
		return []patch.Op{op}
	}
	return differ{whole}.difference(op.Path, old, op.Value)
}

// differ finds the operations that turn one value into another.
type differ struct{ whole func(pointer string) bool }

func (d differ) difference(path string, old, new any) []patch.Op {
	replaced := []patch.Op{{Op: patch.Replace, Path: path, Value: new}}
	switch {
	case patch.Equal(old, new):
		return nil
	case d.whole(path):
		return replaced
	}
	switch old := old.(type) {
	case map[string]any:
		if new, ok := new.(map[string]any); ok && overlap(old, new) {
			return d.mapDifference(path, old, new)
		}
	case []any:
		if new, ok := new.([]any); ok && len(old) > 0 && len(new) > 0 {
			return d.listDifference(path, old, new)
		}
	}
	return replaced
}

func overlap(a, b map[string]any) bool {
	for k := range a {
		if _, ok := b[k]; ok {
			return true
		}
	}
	return false
}

func (d differ) mapDifference(path string, old, new map[string]any) (ops []patch.Op) {
	for _, k := range slices.Sorted(maps.Keys(old)) {
		at := patch.Join(path, k)
		if v, ok := new[k]; ok {
			ops = append(ops, d.difference(at, old[k], v)...)
		} else {
			ops = append(ops, patch.Op{Op: patch.Remove, Path: at})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(new)) {
		if _, ok := old[k]; !ok {
			ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Join(path, k), Value: new[k]})
		}
	}
	return ops
}

// listDifference keeps the common items at both ends, changes those in between
// one by one, and adds or removes the rest.
func (d differ) listDifference(path string, old, new []any) (ops []patch.Op) {
	from := 0
	for from < len(old) && from < len(new) && patch.Equal(old[from], new[from]) {
		from++
	}
	tail := 0
	for tail < len(old)-from && tail < len(new)-from && patch.Equal(old[len(old)-1-tail], new[len(new)-1-tail]) {
		tail++
	}
	at := func(i int) string { return patch.Join(path, strconv.Itoa(i)) }
	oldEnd, newEnd := len(old)-tail, len(new)-tail
	both := min(oldEnd, newEnd)
	for i := from; i < both; i++ {
		ops = append(ops, d.difference(at(i), old[i], new[i])...)
	}
	for i := oldEnd - 1; i >= both; i-- {
		ops = append(ops, patch.Op{Op: patch.Remove, Path: at(i)})
	}
	for i := both; i < newEnd; i++ {
		ops = append(ops, patch.Op{Op: patch.Add, Path: at(i), Value: new[i]})
	}
	return ops
}
