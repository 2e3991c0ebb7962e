// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// What kubectl diff shows instead of a Secret's value.
const (
	masked       = "***"
	maskedBefore = "*** (before)"
	maskedAfter  = "*** (after)"
)

// lastApplied holds the whole object as it was applied, a Secret's values included.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// maskSecret replaces the values of a core Secret so that a difference shows
// and its content does not. It covers stringData and the annotation kubectl
// apply leaves as well as data. Other objects are returned as they are.
func maskSecret(before, after map[string]any) (map[string]any, map[string]any) {
	if !isSecret(before) && !isSecret(after) {
		return before, after
	}
	for _, path := range [][]string{{"data"}, {"stringData"}, {"metadata", "annotations"}} {
		only := ""
		if path[0] == "metadata" {
			only = lastApplied
		}
		b, a := maskMaps(at(before, path), at(after, path), only)
		before, after = set(before, path, b), set(after, path, a)
	}
	return before, after
}

func isSecret(object map[string]any) bool {
	return object["apiVersion"] == "v1" && object["kind"] == "Secret"
}

// maskMaps masks the values of two maps, or those of one key.
func maskMaps(before, after map[string]any, only string) (map[string]any, map[string]any) {
	b, a := cover(before, only), cover(after, only)
	for key, old := range before {
		value, both := after[key]
		if both && (only == "" || key == only) && !patch.Equal(old, value) {
			b[key], a[key] = maskedBefore, maskedAfter
		}
	}
	return b, a
}

func cover(values map[string]any, only string) map[string]any {
	if values == nil {
		return nil
	}
	out := make(map[string]any, len(values))
	for key, value := range values {
		if only == "" || key == only {
			value = masked
		}
		out[key] = value
	}
	return out
}

func at(object map[string]any, path []string) map[string]any {
	for _, key := range path {
		object, _ = object[key].(map[string]any)
	}
	return object
}

// set returns a copy of object with another map at path; a nil one changes nothing.
func set(object map[string]any, path []string, value map[string]any) map[string]any {
	switch {
	case value == nil:
		return object
	case len(path) == 1:
		return with(object, path[0], value)
	}
	child, _ := object[path[0]].(map[string]any)
	return with(object, path[0], set(child, path[1:], value))
}
