// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package patch_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// parse reads JSON with whole numbers as int64, as Kubernetes' decoders do.
func parse(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return numbers(v)
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	}
	return v
}

func operations(t testing.TB, text string) []patch.Op {
	t.Helper()
	var ops []patch.Op
	if err := json.Unmarshal([]byte(text), &ops); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for i := range ops {
		data, err := json.Marshal(ops[i].Value)
		if err != nil {
			t.Fatal(err)
		}
		ops[i].Value = parse(t, string(data))
	}
	return ops
}

// The first cases are the examples of RFC 6902, appendix A.
var cases = []struct{ name, doc, ops, want, err string }{
	{"A.1 add a member", `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"foo":"bar","baz":"qux"}`, ""},
	{"A.2 add an element", `{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`, ""},
	{"A.3 remove a member", `{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`, ""},
	{"A.4 remove an element", `{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`, ""},
	{"A.5 replace", `{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`, ""},
	{"A.8 tests hold", `{"baz":"qux","foo":["a",2,"c"]}`, `[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]`, `{"baz":"qux","foo":["a",2,"c"]}`, ""},
	{"A.9 a test fails", `{"baz":"qux"}`, `[{"op":"test","path":"/baz","value":"bar"}]`, "", "operation 0 (test /baz): test failed: value is \"qux\", not \"bar\""},
	{"A.10 add a nested object", `{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"foo":"bar","child":{"grandchild":{}}}`, ""},
	{"A.12 add below nothing", `{"foo":"bar"}`, `[{"op":"add","path":"/baz/bat","value":"qux"}]`, "", `operation 0 (add /baz/bat): no field "baz"`},
	{"A.14 escapes", `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":10}]`, `{"/":9,"~1":10}`, ""},
	{"A.15 a string is no number", `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":"10"}]`, "", "operation 0 (test /~01): test failed: value is 10, not \"10\""},
	{"A.16 append", `{"foo":["bar"]}`, `[{"op":"add","path":"/foo/-","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`, ""},
	{"add over a member", `{"a":1}`, `[{"op":"add","path":"/a","value":null}]`, `{"a":null}`, ""},
	{"add at the end by index", `{"a":[1]}`, `[{"op":"add","path":"/a/1","value":2}]`, `{"a":[1,2]}`, ""},
	{"add beyond the end", `{"a":[1]}`, `[{"op":"add","path":"/a/2","value":2}]`, "", "operation 0 (add /a/2): index 2 is beyond the list's 1 items"},
	{"in order", `{}`, `[{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":[1]},{"op":"add","path":"/a/b/0","value":0},{"op":"remove","path":"/a/b/1"}]`, `{"a":{"b":[0]}}`, ""},
	{"empty key", `{"":{"":1}}`, `[{"op":"replace","path":"//","value":2}]`, `{"":{"":2}}`, ""},
	{"whole document", `{"a":1}`, `[{"op":"replace","path":"","value":[1]}]`, `[1]`, ""},
	{"remove the document", `{"a":1}`, `[{"op":"remove","path":""}]`, `null`, ""},
	{"replace nothing", `{}`, `[{"op":"replace","path":"/a","value":1}]`, "", `operation 0 (replace /a): no field "a"`},
	{"remove nothing", `{}`, `[{"op":"remove","path":"/a"}]`, "", `operation 0 (remove /a): no field "a"`},
	{"remove by dash", `{"a":[1]}`, `[{"op":"remove","path":"/a/-"}]`, "", `operation 0 (remove /a/-): "-" is not an index`},
	{"leading zero", `{"a":[1,2]}`, `[{"op":"replace","path":"/a/01","value":1}]`, "", `operation 0 (replace /a/01): "01" is not an index`},
	{"sign", `{"a":[1,2]}`, `[{"op":"replace","path":"/a/+1","value":1}]`, "", `operation 0 (replace /a/+1): "+1" is not an index`},
	{"minus zero", `{"a":[1,2]}`, `[{"op":"replace","path":"/a/-0","value":1}]`, "", `operation 0 (replace /a/-0): "-0" is not an index`},
	{"below a scalar", `{"a":1}`, `[{"op":"add","path":"/a/b","value":1}]`, "", `operation 0 (add /a/b): "b": expected an object or a list, found int64`},
	{"second fails", `{"a":1}`, `[{"op":"replace","path":"/a","value":2},{"op":"test","path":"/b","value":2}]`, "", `operation 1 (test /b): test failed: no field "b"`},
	{"bad pointer", `{"a":1}`, `[{"op":"remove","path":"a"}]`, "", `operation 0 (remove a): pointer "a" does not start with /`},
	{"bad escape", `{"a":1}`, `[{"op":"remove","path":"/a~2"}]`, "", `operation 0 (remove /a~2): pointer "/a~2" has a ~ that is neither ~0 nor ~1`},
	{"unknown operation", `{"a":1}`, `[{"op":"move","path":"/a"}]`, "", `operation 0 (move /a): operation "move" is not supported`},
}

