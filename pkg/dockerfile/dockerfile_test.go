// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package dockerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
)

// told writes what was read, an instruction a line: lines, word, flags, text and
// here-documents.
func told(f *dockerfile.File) string {
	var b strings.Builder
	for _, i := range f.Instructions {
		fmt.Fprintf(&b, "%d-%d %s", i.Lines[0].Number, i.Lines[len(i.Lines)-1].Number, i.Word)
		for _, flag := range i.Flags {
			fmt.Fprintf(&b, " {%s %s}", flag.Name, flag.Value)
		}
		fmt.Fprintf(&b, " %s", i.Text)
		for _, h := range i.Heredocs {
			fmt.Fprintf(&b, " <%s:%d>", h.Name, len(h.Lines))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty": {"", ""},
		"plain": {"FROM node:24\nuser 1\n", "1-1 FROM node:24\n2-2 USER 1\n"},
		"comments and blanks inside": {
			"RUN a && \\\n  # why\n\n  b\nUSER 1", "1-4 RUN a && b\n5-5 USER 1\n",
		},
		"a comment ends in a backslash": {"# x \\\nUSER 1\n", "2-2 USER 1\n"},
		"continued before the text":     {"RUN \\\n a \\\n b\n", "1-3 RUN a b\n"},
		"the end is continued":          {"RUN a \\", "1-1 RUN a\n"},
		"windows": {
			"# syntax=docker/dockerfile:1\r\n# escape=`\r\nCOPY a `\r\n c:\\\r\nUSER 1\r\n", "3-4 COPY a c:\\\n5-5 USER 1\n",
		},
		"escape below an instruction": {"FROM a\n# escape=`\nRUN a `\nUSER 1\n", "1-1 FROM a\n3-3 RUN a `\n4-4 USER 1\n"},
		"flags": {
			"COPY --from=build --link /a --b /c\nRUN --mount=type=cache,target=/x npm ci --omit=dev\n",
			"1-1 COPY {from build} {link } /a --b /c\n2-2 RUN {mount type=cache,target=/x} npm ci --omit=dev\n",
		},
		"here-documents": {
			"RUN <<EOF bash\nUSER x\nEOF\nCOPY <<a <<-\"b\" /c/\n1\na\n2\n\tb\nUSER 1\n",
			"1-1 RUN <<EOF bash <EOF:1>\n4-4 COPY <<a <<-\"b\" /c/ <a:1> <b:1>\n9-9 USER 1\n",
		},
		"no here-documents": {
			"RUN cat <<<EOF && echo $((1<<3))\nENV A=<<B\nUSER 1\n",
			"1-1 RUN cat <<<EOF && echo $((1<<3))\n2-2 ENV A=<<B\n3-3 USER 1\n",
		},
		"an end that is none": {"RUN <<EOF\n EOF\nUSER 1\n", "1-1 RUN <<EOF <EOF:2>\n"},
		"a byte order mark":   {"\ufeffFROM a\n", "1-1 FROM a\n"},
		"no instructions":     {"123\n{}\n- a\n", ""},
	} {
		if diff := cmp.Diff(c.want, told(dockerfile.Parse([]byte(c.in)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExec(t *testing.T) {
	for in, want := range map[string][]string{
		`CMD ["npm", "start"]`:   {"npm", "start"},
		`CMD []`:                 {},
		`CMD ['npm']`:            nil,
		`CMD npm start`:          nil,
		"CMD [\"a\", \\\n\"b\"]": {"a", "b"},
	} {
		got, _ := dockerfile.Parse([]byte(in)).Instructions[0].Exec()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestPairs(t *testing.T) {
	for in, want := range map[string][]dockerfile.Pair{
		`ENV A=1 B="x y" C='z' D=a\ b`: {{"A", "1", true, "A=1"}, {"B", "x y", true, `B="x y"`}, {"C", "z", true, "C='z'"}, {"D", "a b", true, `D=a\ b`}},
		`ENV A x y`:                    {{"A", "x y", true, "A x y"}},
		`ARG A B=1`:                    {{"A", "", false, "A"}, {"B", "1", true, "B=1"}},
		`LABEL "a b"="c"`:              {{"a b", "c", true, `"a b"="c"`}},
		`ENV`:                          nil,
		`ENV A=`:                       {{"A", "", true, "A="}},
	} {
		if diff := cmp.Diff(want, dockerfile.Parse([]byte(in)).Instructions[0].Pairs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestStages(t *testing.T) {
	f := dockerfile.Parse([]byte("ARG V=1\nFROM --platform=linux/amd64 node:$V AS Base\nUSER 1\nFROM golang as build\nFROM base\nCOPY --from=build /a /b\n"))
	var got []string
	stages := f.Stages()
	for _, s := range stages {
		got = append(got, fmt.Sprintf("%s|%s|%d", s.Image, s.Name, len(s.Instructions)))
	}
	if diff := cmp.Diff([]string{"node:$V|Base|2", "golang|build|1", "base||2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	line := dockerfile.Lineage(stages)
	if len(line) != 2 || line[0].Image != "base" || line[1].Name != "Base" {
		t.Errorf("lineage: %v", line)
	}
	if dockerfile.Lineage(nil) != nil {
		t.Error("a lineage without stages")
	}
	// A stage is built from those above it: a name of its own or of one below is an image.
	self := dockerfile.Parse([]byte("FROM b AS a\nFROM b AS b\n")).Stages()
	if line := dockerfile.Lineage(self); len(line) != 1 {
		t.Errorf("lineage of a stage that has the name of its image: %v", line)
	}
}

func TestPlace(t *testing.T) {
	f := dockerfile.Parse([]byte("FROM a\n  RUN x && \\\n    npm install\nRUN <<E\n  npm ci\nE\n"))
	for _, c := range []struct {
		instruction int
		literal     string
		want        string
	}{
		{1, "npm install", "3:5"}, {1, "nope", "2:3"}, {1, "", "2:3"}, {2, "npm ci", "5:3"},
	} {
		line, column := f.Instructions[c.instruction].Place(c.literal)
		if got := fmt.Sprintf("%d:%d", line, column); got != c.want {
			t.Errorf("%q of %d: %s, want %s", c.literal, c.instruction, got, c.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": true, "a/dockerfile": true, "Containerfile": true, "Dockerfile.dev": true, "api.Dockerfile": true,
		"Dockerfile.dockerignore": false, ".dockerignore": false, "Dockerfiles": false, "dockerfile_test.go": false,
	} {
		if got := dockerfile.Named(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
