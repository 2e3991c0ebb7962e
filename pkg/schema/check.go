// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Check holds an object against the schema of its apiVersion and kind, and
// returns the problems sorted by pointer. known is false if there is no schema:
// then nothing was checked. The object is not modified.
func Check(object map[string]any) (problems []Problem, known bool) {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	t := loaded()
	k, found := t.kinds[typeMeta{apiVersion, kind}]
	if !found || k.node < 0 {
		return nil, false
	}
	c := checker{table: t, root: k.node}
	c.value(object, k.node, nil)
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Fault, b.Fault), strings.Compare(a.Field, b.Field))
	})
	return c.problems, true
}

type checker struct {
	table    *table
	root     int
	problems []Problem
}

// path leads to a value from the top. Only problems turn it into text.
type path struct {
	up    *path
	field string
	index int // of an item, where field is empty
	item  bool
}

func (p *path) pointer() string {
	if p == nil {
		return ""
	}
	if p.item {
		return p.up.pointer() + "/" + strconv.Itoa(p.index)
	}
	return patch.Join(p.up.pointer(), p.field)
}

// name is the nearest field name.
func (p *path) name() string {
	for p != nil && p.item {
		p = p.up
	}
	if p == nil {
		return ""
	}
	return p.field
}

// value checks one value. The schema, not the object, bounds how deep it goes: a
// shape only refers to earlier ones.
func (c *checker) value(v any, node int, at *path) {
	s := c.table.shape(node)
	if v == nil || s.form == anything {
		return
	}
	switch s.form {
	case mapping:
		if m, ok := v.(map[string]any); ok {
			c.mapping(m, s, at)
			return
		}
	case list:
		if l, ok := v.([]any); ok {
			for i, item := range l {
				c.value(item, s.items, &path{up: at, index: i, item: true})
			}
			return
		}
	case enumeration:
		if text, ok := v.(string); ok {
			c.enumeration(text, s, at)
			return
		}
	case integer:
		if n, ok := wholeNumber(v); ok {
			c.bounds(n, s, at)
			return
		}
	default:
		if s.form.takes(v) {
			return
		}
	}
	c.problems = append(c.problems, Problem{
		Fault: Type, Pointer: at.pointer(), Field: at.name(), Expected: s.expected(), Found: describe(v), Becomes: s.form.of(v),
	})
}

// of returns a value in another type, where the two are written alike.
func (f form) of(v any) any {
	switch v := v.(type) {
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if f == integer && err == nil {
			return n
		}
		if b, err := strconv.ParseBool(v); f == boolean && err == nil && len(v) > 1 {
			return b
		}
	case int64:
		if f == text {
			return strconv.FormatInt(v, 10)
		}
	case bool:
		if f == text {
			return strconv.FormatBool(v)
		}
	}
	return nil
}

// takes tells whether a value has the type of a simple shape. A value of a type
// that no decoder produces passes.
func (f form) takes(v any) bool {
	isText, isNumber, isWhole := false, false, false
	switch v.(type) {
	case string:
		isText = true
	case int64, int, int32, float64:
		isNumber = true
		_, isWhole = wholeNumber(v)
	case bool:
		return f == boolean
	case map[string]any, []any:
		return false
	default:
		return true
	}
	switch f {
	case text:
		return isText
	case number:
		return isNumber
	case quantity:
		return isText || isNumber
	case intOrString:
		return isText || isWhole
	}
	return false
}

// wholeNumber takes 5.0 for 5, as the way through JSON does.
func wholeNumber(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case int32:
		return float64(n), true
	case float64:
		return n, n == math.Trunc(n)
	}
	return 0, false
}

func (c *checker) bounds(n float64, s *shape, at *path) {
	low, high := s.bounded[0] && n < s.bounds[0], s.bounded[1] && n > s.bounds[1]
	if !low && !high {
		return
	}
	c.problems = append(c.problems, Problem{
		Fault: Range, Pointer: at.pointer(), Field: at.name(), Expected: "a whole number" + s.limits(true),
		Found: strconv.FormatFloat(n, 'f', -1, 64),
	})
}

// enumeration checks a text. The empty one counts as absent, as it does for a
// server that fills in a default.
func (c *checker) enumeration(value string, s *shape, at *path) {
	if value == "" || slices.Contains(s.values, value) {
		return
	}
	p := Problem{Fault: Enum, Pointer: at.pointer(), Field: at.name(), Expected: s.expected(), Found: describe(value)}
	p.Suggest = nearest(value, s.values)
	c.problems = append(c.problems, p)
}

func (c *checker) mapping(m map[string]any, s *shape, at *path) {
	for name, v := range m {
		node, known := s.fields[name]
		if !known {
			node = s.others
		}
		switch {
		case known || node >= 0:
			c.value(v, node, &path{up: at, field: name})
		case !s.open:
			c.unknown(m, name, s, at)
		}
	}
	for _, name := range s.required {
		if m[name] == nil {
			c.problems = append(c.problems, Problem{
				Fault: Missing, Pointer: at.pointer(), Field: name,
				Expected: c.table.shape(s.fields[name]).expected(),
			})
		}
	}
}

func (c *checker) unknown(m map[string]any, name string, s *shape, at *path) {
	p := Problem{Fault: Unknown, Pointer: (&path{up: at, field: name}).pointer(), Field: name, Found: describe(m[name])}
	var free []string
	for field := range s.fields {
		if _, used := m[field]; !used && c.table.fits(m[name], s.fields[field]) {
			free = append(free, field)
		}
	}
	if p.Suggest = nearest(name, free); p.Suggest == "" {
		p.At = c.table.places(c.root, name, m[name])
	}
	c.problems = append(c.problems, p)
}

// nearest is the candidate that a name is probably a misspelling of: within a
// third of its length in edit distance, whatever the case. Candidates that merely
// contain it are something else.
func nearest(name string, candidates []string) string {
	for _, c := range ref.Closest(name, candidates) {
		if d := len(c) - len(name); max(d, -d) <= max(1, len(name)/3) {
			return c
		}
	}
	return ""
}