func TestApply(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, before := parse(t, c.doc), parse(t, c.doc)
			got, err := patch.Apply(doc, operations(t, c.ops))
			if message(err) != c.err {
				t.Fatalf("error %q, want %q", message(err), c.err)
			}
			if errors.Is(err, patch.ErrTest) != strings.Contains(c.err, "test failed") {
				t.Errorf("%v: ErrTest is %t", err, errors.Is(err, patch.ErrTest))
			}
			if diff := cmp.Diff(before, doc); diff != "" {
				t.Errorf("the input changed: %s", diff)
			}
			if c.err == "" {
				if diff := cmp.Diff(parse(t, c.want), got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestInverse(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkInverse(t, parse(t, c.doc), operations(t, c.ops))
		})
	}
	list := parse(t, `[1]`)
	checkInverse(t, list, operations(t, `[{"op":"add","path":"","value":{"a":1}},{"op":"add","path":"/a","value":2}]`))
}

// checkInverse holds Inverse to its word: it fails when Apply does, and undoes
// what Apply did.
func checkInverse(t *testing.T, doc any, ops []patch.Op) {
	t.Helper()
	after, err := patch.Apply(doc, ops)
	undo, undoErr := patch.Inverse(doc, ops)
	if (err == nil) != (undoErr == nil) {
		t.Fatalf("Apply: %v, Inverse: %v", err, undoErr)
	}
	if err != nil {
		return
	}
	back, err := patch.Apply(after, undo)
	if err != nil {
		t.Fatalf("%v: the inverse %v: %v", ops, undo, err)
	}
	if !patch.Equal(doc, back) {
		t.Fatalf("%v: the inverse %v gives\n%s", ops, undo, cmp.Diff(doc, back))
	}
}

func TestOpMarshalJSON(t *testing.T) {
	for _, c := range []struct {
		op   patch.Op
		want string
	}{
		{patch.Op{Op: patch.Remove, Path: "/a", Value: 1}, `{"op":"remove","path":"/a"}`},
		{patch.Op{Op: patch.Add, Path: "/a"}, `{"op":"add","path":"/a","value":null}`},
		{patch.Op{Op: patch.Test, Path: "", Value: []any{int64(1)}}, `{"op":"test","path":"","value":[1]}`},
	} {
		if got, err := json.Marshal(c.op); err != nil || string(got) != c.want {
			t.Errorf("%s, %v, want %s", got, err, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{nil, nil, true}, {nil, false, false}, {nil, "", false}, {"", nil, false}, {true, true, true}, {true, 1, false},
		{1, 1.0, true}, {int32(1), int64(1), true}, {uint32(7), 7, true}, {1, "1", false}, {1.5, 1.5, true}, {1.5, 1, false}, {1, 1.5, false},
		{int64(math.MaxInt64), float64(math.MaxInt64), false}, {int64(9007199254740993), int64(9007199254740992), false}, {int64(9007199254740992), 9007199254740992.0, true},
		{math.Copysign(0, -1), 0, true}, {1e300, 1e300, true}, {math.NaN(), 0, false},
		{[]any{1, "a"}, []any{1.0, "a"}, true}, {[]any{1}, []any{1, 2}, false}, {[]any{}, map[string]any{}, false}, {[]any{}, nil, false},
		{map[string]any{"a": nil}, map[string]any{}, false}, {map[string]any{"a": nil}, map[string]any{"b": nil}, false}, {map[string]any{"a": []any{1}}, map[string]any{"a": []any{1}}, true},
	} {
		if got := patch.Equal(c.a, c.b); got != c.want {
			t.Errorf("Equal(%#v, %#v) is %t", c.a, c.b, got)
		}
		if got := patch.Equal(c.b, c.a); got != c.want {
			t.Errorf("Equal(%#v, %#v) is %t", c.b, c.a, got)
		}
	}
}
