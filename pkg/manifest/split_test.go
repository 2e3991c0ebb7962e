// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

type document struct {
	Line  int
	Blank bool
	Bytes string
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []document
	}{
		{"empty", "", nil},
		{"only blanks", "\n  \n", []document{{1, true, "\n  \n"}}},
		{"only comments", "# a\n# b", []document{{1, true, "# a\n# b"}}},
		{"one", "# c\n\na: 1\n", []document{{3, false, "# c\n\na: 1\n"}}},
		{"no final newline", "a: 1", []document{{1, false, "a: 1"}}},
		{"separator first", "---\na: 1\n", []document{{2, false, "a: 1\n"}}},
		{"comment before the first separator", "# license\n---\na: 1\n", []document{{3, false, "a: 1\n"}}},
		{"two", "a: 1\n---\nb: 2\n", []document{{1, false, "a: 1\n"}, {3, false, "b: 2\n"}}},
		{"separator with comment and blanks", "a: 1\n---  # next\nb: 2\n---\t\nc: 3\n", []document{{1, false, "a: 1\n"}, {3, false, "b: 2\n"}, {5, false, "c: 3\n"}}},
		{"separator at the end", "a: 1\n---", []document{{1, false, "a: 1\n"}, {2, true, ""}}},
		{"blank between", "a: 1\n---\n# x\n---\nb: 2\n", []document{{1, false, "a: 1\n"}, {3, true, "# x\n"}, {5, false, "b: 2\n"}}},
		{"content on the separator", "--- {a: 1}\n--- |\n text\n", []document{{1, false, " {a: 1}\n"}, {2, false, " |\n text\n"}}},
		{"not separators", "a: |\n  ---\n  x\nb: ----\n---x: 1\n ---\n", []document{{1, false, "a: |\n  ---\n  x\nb: ----\n---x: 1\n ---\n"}}},
		{"terminators", "a: 1\n...\nb: 2\n...\n# end\n", []document{{1, false, "a: 1\n...\n"}, {3, false, "b: 2\n...\n# end\n"}}},
		{"terminator and separator", "a: 1\n...\n---\nb: 2\n", []document{{1, false, "a: 1\n...\n"}, {4, false, "b: 2\n"}}},
		{"directives", "%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", []document{{3, false, "a: 1\n...\n"}, {7, false, "b: 2\n"}}},
		{"CRLF", "a: 1\r\n---\r\nb: 2\r\n...\r\n", []document{{1, false, "a: 1\r\n"}, {3, false, "b: 2\r\n...\r\n"}}},
		{"BOM", "\uFEFF---\na: 1\n", []document{{2, false, "a: 1\n"}}},
		{"JSON lines", "{\"a\":1}\n{\"b\":\"}{\"}\n", []document{{1, false, "{\"a\":1}\n"}, {2, false, "{\"b\":\"}{\"}\n"}}},
		{"JSON after each other", "{\"a\":{}}{\"b\":[{}]} {}", []document{{1, false, "{\"a\":{}}"}, {1, false, "{\"b\":[{}]} "}, {1, false, "{}"}}},
		{"indented JSON", "{\n  \"a\": [\n{\n}\n,\n{}\n]\n}\n{\n  \"b\": 2\n}\n", []document{{1, false, "{\n  \"a\": [\n{\n}\n,\n{}\n]\n}\n"}, {9, false, "{\n  \"b\": 2\n}\n"}}},
		{"JSON and YAML", "{\"a\":1}\n---\nb: 2\n", []document{{1, false, "{\"a\":1}\n"}, {3, false, "b: 2\n"}}},
		{"flow YAML is one document", "{a: '}\n{'}\n", []document{{1, false, "{a: '}\n{'}\n"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := manifest.Split("f", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var got []document
			for _, d := range s.Docs {
				got = append(got, document{d.Line, d.Blank(), string(d.Bytes())})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHead(t *testing.T) {
	type head struct {
		Text string
		Line int
	}
	for _, c := range []struct {
		name, in string
		want     []head
	}{
		{"no separator", "# c\na: 1\n", []head{{"", 1}}},
		{"separator first", "---\n# c\na: 1\n", []head{{"", 1}}},
		{"comment before the first separator", "# license\n\n---\na: 1\n---\nb: 2\n", []head{{"# license\n\n", 1}, {"", 5}}},
		{"content on the separator", "# c\n--- {a: 1}\n", []head{{"# c\n", 1}}},
		{"comment at the end of the document before", "a: 1\n# c\n---\nb: 2\n", []head{{"", 1}, {"", 3}}},
		{"after a terminator", "a: 1\n...\n# c\n---\nb: 2\n", []head{{"", 1}, {"# c\n", 3}}},
		{"directive", "%YAML 1.1\n# c\n---\na: 1\n", []head{{"%YAML 1.1\n# c\n", 1}}},
		{"BOM", "\uFEFF# c\n---\na: 1\n", []head{{"# c\n", 1}}},
		{"JSON after each other", "# c\n---\n{} {}", []head{{"# c\n", 1}, {"", 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := manifest.Split("f", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var got []head
			for _, d := range s.Docs {
				text, line := d.Head()
				got = append(got, head{string(text), line})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"NUL", []byte("a: 1\nb: \x00\n"), "f:2:4: expected YAML or JSON text, found a NUL byte at offset 8: the file is binary or not UTF-8"},
		{"Latin-1", []byte("a: 1\nb: \xe9\n"), "f:2:4: expected UTF-8 text, found the invalid byte 0xe9 at offset 8: the file is binary or in another encoding"},
		{"UTF-16", []byte("\xff\xfea\x00"), "f:1:1: expected UTF-8 text, found UTF-16"},
		{"UTF-16 big endian", []byte("\xfe\xff\x00a"), "f:1:1: expected UTF-8 text, found UTF-16"},
		{"too large", bytes.Repeat([]byte(" "), manifest.MaxSize+1), "f: expected at most 256 MiB of manifests, found 256 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := manifest.Split("f", c.in); err == nil || err.Error() != c.want || fault.KindOf(err) != fault.Failed {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	s, err := manifest.Split("-", []byte("a: b: c\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Docs[0].Objects(); err == nil || !strings.HasPrefix(err.Error(), "<stdin>:1:5: ") {
		t.Errorf("%v", err)
	}
}

func TestSniff(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"apiVersion: v1\nkind: Pod\n", "v1 Pod"},
		{"kind: Pod\napiVersion: apps/v1\n", "apps/v1 Pod"},
		{"# c\n\nkind: \"Pod\" # c\nmetadata:\n- x\n# c\n  - y\napiVersion: 'v1'\n", "v1 Pod"},
		{"kind: Pod\r\napiVersion: v1\r\n", "v1 Pod"},
		{"spec:\n  a: |\n    kind: X\n  b: \"x\"\napiVersion: v1\nkind:\t Pod", "v1 Pod"},
		{"apiVersion: v1\nkind: Pod\n\n\n\nmetadata: {}\n", "v1 Pod"},
		{"---\n# c\napiVersion: v1\nkind: Pod", "v1 Pod"},
		{`{"apiVersion":"v1","kind":"Pod"}`, "v1 Pod"},
		{"{\n \"metadata\": {\"kind\": \"}\\\"\"}, \"n\": [1, -2.5e3, {}], \"kind\": \"Pod\" ,\n \"apiVersion\" : \"v1\"\n}", "v1 Pod"},
		{"", ""},
		{"kind: Pod\n", ""},
		{"apiVersion: v1\nkind: Pod\n  more\n", ""},
		{"apiVersion: v1\nkind: Pod\n\n\n  more\n", ""},
		{"apiVersion: v1\nkind: yes\n", ""},
		{"apiVersion: 1\nkind: Pod\n", ""},
		{"apiVersion: v1\nkind: Po d\n", ""},
		{"apiVersion: v1\nkind: \"Po\\x64\"\n", ""},
		{"apiVersion: v1\nkind: *x\n", ""},
		{"apiVersion: v1\nkind: |\n  Pod\n", ""},
		{"a: \"x\nkind: Pod\napiVersion: v1\n\"\n", ""},
		{"a: \"x\\\"\nkind: Pod\napiVersion: v1\n\"\n", ""},
		{"a: 'x\nkind: Pod\napiVersion: v1\n'\n", ""},
		{"a: [\nkind: Pod\n,\napiVersion: v1\n]\n", ""},
		{"<<: *x\nkind: Pod\napiVersion: v1\n", ""},
		{"\"kind\": Pod\napiVersion: v1\n", ""},
		{"? kind\n: Pod\n", ""},
		{"- kind: Pod\n  apiVersion: v1\n", ""},
		{"  kind: Pod\n  apiVersion: v1\n", ""},
		{"text\n", ""},
		{"--- {kind: Pod, apiVersion: v1}\n", ""},
		{`{"apiVersion":"v1","kind":"Po\u0064"}`, ""},
		{`{"apiVersion":"v1","kind":1}`, ""},
		{`{"apiVersion":"v1"`, ""},
		{`{"apiVersion":"v1","x":"y`, ""},
		{`{apiVersion: v1, kind: Pod}`, ""},
	} {
		s, err := manifest.Split("f", []byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(s.Docs) > 0 {
			if apiVersion, kind, ok := s.Docs[0].Sniff(); ok {
				got = apiVersion + " " + kind
			}
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
