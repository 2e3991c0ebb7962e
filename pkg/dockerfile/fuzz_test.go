// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package dockerfile_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
)

// FuzzParse: whatever a file holds, what is read has a place in it: lines rise,
// each is the line of that number, and every pair, flag and word can be asked for.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"FROM node:24 AS a\nRUN --mount=type=cache,target=/x npm ci\nCMD [\"node\", \"a.js\"]\n",
		"# escape=`\nARG A=1 B\nENV A=\"x y\" B='z\nFROM a`\n b\n",
		"RUN <<EOF <<-B\n\tx\nEOF\n\tB\nCOPY a \\\n#\n\n b", "ENV \\", "RUN\\\n", "\ufeffFROM a\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		file := dockerfile.Parse([]byte(text))
		last := 0
		check := func(l dockerfile.Line) {
			if l.Number <= last || l.Number > len(lines) {
				t.Fatalf("line %d after %d of %d", l.Number, last, len(lines))
			}
			if got := strings.TrimSuffix(lines[l.Number-1], "\r"); got != l.Text {
				t.Fatalf("line %d is %q, not %q", l.Number, got, l.Text)
			}
			last = l.Number
		}
		for _, i := range file.Instructions {
			for _, l := range i.Lines {
				check(l)
			}
			for _, h := range i.Heredocs {
				for _, l := range h.Lines {
					check(l)
				}
			}
			for _, p := range i.Pairs() {
				if !strings.Contains(i.Text, p.Literal) {
					t.Fatalf("pair %q is not in %q", p.Literal, i.Text)
				}
			}
			i.Exec()
			if line, column := i.Place(i.Text); line < 1 || column < 1 {
				t.Fatalf("place %d:%d", line, column)
			}
		}
		stages := file.Stages()
		if n := len(dockerfile.Lineage(stages)); n > len(stages) {
			t.Fatalf("%d of %d stages", n, len(stages))
		}
	})
}
