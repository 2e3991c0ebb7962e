// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"

var objectErrors = []struct{ name, in, want string }{
	{"tab", head + "data:\n\ta: b\n", "f.yaml:6:1: expected spaces, found a tab in the indentation"},
	{"tab after spaces", head + "data:\n  a: b\n\tc: d\n", "f.yaml:7:1: expected spaces, found a tab in the indentation"},
	{"duplicate key", head + "data:\n  a: b\n  c: d\n  a: e\n", `f.yaml:8:3: expected each key once, found the key "a" a second time, first on line 6`},
	{"duplicate JSON key", `{"apiVersion":"v1","kind":"X","kind":"Y"}`, `f.yaml:1:31: expected each key once, found the key "kind" a second time, first on line 1`},
	{"duplicate around a merge", head + "base: &b {x: 1}\ndata:\n  x: 2\n  <<: *b\n  x: 3\n", `f.yaml:9:3: expected each key once, found the key "x" a second time, first on line 7`},
	{"second document", head + "---\n# c\n" + head + "data: b: c\n", "f.yaml:11:8: expected the end of the value, found another ': '"},
	{"open double quote", head + "data:\n  a: \"b\n  c: d\n", "f.yaml:6:6: expected a closing quote, found the end of the document"},
	{"open single quote", head + "data: ['a', 'b]\n", "f.yaml:5:13: expected a closing quote, found the end of the document"},
	{"open brace", head + "data: {a: 1\nother: x\n", "f.yaml:5:7: expected ',' or '}' in the flow mapping that starts here"},
	{"open bracket", head + "data: [a\nother: x\n", "f.yaml:5:7: expected ',' or ']' in the flow list that starts here"},
	{"dedent", head + "data:\n    a: b\n  c: d\n", "f.yaml:7:3: expected a key at the indentation of the mapping above, found something else"},
	{"no colon", head + "data:\n  a: b\n  text\n  c: d\n", "f.yaml:7:3: expected 'key: value', found text without a colon"},
	{"at sign", head + "data: @x\n", "f.yaml:5:7: expected a value, found '@', which cannot start one"},
	{"unknown anchor", head + "data: *x\n", "f.yaml:5:7: expected an alias of an anchor defined above, found an unknown one"},
	{"unknown escape", head + "data: \"\\q\"\n", "f.yaml:5:8: expected a known escape in double quotes, found an unknown one after the backslash"},
	{"control character", head + "data: a\x01\n", "f.yaml:5:8: expected text, found a control character"},
	{"item on the key's line", head + "data: - a\n", "f.yaml:5:7: expected a value, found a list item on the line of its key"},
	{"two documents in one", "a: 1\r---\rb: 2\r", "f.yaml:1:1: expected one document, found a second one without a --- line of its own"},
	{"template", head + "data: {{ .Values.x }}\n", "f.yaml:5:8: expected a key, found a mapping"},
	{"template at the top", "{{- if .Values.x }}\n" + head + "{{- end }}\n", "f.yaml:1:1: expected a value, found punctuation"},
	{"values file", "image: nginx\nreplicas: 2\n", "f.yaml:1:1: expected an object with apiVersion, kind and metadata.name, found no kind but the keys image, replicas: not a Kubernetes object"},
	{"no apiVersion", "# c\nkind: Pod\n", "f.yaml:2:1: expected an object with apiVersion, kind and metadata.name, found no apiVersion but the keys kind: not a Kubernetes object"},
	{"no metadata", "apiVersion: v1\nkind: Pod\n", "f.yaml:1:1: expected an object with apiVersion, kind and metadata.name, found no metadata but the keys apiVersion, kind: not a Kubernetes object"},
	{"no name", "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", "f.yaml:3:1: expected metadata.name, found the keys labels: not a Kubernetes object"},
	{"name is a number", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 12\n", "f.yaml:4:3: expected a name in metadata.name, found the number 12: not a Kubernetes object"},
	{"metadata is a list", "apiVersion: v1\nkind: Pod\nmetadata: []\n", "f.yaml:3:1: expected a mapping in metadata, found a list of 0: not a Kubernetes object"},
	{"kind is a boolean", "apiVersion: v1\nkind: yes\n", "f.yaml:2:1: expected a name in kind, found the boolean true: not a Kubernetes object"},
	{"scalar", "just text\n", `f.yaml:1:1: expected an object with apiVersion, kind and metadata.name, found the text "just text": not a Kubernetes object`},
	{"list", "\n- a\n- b\n", "f.yaml:2:1: expected an object with apiVersion, kind and metadata.name, found a list of 2: not a Kubernetes object"},
	{"JSON list", `["a"]`, "f.yaml:1:1: expected an object with apiVersion, kind and metadata.name, found a list of 1: not a Kubernetes object"},
	{"items is a mapping", "apiVersion: v1\nkind: List\nitems: {a: b}\n", "f.yaml:3:1: expected a list of objects in items, found the keys a: not a Kubernetes object"},
	{"null key", head + "data: {~: x}\n", "f.yaml:5:8: expected a key, found null or a number that is too large: quote it"},
	{"not a number", head + "data: .nan\n", "f.yaml:5:7: expected a number that JSON can express"},
	{"alias bomb", head + bomb(), "f.yaml:9:36: expected aliases that expand to at most 100000 nodes, found more"},
	{"alias of itself", head + "data: &x\n  a: *x\n", "f.yaml:6:6: expected a value, found the alias *x that contains itself"},
	{"deep flow", head + "data: " + strings.Repeat("[", 600) + strings.Repeat("]", 600), "f.yaml:5:507: expected at most 500 levels of nesting, found more"},
	{"deep JSON", `{"a":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "}", "f.yaml:1:506: expected at most 500 levels of nesting, found more"},
	{"JSON without a comma", "{\"a\": 1\n \"b\": 2}", "f.yaml:2:2: invalid JSON: expected ',' or '}', found '\"'"},
	{"JSON that ends early", "{\"a\": {\"b\": 1}", "f.yaml:1:15: invalid JSON: expected ',' or '}', found the end of the document"},
	{"JSON with more after it", "{\"a\": 1} x", "f.yaml:1:10: invalid JSON: expected the end of the document after the object, found 'x'"},
	{"JSON with an open string", "{\"a\": \"x\n}", "f.yaml:1:7: invalid JSON: expected a closing quote on the same line, found none"},
	{"JSON with a bad word", "{\"a\": nul]", "f.yaml:1:7: invalid JSON: expected a value, not \"nul\", found 'n'"},
	{"non-ASCII column", head + "é: {ü: 1, ö: .inf}\n", "f.yaml:5:14: expected a number that JSON can express"},
	{"after a BOM", "\uFEFFkind: 1\n", "f.yaml:1:1: expected a name in kind, found the number 1: not a Kubernetes object"},
}

// bomb is a document whose aliases expand to 10^8 nodes.
func bomb() string {
	text := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'h'; c++ {
		alias := "*" + string(c-1)
		text += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(alias+", ", 9)+alias)
	}
	return text
}

func TestObjectsErrors(t *testing.T) {
	for _, c := range objectErrors {
		t.Run(c.name, func(t *testing.T) {
			s, err := manifest.Split("f.yaml", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var errs []error
			for _, d := range s.Docs {
				_, err := d.Objects()
				errs = append(errs, fault.All(err)...)
			}
			if len(errs) != 1 || errs[0].Error() != c.want {
				t.Fatalf("got  %v\nwant %s", errs, c.want)
			}
			if fault.KindOf(errs[0]) != fault.Failed {
				t.Errorf("kind %d", fault.KindOf(errs[0]))
			}
			if is := strings.HasSuffix(c.want, manifest.ErrNotObject.Error()); errors.Is(errs[0], manifest.ErrNotObject) != is {
				t.Errorf("ErrNotObject: %t", !is)
			}
			foreign := slices.Contains([]string{"values file", "list", "JSON list"}, c.name)
			if errors.Is(errs[0], manifest.ErrForeign) != foreign {
				t.Errorf("ErrForeign: %t", !foreign)
			}
		})
	}
}

func TestObjectsHints(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{head + "data: {{ .Values.x }}\n", "helm template"},
		{"image: {{ .Values.x | quote }}\n", "helm template"},
		{"{{- if .Values.x }}\na: b\n{{- end }}\n", "helm template"},
		{"a:\n  - b\n {{ c }}\n", "helm template"},
		{"image: \"{{ .Values.x }}\"\n", "helm template"},
		{head + "\ta: b\n", "replace them by spaces"},
		{head + "kind: Pod\n", "delete one"},
		{"- a\n", "kind List"},
	} {
		s, err := manifest.Split("f", []byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Docs[0].Objects()
		var e *fault.Error
		if !errors.As(err, &e) || !strings.Contains(e.Hint, c.want) {
			t.Errorf("%q: hint of %#v, want %q", c.in, err, c.want)
		}
	}
}

// A broken document or item hides no other.
func TestBrokenAmongGood(t *testing.T) {
	item := "- apiVersion: v1\n  kind: Pod\n  metadata: {name: %s}\n"
	for _, c := range []struct {
		name, in    string
		names, errs string
	}{
		{"documents", head + "---\na: b: c\n---\n" + head, "a a", "f:6:5"},
		{"list items", "apiVersion: v1\nkind: List\nitems:\n" + fmt.Sprintf(item, "x") + "- kind: Pod\n- 12\n- a: 1\n  a: 2\n- {a: .nan}\n" + fmt.Sprintf(item, "z"), "x z", "f:7:3 f:8:3 f:10:3 f:11:7"},
		{"JSON lines", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}` + "\n" + `{"apiVersion":"v1","kind":"Pod"` + "\n" + `{"kind":]}` + "\n" + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"y"}}`, "x y", "f:2:32 f:3:9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := manifest.Split("f", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var names, places []string
			for _, d := range s.Docs {
				objects, err := d.Objects()
				for _, o := range objects {
					names = append(names, o.Value["metadata"].(map[string]any)["name"].(string))
				}
				for _, err := range fault.All(err) {
					var e *fault.Error
					if errors.As(err, &e) {
						places = append(places, e.Where)
					}
				}
			}
			if got := strings.Join(names, " "); got != c.names {
				t.Errorf("objects %s, want %s", got, c.names)
			}
			if got := strings.Join(places, " "); got != c.errs {
				t.Errorf("errors at %s, want %s", got, c.errs)
			}
		})
	}
}
