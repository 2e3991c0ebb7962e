// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"encoding/json"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// ownedBy is the part of an object that a field manager applied server-side,
// read from metadata.managedFields (FieldsV1: "f:" is a field, "k:" an item of a
// list by its keys, "v:" an item of a set; see
// https://kubernetes.io/docs/reference/using-api/server-side-apply/). Items of
// lists keep their order.
func ownedBy(object map[string]any, manager string) (map[string]any, bool) {
	entries, err := patch.Get(object, "/metadata/managedFields")
	if err != nil {
		return nil, false
	}
	list, _ := entries.([]any)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		fields, _ := entry["fieldsV1"].(map[string]any)
		if entry["manager"] != manager || entry["operation"] != "Apply" || entry["subresource"] != nil || fields == nil {
			continue
		}
		out, _ := owned(object, fields).(map[string]any)
		if out == nil {
			out = map[string]any{}
		}
		meta, _ := out["metadata"].(map[string]any)
		if meta == nil {
			meta = map[string]any{}
			out["metadata"] = meta
		}
		for _, field := range []string{"name", "namespace"} {
			if v, err := patch.Get(object, "/metadata/"+field); err == nil {
				meta[field] = v
			}
		}
		out["apiVersion"], out["kind"] = object["apiVersion"], object["kind"]
		return out, true
	}
	return nil, false
}

// owned cuts a value to the fields of a FieldsV1 tree; a leaf owns all below it.
func owned(value any, fields map[string]any) any {
	if len(fields) == 0 {
		return value
	}
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, below := range fields {
			name, isField := strings.CutPrefix(key, "f:")
			if v, has := value[name]; isField && has {
				tree, _ := below.(map[string]any)
				out[name] = owned(v, tree)
			}
		}
		return out
	case []any:
		return ownedItems(value, fields)
	}
	return value
}

func ownedItems(list []any, fields map[string]any) []any {
	out := []any{}
	for _, item := range list {
		for key, below := range fields {
			tree, _ := below.(map[string]any)
			keys, byKey := strings.CutPrefix(key, "k:")
			text, byValue := strings.CutPrefix(key, "v:")
			if byKey && hasKeys(item, keys) {
				out = append(out, withKeys(owned(item, tree), item, keys))
			} else if byValue && sameValue(item, text) {
				out = append(out, item)
			}
		}
	}
	return out
}

// hasKeys reports whether an item is the one with these keys, written as JSON.
func hasKeys(item any, keys string) bool {
	var want map[string]any
	m, ok := item.(map[string]any)
	if !ok || json.Unmarshal([]byte(keys), &want) != nil {
		return false
	}
	for k, v := range want {
		if has := m[k]; !patch.Equal(has, v) && (has != nil || k != "protocol") {
			return false
		}
	}
	return true
}

// withKeys adds the keys of an item, which name it, to the part that is owned.
func withKeys(part, item any, keys string) any {
	var want map[string]any
	out, ok := part.(map[string]any)
	from, _ := item.(map[string]any)
	if !ok || json.Unmarshal([]byte(keys), &want) != nil {
		return part
	}
	for k := range want {
		if v, has := from[k]; has {
			out[k] = v
		}
	}
	return out
}

func sameValue(item any, text string) bool {
	var want any
	return json.Unmarshal([]byte(text), &want) == nil && patch.Equal(item, want)
}
