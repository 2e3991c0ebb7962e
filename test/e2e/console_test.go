// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
)

// block is a fenced block of a document that shows a terminal.
type block struct {
	// kind is the word after "console": where its commands can run.
	kind string
	// line is where the fence is.
	line  int
	steps []step
}

// step is a command and what it prints, stdout and stderr as a terminal shows them.
type step struct {
	line    int
	command string
	want    []string
}

// The kinds of blocks.
const (
	// onCluster runs with a cluster that has examples/shop-by-hand applied.
	onCluster = "cluster"
	// offCluster runs without any cluster being configured.
	offCluster = "no-cluster"
	// setUp is not run: it would build what is running. Its make targets must exist.
	setUp = "set-up"
)

var fence = regexp.MustCompile("^```console(?: +(.*))?$")

// parse finds the console blocks of a Markdown document. A line that begins
// with "$ " is a command, which a backslash at the end continues; what follows
// is its output.
func parse(text string) ([]block, error) {
	var blocks []block
	var open *block
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		start := fence.FindStringSubmatch(line)
		switch {
		case open == nil && start != nil:
			if k := start[1]; k != onCluster && k != offCluster && k != setUp {
				return nil, fmt.Errorf("line %d: expected console %s, %s or %s, found %q", n, onCluster, offCluster, setUp, line)
			}
			open = &block{kind: start[1], line: n}
		case open == nil:
		case line == "```":
			blocks = append(blocks, *open)
			open = nil
		default:
			if err := open.add(n, line); err != nil {
				return nil, err
			}
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: this block has no end", open.line)
	}
	return blocks, nil
}

func (b *block) add(n int, line string) error {
	command, isCommand := strings.CutPrefix(line, "$ ")
	var last *step
	if len(b.steps) > 0 {
		last = &b.steps[len(b.steps)-1]
	}
	switch {
	case last != nil && len(last.want) == 0 && strings.HasSuffix(last.command, `\`):
		last.command += "\n" + line
	case isCommand:
		b.steps = append(b.steps, step{line: n, command: command})
	case last == nil:
		return fmt.Errorf("line %d: expected a command, \"$ ...\", found %q", n, line)
	default:
		last.want = append(last.want, line)
	}
	return nil
}

// target is a make target, with a comment behind it perhaps.
var target = regexp.MustCompile(`^make ([a-z-]+)(?: +#.*)?$`)

// checkSetUp returns what is wrong with a set-up block, given the Makefile.
func (b block) checkSetUp(makefile string) error {
	for _, s := range b.steps {
		m := target.FindStringSubmatch(s.command)
		if m == nil || len(s.want) > 0 {
			return fmt.Errorf("line %d: a set-up block is not run and may only hold \"$ make TARGET\", found %q", s.line, s.command)
		}
		if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
			return fmt.Errorf("line %d: the Makefile has no target %s", s.line, m[1])
		}
	}
	return nil
}

// matches compares what was printed with what a document shows. There, "..."
// alone stands for any number of lines, and within a line for any text.
func matches(want []string, got string) bool {
	var pattern strings.Builder
	pattern.WriteString(`\A`)
	for _, line := range trim(want) {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`) + `[ \t]*\n`)
	}
	pattern.WriteString(`\z`)
	text := strings.Join(trim(strings.Split(got, "\n")), "\n")
	if text != "" {
		text += "\n"
	}
	return regexp.MustCompile(pattern.String()).MatchString(text)
}

// trim drops blank lines at the end and blanks at the end of lines.
func trim(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, strings.TrimRight(line, " \t\r"))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}
