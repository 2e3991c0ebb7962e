// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	scenes, err := parse("# one\n$ a \\\n    b\n$ c\n\n# two\n$ d\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, s := range scenes {
		for _, step := range s.steps {
			got[s.comment] = append(got[s.comment], step.command())
		}
	}
	if diff := cmp.Diff(map[string][]string{"# one": {"a \\\n    b", "c"}, "# two": {"d"}}, got); diff != "" {
		t.Error(diff)
	}
	for script, want := range map[string]string{
		"$ a":                               "line 1: expected a comment",
		"# one\nls":                         "line 2: expected a comment",
		"# one\n$ a \\":                     "continued",
		"# one\n\n# two\n$ a":               `expected a command after "# one"`,
		"# " + strings.Repeat("é", columns): "line 1: expected at most 80 columns, found 82",
	} {
		if _, err := parse(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", script, err, want)
		}
	}
}

func TestScreen(t *testing.T) {
	red, plain := style{color: "red"}, style{}
	for name, test := range map[string]struct {
		text string
		want []line
	}{
		"colours":   {"a\x1b[31mb\x1b[0mc\r\n", []line{{{plain, "a"}, {red, "b"}, {plain, "c"}}}},
		"two codes": {"\x1b[1;31mb\x1b[22;39mc", []line{{{style{color: "red", bold: true}, "b"}, {plain, "c"}}}},
		"lines":     {"\x1b[31ma\r\nb\x1b[m\r\n\r\nc", []line{{{red, "a"}}, {{red, "b"}}, nil, {{plain, "c"}}}},
		"wrapped": {"\x1b[2m" + strings.Repeat("é", 79) + "\x1b[0mxyz", []line{
			{{style{dim: true}, strings.Repeat("é", 79)}, {plain, "x"}}, {{plain, "yz"}},
		}},
		"full": {strings.Repeat("x", 80), []line{{{plain, strings.Repeat("x", 80)}}}},
	} {
		got, err := screen(test.text)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(span{}, style{})); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for _, wrong := range []string{"\x1b[2J", "\x1b[35mx", "\x1b[31"} {
		if got, err := screen(wrong); err == nil {
			t.Errorf("%q: got %v", wrong, got)
		}
	}
}

// texts are the lines of a drawing, which must be XML.
func texts(t *testing.T, drawing []byte) (lines []string) {
	t.Helper()
	for d, open := xml.NewDecoder(strings.NewReader(string(drawing))), ""; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if open = token.Name.Local; open == "text" {
				lines = append(lines, "")
			}
		case xml.CharData:
			if open == "text" || open == "tspan" {
				lines[len(lines)-1] += string(token)
			}
		case xml.EndElement:
			if token.Name.Local == "text" {
				open = ""
			}
		}
	}
}

// TestRun records commands of the shell: on a terminal of the promised size, in one
// directory with the examples.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("kubectl-micro", "#!/bin/sh\necho \"<$*> & colours\"\n")
	o := options{root: "../..", bin: dir, output: filepath.Join(dir, "demo.svg")}
	o.script = file("demo.txt", "# one\n$ test -t 1 && stty size; echo 1 > file; false\n# two\n$ kubectl-micro \\\n  x; cat file; ls -d examples/shop\n")
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	drawing, err := os.ReadFile(o.output)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"# one", "$ test -t 1 && stty size; echo 1 > file; false", "24 80",
		"# two", `$ kubectl-micro \`, "  x; cat file; ls -d examples/shop", "<x> & colours", "1", "examples/shop",
	}
	if diff := cmp.Diff(want, texts(t, drawing)); diff != "" {
		t.Error(diff)
	}

	o.check = true
	if err := run(t.Context(), o); err != nil {
		t.Errorf("a second time: %v", err)
	}
	for script, want := range map[string]string{
		"# one\n$ echo other":                "is not what the program shows now; try: go run ./cmd/gen-recording",
		"# one\n$ nothing-of-this-name":      "nothing-of-this-name",
		"# one\n$ printf 'a\\n%.0s' {1..23}": "expected at most 24 lines, found 25",
	} {
		o.script = file("demo.txt", script)
		if err := run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", script, err, want)
		}
	}
}

// TestDemo looks at the recording that is published: its size, and that it shows what
// the script says.
func TestDemo(t *testing.T) {
	drawing, err := os.ReadFile("../../docs/demo.svg")
	if err != nil {
		t.Fatal(err)
	}
	if len(drawing) > 60<<10 {
		t.Errorf("expected at most 60 KB, found %d bytes", len(drawing))
	}
	script, err := os.ReadFile("demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, l := range texts(t, drawing) {
		shown[l] = true
	}
	for l := range strings.Lines(string(script)) {
		if l = strings.TrimRight(l, "\n"); l != "" && !shown[l] {
			t.Errorf("docs/demo.svg does not show %q; try: go run ./cmd/gen-recording", l)
		}
	}
}
