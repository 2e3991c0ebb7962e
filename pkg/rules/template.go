// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// FieldChange is one field that differs between two pod templates.
type FieldChange struct {
	// Field names it the way people do: "containers[app].image",
	// "containers[app].env[MODE].value", "metadata.labels[version]".
	Field string
	// Before and After are the values, JSON unless they are strings; empty where
	// there is none. What looks secret is redacted, what is long is cut.
	Before, After string
}

// TemplateDiff returns what changed from an old pod template to a new one,
// sorted by field. Lists of named things (containers, variables, volumes) are
// compared by name, so that inserting one is one change; the label that
// ReplicaSets add is left out. A nil template is an empty one.
func TemplateDiff(old, new *corev1.PodTemplateSpec) []FieldChange {
	var d differ
	d.compare("", plain(old), plain(new))
	slices.SortFunc(d.changes, func(a, b FieldChange) int { return strings.Compare(a.Field, b.Field) })
	return d.changes
}

// plain is a template as decoded JSON, with the fields of the pod spec on top.
func plain(t *corev1.PodTemplateSpec) map[string]any {
	if t == nil {
		return map[string]any{}
	}
	raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(t)
	if err != nil { // not possible for API types; nothing to compare is the truth then
		return map[string]any{}
	}
	out := map[string]any{}
	if spec, ok := raw["spec"].(map[string]any); ok {
		maps.Copy(out, spec)
	}
	meta := map[string]any{}
	for _, field := range []string{"labels", "annotations"} {
		from, _ := raw["metadata"].(map[string]any)
		if all, ok := from[field].(map[string]any); ok {
			delete(all, "pod-template-hash")
			meta[field] = all
		}
	}
	out["metadata"] = meta
	return out
}

type differ struct{ changes []FieldChange }

// compare descends while both sides are objects or lists of named things.
func (d *differ) compare(field string, before, after any) {
	if patch.Equal(before, after) {
		return
	}
	a, b, both := members(before, after)
	if !both {
		d.add(field, before, after)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(union(a, b))) {
		d.compare(child(field, key), a[key], b[key])
	}
}

func (d *differ) add(field string, before, after any) {
	c := FieldChange{Field: field, Before: text(field, before), After: text(field, after)}
	if c.Before == c.After { // they differ in what is hidden
		c.After += " (another value)"
	}
	d.changes = append(d.changes, c)
}

// members returns the parts of two values that can be compared one by one: the
// fields of objects, the elements of lists by their names in brackets.
func members(before, after any) (a, b map[string]any, both bool) {
	a, isMap := before.(map[string]any)
	b, areMaps := after.(map[string]any)
	if isMap && areMaps {
		return a, b, true
	}
	x, isList := before.([]any)
	y, areLists := after.([]any)
	if !isList && before != nil || !areLists && after != nil || isList == areLists && !isList {
		return nil, nil, false
	}
	for _, key := range []string{"mountPath", "name", "containerPort"} {
		a, okA := named(x, key)
		b, okB := named(y, key)
		if okA && okB {
			return a, b, true
		}
	}
	return nil, nil, false
}

// named returns the elements of a list by a field that tells them apart.
func named(list []any, key string) (map[string]any, bool) {
	out := map[string]any{}
	for _, v := range list {
		m, _ := v.(map[string]any)
		id, has := m[key]
		if !has {
			return nil, false
		}
		out[fmt.Sprintf("[%v]", id)] = v
	}
	return out, len(out) == len(list)
}

func union(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// child is the name of a part. Keys that have dots themselves, as those of
// labels have, stand in brackets.
func child(field, key string) string {
	switch {
	case strings.HasPrefix(key, "["):
		return field + key
	case field == "metadata.labels" || field == "metadata.annotations" || strings.ContainsAny(key, "./"):
		return field + "[" + key + "]"
	case field == "":
		return key
	}
	return field + "." + key
}

// longest is how much of a value is shown.
const longest = 160

// text shows a value without its secrets.
func text(field string, v any) string {
	if v == nil {
		return ""
	}
	variable := secretVariable.FindStringSubmatch(field)
	out, isText := v.(string)
	switch {
	case isText && variable != nil && secretName.MatchString(variable[1]):
		return redact.Mark
	case !isText:
		data, err := json.Marshal(hide(v))
		if err != nil { // not possible for decoded JSON
			return ""
		}
		out = string(data)
	}
	out = redact.Text(out)
	if strings.ContainsAny(out, "\n\r") {
		out = strconv.Quote(out)
	}
	if len(out) > longest {
		out = strings.ToValidUTF8(out[:longest], "") + "..."
	}
	return out
}

var (
	secretName     = regexp.MustCompile(`(?i)pass|pwd|secret|token|key|credential|auth|private|dsn|jwt|salt|cert`)
	secretVariable = regexp.MustCompile(`\.env\[([^\]]*)\]\.value$`)
)

// hide returns a copy without the values of variables that sound secret.
func hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		name, _ := v["name"].(string)
		for k, of := range v {
			if _, isText := of.(string); isText && k == "value" && secretName.MatchString(name) {
				of = redact.Mark
			}
			out[k] = hide(of)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, of := range v {
			out = append(out, hide(of))
		}
		return out
	}
	return v
}

// String says what became of a field: "added 1", "removed 1", "1 -> 2".
func (c FieldChange) String() string {
	switch {
	case c.Before == "":
		return "added " + c.After
	case c.After == "":
		return "removed " + c.Before
	}
	return c.Before + " -> " + c.After
}
