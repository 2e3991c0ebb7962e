// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package patch is JSON Patch (RFC 6902) on decoded JSON: the one form in which
// the suite describes a change to an object that belongs to somebody else.
//
// Documents are trees of map[string]any, []any, string, bool, nil, int64 and
// float64, as Kubernetes' unstructured objects are. Functions never modify
// their input.
package patch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// The operations the suite uses. Copy and move are left out: their inverse
// needs the whole document, and no change of ours needs them.
const (
	Test    = "test"
	Add     = "add"
	Replace = "replace"
	Remove  = "remove"
)

// Op is one operation. Value is ignored for Remove.
type Op struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// MarshalJSON leaves the value out of a removal and keeps it, even null, otherwise.
func (o Op) MarshalJSON() ([]byte, error) {
	if o.Op == Remove {
		return json.Marshal(struct {
			Op   string `json:"op"`
			Path string `json:"path"`
		}{o.Op, o.Path})
	}
	type plain Op
	return json.Marshal(plain(o))
}

// ErrTest is returned by Apply when a test operation does not hold.
var ErrTest = errors.New("test failed")

// Apply returns doc with ops applied in order, all or nothing. Errors name the
// operation's number and path; a failed test wraps ErrTest.
func Apply(doc any, ops []Op) (any, error) {
	for i, op := range ops {
		next, err := applyOne(doc, op)
		if err != nil {
			return nil, fmt.Errorf("operation %d (%s %s): %w", i, op.Op, op.Path, err)
		}
		doc = next
	}
	return doc, nil
}

// Inverse returns the operations that undo ops on the document that ops
// produce from doc. Test operations have no inverse and are dropped.
func Inverse(doc any, ops []Op) ([]Op, error) {
	var undo []Op
	for i, op := range ops {
		inv, err := inverseOne(doc, op)
		if err != nil {
			return nil, fmt.Errorf("operation %d (%s %s): %w", i, op.Op, op.Path, err)
		}
		undo = append(undo, inv...)
		if doc, err = applyOne(doc, op); err != nil {
			return nil, fmt.Errorf("operation %d (%s %s): %w", i, op.Op, op.Path, err)
		}
	}
	slices.Reverse(undo)
	return undo, nil
}

func inverseOne(doc any, op Op) ([]Op, error) {
	old, err := Get(doc, op.Path)
	switch op.Op {
	case Test:
		return nil, nil
	case Remove:
		return []Op{{Op: Add, Path: op.Path, Value: old}}, err
	case Replace:
		return []Op{{Op: Replace, Path: op.Path, Value: old}}, err
	case Add:
		if op.Path == "" { // the whole document is replaced
			return []Op{{Op: Replace, Path: "", Value: old}}, nil
		}
		parent, last := Split(op.Path)
		at, perr := Get(doc, parent)
		if perr != nil {
			return nil, perr
		}
		if list, isList := at.([]any); isList {
			if last == "-" {
				last = strconv.Itoa(len(list))
			}
			return []Op{{Op: Remove, Path: Join(parent, last)}}, nil
		}
		if err == nil { // the key existed: add replaced it
			return []Op{{Op: Replace, Path: op.Path, Value: old}}, nil
		}
		return []Op{{Op: Remove, Path: op.Path}}, nil
	}
	return nil, fmt.Errorf("operation %q is not supported", op.Op)
}

func applyOne(doc any, op Op) (any, error) {
	switch op.Op {
	case Test:
		got, err := Get(doc, op.Path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTest, err)
		}
		if !Equal(got, op.Value) {
			return nil, fmt.Errorf("%w: value is %s, not %s", ErrTest, show(got), show(op.Value))
		}
		return doc, nil
	case Add, Replace, Remove:
		tokens, err := Tokens(op.Path)
		if err != nil {
			return nil, err
		}
		return edit(doc, tokens, op)
	}
	return nil, fmt.Errorf("operation %q is not supported", op.Op)
}

// show renders a value so that 10 and "10" look different.
func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(data)
}

// edit copies the containers on the way to the target and changes the copy.
func edit(doc any, tokens []string, op Op) (any, error) {
	if len(tokens) == 0 {
		if op.Op == Remove {
			return nil, nil
		}
		return op.Value, nil
	}
	key, rest := tokens[0], tokens[1:]
	switch at := doc.(type) {
	case map[string]any:
		return editMap(at, key, rest, op)
	case []any:
		return editList(at, key, rest, op)
	}
	return nil, fmt.Errorf("%q: expected an object or a list, found %T", key, doc)
}

func editMap(at map[string]any, key string, rest []string, op Op) (any, error) {
	old, found := at[key]
	if !found && (len(rest) > 0 || op.Op != Add) {
		return nil, fmt.Errorf("no field %q", key)
	}
	out := make(map[string]any, len(at)+1)
	for k, v := range at {
		out[k] = v
	}
	if len(rest) == 0 && op.Op == Remove {
		delete(out, key)
		return out, nil
	}
	v, err := edit(old, rest, op)
	if err != nil {
		return nil, err
	}
	out[key] = v
	return out, nil
}

func editList(at []any, key string, rest []string, op Op) (any, error) {
	adding := len(rest) == 0 && op.Op == Add
	i, err := index(key, len(at), adding)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(at)
	switch {
	case adding:
		return slices.Insert(out, i, op.Value), nil
	case len(rest) == 0 && op.Op == Remove:
		return slices.Delete(out, i, i+1), nil
	}
	if out[i], err = edit(out[i], rest, op); err != nil {
		return nil, err
	}
	return out, nil
}

// index reads an array index (RFC 6901 section 4: no leading zeros, "-" only to append).
func index(key string, length int, adding bool) (int, error) {
	if key == "-" && adding {
		return length, nil
	}
	i, err := strconv.Atoi(key)
	if err != nil || strconv.Itoa(i) != key || i < 0 {
		return 0, fmt.Errorf("%q is not an index", key)
	}
	if i >= length && (!adding || i > length) {
		return 0, fmt.Errorf("index %d is beyond the list's %d items", i, length)
	}
	return i, nil
}

// Equal compares JSON values; numbers are equal when their value is, whatever
// their Go type, and exactly: no integer is rounded to compare it.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case nil, bool, string:
		return a == b
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, found := b[k]
			if !found || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	}
	if x, ok := integer(a); ok {
		y, ok := integer(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

// integer returns a number as int64 when it is one, also when it is held in a
// float64: 1.0 is 1.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case uint32:
		return int64(n), true
	case float64:
		if n == math.Trunc(n) && n >= math.MinInt64 && n < math.MaxInt64 {
			return int64(n), true
		}
	}
	return 0, false
}
