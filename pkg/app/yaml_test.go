// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml12 "go.yaml.in/yaml/v3"
	yaml11 "sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

func TestYAML(t *testing.T) {
	got := string(app.YAML(map[string]any{
		"z": []any{map[string]any{"b": "x", "a": int64(1)}, []any{"n", []any{}, []any{true, nil}}, map[string]any{}},
		"texts": []any{
			"", "plain", "with words", "8080", "250m", "64Mi", "1e3", "0o7", "0x1F", "1_000", "190:20:30", "2026-01-02", "yes", "No", "off", "y", "null", "~",
			".inf", "-", "- a", "a: b", "a:", "a #b", "#a", "'", `"`, "a'b", "{}", "[", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "?", "=", "<<", " a", "a ",
			"registry.example.com/a:1@sha256:aa", "http://a:80/b?c=d", "10.0.0.0/8", "\u2028", "\x01", "\U0001F600", "ä", "\ufeff", "tab\t", "a\\b",
		},
		"block": "a\n  b\n\nc\n", "open": "a\nb", "kept": "a\n\n", "odd": " a\nb\n", "bell": "a\x07\n", "empty": map[string]any{}, "none": []any{}, "half": 0.5, "int": 3,
	}))
	golden(t, "writer.yaml", []byte(got))
}

// FuzzYAML writes any text as a key, a value and an item, and reads it back with
// a reader of YAML 1.1 and one of YAML 1.2.
func FuzzYAML(f *testing.F) {
	for _, s := range []string{"", "yes", "1e3", "0b1", "1:2", "a: b", "a\nb\n", "\n", "\n a", "a\n\n", "a \n", "\t", "\ta\n", "'", "\u0085", "\u2029x", "---", "...", "a\n---\nb\n", "? a", "-1", "1.5", "=", "a\r\nb", "Infinity", "+12", "0.", "1__0", "#", "a\n# b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = string(bytes.ToValidUTF8([]byte(s), nil))
		want := map[string]any{"v": s, "list": []any{s, []any{s}, map[string]any{"k": s}}, "m": map[string]any{"k" + s: "x"}}
		text := app.YAML(want)
		for name, unmarshal := range map[string]func([]byte, any) error{
			"1.1": func(b []byte, out any) error { return yaml11.Unmarshal(b, out) },
			"1.2": yaml12.Unmarshal,
		} {
			var got map[string]any
			if err := unmarshal(text, &got); err != nil {
				t.Fatalf("YAML %s: %v\n%s", name, err, text)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("YAML %s (-want +got):\n%s\n%s", name, diff, text)
			}
		}
	})
}
