// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Owner is the claim of a field manager on a field, from metadata.managedFields.
type Owner struct {
	// Manager is the name the writer gave, "kubectl-edit" or "argocd-controller".
	Manager string
	// Operation is "Apply" for server-side apply and "Update" for all other writes.
	Operation string
	// Subresource is "status", "scale" or empty.
	Subresource string
	// Time is when the manager last changed what it owns; zero if not recorded.
	Time time.Time
	// Field is the pointer the claim is on: the field asked for or the nearest
	// one above it, such as the whole of a list that can only be owned as one.
	Field string
}

// String returns "manager (Operation, time)", the form used in messages.
func (o Owner) String() string {
	what := o.Operation
	if o.Subresource != "" {
		what += " of " + o.Subresource
	}
	if !o.Time.IsZero() {
		what += ", " + o.Time.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%q (%s)", o.Manager, what)
}

// Owners returns who claims the field of an object that a pointer names, the
// latest writer first. An object read without managedFields has none.
//
// The format is FieldsV1 of the API (meta/v1, structured-merge-diff fieldpath):
// a tree of "f:name", "k:{keys}", "v:value" and "i:index"; an empty node stands
// for all that is below it, "." for the node alone.
func Owners(object map[string]any, pointer string) []Owner {
	tokens, err := patch.Tokens(pointer)
	if err != nil {
		return nil
	}
	entries, _ := get(object, "metadata", "managedFields").([]any)
	var out []Owner
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		fields, _ := entry["fieldsV1"].(map[string]any)
		depth, owned := claim(fields, object, tokens)
		if !owned {
			continue
		}
		o := Owner{Field: pointerOf(tokens[:depth])}
		o.Manager, _ = entry["manager"].(string)
		o.Operation, _ = entry["operation"].(string)
		o.Subresource, _ = entry["subresource"].(string)
		if stamp, ok := entry["time"].(string); ok {
			o.Time, _ = time.Parse(time.RFC3339, stamp)
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Owner) int { return b.Time.Compare(a.Time) })
	return out
}

// claim walks down the tree of one manager along a path and returns how deep
// the claim on it sits.
func claim(fields map[string]any, value any, tokens []string) (depth int, owned bool) {
	node := fields
	for i, t := range tokens {
		if len(node) == 0 {
			return i, i > 0
		}
		key, below := step(node, value, t)
		child, found := node[key].(map[string]any)
		if !found {
			return 0, false
		}
		node, value = child, below
	}
	return len(tokens), len(fields) > 0
}

// step finds the key of a node that stands for one token of a pointer, and the
// value below it. Items of keyed lists have their key's values as their name,
// so that an index says nothing without the object.
func step(node map[string]any, value any, token string) (key string, below any) {
	list, isList := value.([]any)
	if !isList {
		return "f:" + token, get(value, token)
	}
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= len(list) {
		return "", nil
	}
	for key := range node {
		if names(key, i, list[i]) {
			return key, list[i]
		}
	}
	return "", list[i]
}

// names reports whether a key of FieldsV1 stands for the i-th item of a list.
func names(key string, i int, item any) bool {
	kind, text, _ := strings.Cut(key, ":")
	switch kind {
	case "i":
		return text == strconv.Itoa(i)
	case "v":
		var want any
		return json.Unmarshal([]byte(text), &want) == nil && patch.Equal(want, item)
	case "k":
		var want map[string]any
		if json.Unmarshal([]byte(text), &want) != nil {
			return false
		}
		fields, ok := item.(map[string]any)
		for name, v := range want {
			ok = ok && patch.Equal(fields[name], v)
		}
		return ok && len(want) > 0
	}
	return false
}

// culprit names who wrote a field last, other than the suite itself.
func culprit(object map[string]any, pointer, self string) string {
	for _, o := range Owners(object, pointer) {
		if o.Manager == self {
			continue
		}
		if o.Field != pointer && o.Field != "" {
			return fmt.Sprintf("%s owns %s", o, o.Field)
		}
		return o.String() + " owns it"
	}
	return "nobody claims it in managedFields"
}

func pointerOf(tokens []string) string {
	p := ""
	for _, t := range tokens {
		p = patch.Join(p, t)
	}
	return p
}

// get walks down maps; nil where there is nothing.
func get(value any, keys ...string) any {
	for _, k := range keys {
		m, _ := value.(map[string]any)
		value = m[k]
	}
	return value
}

// text is get for a string.
func text(value any, keys ...string) string {
	s, _ := get(value, keys...).(string)
	return s
}
