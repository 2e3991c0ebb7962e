// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"maps"
	"slices"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/lines"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// changes returns the operations that turn one value at a JSON Pointer of an
// object of a kind into another. The items of a list with keys are found again by
// these, so that what is written around those that stay stays too.
func changes(kind, at string, from, to any) []patch.Op {
	if patch.Equal(from, to) {
		return nil
	}
	switch from := from.(type) {
	case map[string]any:
		if to, ok := to.(map[string]any); ok && len(to) > 0 {
			return mapChanges(kind, at, from, to)
		}
	case []any:
		to, ok := to.([]any)
		old, hasKeys := keyed(kind, at, from)
		now, both := keyed(kind, at, to)
		if ok && hasKeys && both {
			if kept := lines.Common(old.keys, now.keys); slices.ContainsFunc(kept, matched) {
				return listChanges(kind, at, old, now, kept)
			}
		}
	}
	return []patch.Op{{Op: patch.Replace, Path: at, Value: to}}
}

func mapChanges(kind, at string, from, to map[string]any) (ops []patch.Op) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if v, stays := to[key]; stays {
			ops = append(ops, changes(kind, patch.Join(at, key), from[key], v)...)
		} else {
			ops = append(ops, patch.Op{Op: patch.Remove, Path: patch.Join(at, key)})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(to)) {
		if _, was := from[key]; !was {
			ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Join(at, key), Value: to[key]})
		}
	}
	return ops
}

// listChanges removes what is not kept, from the end, and then goes through the
// new list: at each step what is before it is as it is to be.
func listChanges(kind, at string, from, to items, kept []int) (ops []patch.Op) {
	for i := len(kept) - 1; i >= 0; i-- {
		if !matched(kept[i]) {
			ops = append(ops, patch.Op{Op: patch.Remove, Path: at + "/" + strconv.Itoa(i)})
		}
	}
	for i, key := range to.keys {
		here := at + "/" + strconv.Itoa(i)
		if slices.Contains(kept, i) {
			ops = append(ops, changes(kind, here, from.byKey[key], to.byKey[key])...)
		} else {
			ops = append(ops, patch.Op{Op: patch.Add, Path: here, Value: to.byKey[key]})
		}
	}
	return ops
}
