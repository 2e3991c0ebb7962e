// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// value reads text as the field "v" of an object and returns what became of it.
func value(t *testing.T, text string) (any, error) {
	t.Helper()
	s, err := manifest.Split("f.yaml", []byte(wrap(text)))
	if err != nil {
		return nil, err
	}
	var objects []*manifest.Object
	for _, d := range s.Docs {
		o, err := d.Objects()
		if err != nil {
			return nil, err
		}
		objects = append(objects, o...)
	}
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	return objects[0].Value["v"], nil
}

func wrap(text string) string {
	return "apiVersion: v1\nkind: X\nmetadata: {name: x}\nanchor: &anchor {a: 1, b: 2}\nlist: &list [1, 2]\nword: &word w\nv: " + text + "\n"
}

// kubectlValue reads the same text as kubectl does.
func kubectlValue(text string) (any, error) {
	data, err := yaml.YAMLToJSON([]byte(wrap(text)))
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := k8sjson.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	return m["v"], nil
}

func TestDecodesLikeKubectl(t *testing.T) {
	for _, text := range []string{
		"", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRue", "false", "yes", "Yes", "YES", "no", "No", "on", "ON", "off", "Off",
		"y", "Y", "n", "N", "yep", "nope", "onwards", "0", "-0", "+0", "1", "-1", "+1", "0777", "0o17", "-0o17", "08", "09.5", "0x1F", "-0x1f", "0b101", "-0b11", "0b+1",
		"0b-1", "1_000", "1_0.5", "_1", "1__0", "1e3", "1E3", "1e+3", "1e-3", "1.", ".5", "-.5", "+.5", ".", "..", ".e1", "1.0", "1.5", "-0.0", "1e400", "9007199254740993",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
		"1e18", "1e19", "1e20", "1e21", "1e22", "123456789012345680.0", "1234567890123456789.0", ".inf", "-.inf", "+.inf", ".nan", ".NaN", "2001-01-01", "2001-12-14t21:59:43.10-05:00",
		"2001-12-14 21:59:43.10", "12:30:45", "1:20", "0.1.2", "v1", "1.2.3", "1Gi", "500m", "- a", "-", "+", "<<", "=",
		`"yes"`, `'1'`, `"\u00e9\x41\n"`, "'it''s'", "\"a\n  b\"", "a\n  b", "a\n\n  b", "|\n  a\n  b\n", "|-\n  a\n", "|+\n  a\n\n", ">\n  a\n  b\n\n  c\n", "|2\n    a\n   b\n",
		"!!str 1", "!!str yes", "!!int \"3\"", "!!int 0x1", "!!int x", "!!float 3", "!!float 1.5", "!!float x", "!!bool \"yes\"", "!!bool 1", "!!null \"\"", "!!null x",
		"!!binary aGVsbG8=", "!!binary /w==", "!!binary x", "!!timestamp 2001-01-01", "!!timestamp x", "!custom 12", "!custom {a: 1}", "!<tag:yaml.org,2002:str> 1",
		"!!set {a, b}", "!!omap [a: 1]", "[1, two, [3]]", "{a: 1, b: {c: d}}", "{a, b: }", "[a: b, c]", "{1: a}", "{1.5: a}", "{1e3: a}", "{yes: a}", "{no: a}", "{~: a}",
		"{.inf: a}", "{2001-01-01: a}", "{18446744073709551615: a}", "{0x10: a}", "{0777: a}", "{-1: a}", "{[a]: b}", "{{a: b}: c}", "{!!str 1: a}", "{\"1\": a}", "{3.141592653589793: pi}",
		"*anchor", "*list", "*word", "*nothing", "{<<: *anchor}", "{<<: *anchor, a: 3}", "{a: 3, <<: *anchor}", "{<<: [*anchor, {a: 9, c: 9}]}", "{<<: [{a: 9, c: 9}, *anchor]}",
		"{<<: *list}", "{<<: *word}", "{<<: 1}", "{<<: []}", "{\"<<\": *anchor}", "{!!merge <<: *anchor}", "{*word : 1}", "{*anchor : 1}", "&self [*self]", "&self {<<: *self}",
		"\n  <<: *anchor\n  b: 3\n  <<: {b: 4}", "{a: &x 1, b: *x, c: &x 2, d: *x}", "\"\\/\"", `"\ud83d\ude00"`, "😀", "{\"a\":\"b\",\"c\":[1,2,{}]}", "a#b", "a #b", "a:b", "http://x/y?z=1",
		"%x", "@x", "`x", "a: b", "!!str", "!!map {a: 1}", "!!seq [1]", "!!str [1]", "? a", "\n  ? a\n  : b", "\n  ? [a]\n  : b", "\n- a\n- b", "\n  - a\n  -\n  - - b\n    - c",
	} {
		got, gotErr := value(t, text)
		want, wantErr := kubectlValue(text)
		if (gotErr == nil) != (wantErr == nil) {
			t.Errorf("%q: error %v, kubectl's is %v", text, gotErr, wantErr)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-kubectl +got)\n%s", text, diff)
		}
	}
}

func TestDecodesJSONLikeKubectl(t *testing.T) {
	for _, text := range []string{
		`1`, `1.0`, `1e3`, `-0`, `-0.0`, `1E-2`, `9223372036854775807`, `9223372036854775808`, `"\ud83d\ude00\/"`, `"\u00e9"`, `true`, `null`, `[]`, `{}`, `{"a":{"b":[1,2.5,"c"]}}`,
		`"yes"`, `"a\tb"`, `"\ud800"`,
	} {
		in := `{"apiVersion":"v1","kind":"X","metadata":{"name":"x"},"v":` + text + `}`
		s, err := manifest.Split("f.json", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		objects, err := s.Docs[0].Objects()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !json.Valid([]byte(in)) {
			t.Fatalf("%s is not JSON", text)
		}
		want := map[string]any{}
		if err := k8sjson.Unmarshal([]byte(in), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, objects[0].Value); diff != "" {
			t.Errorf("%s: (-kubectl +got)\n%s", text, diff)
		}
	}
}
