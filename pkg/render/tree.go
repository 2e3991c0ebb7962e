// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import "maps"

// with returns a shallow copy of object whose key has another value.
func with(object map[string]any, key string, value any) map[string]any {
	out := maps.Clone(object)
	out[key] = value
	return out
}

// without returns a shallow copy of object that lacks key.
func without(object map[string]any, key string) map[string]any {
	out := maps.Clone(object)
	delete(out, key)
	return out
}
