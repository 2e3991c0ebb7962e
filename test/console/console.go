// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package console reads the blocks of documents that show a terminal, and runs
// their commands as a reader would: one after another in one shell.
package console

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Block is a fenced block of a document that shows a terminal.
type Block struct {
	// Place is the word after "console": where its commands can run.
	Place string
	// Prometheus and Screen are the words after that.
	Prometheus, Screen bool
	// Line is where the fence is.
	Line  int
	Steps []Step
}

// Step is a command and what it prints, stdout and stderr as a terminal shows them.
type Step struct {
	Line    int
	Command string
	Want    []string
}

// The places of blocks.
const (
	// OnCluster runs with a cluster that has examples/shop-by-hand applied.
	OnCluster = "cluster"
	// OffCluster runs without any cluster being configured.
	OffCluster = "no-cluster"
	// SetUp is not run: it would build what is running. Its make targets must exist.
	SetUp = "set-up"
)

// What the first two may have besides.
const (
	// WithPrometheus runs with a Prometheus that looks back on an hour of a busy shop.
	WithPrometheus = "prometheus"
	// OnScreen shows the terminal of the one command that fills it.
	OnScreen = "screen"
)

var fence = regexp.MustCompile("^```console(?: +(.*))?$")

// Parse finds the console blocks of a Markdown document. A line that begins
// with "$ " is a command, which a backslash at the end continues; what follows
// is its output.
func Parse(text string) ([]Block, error) {
	var blocks []Block
	var open *Block
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		start := fence.FindStringSubmatch(line)
		switch {
		case open == nil && start != nil:
			b, err := newBlock(n, strings.Fields(start[1]))
			if err != nil {
				return nil, err
			}
			open = &b
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
		return nil, fmt.Errorf("line %d: this block has no end", open.Line)
	}
	return blocks, nil
}

// newBlock reads the words after "console".
func newBlock(line int, words []string) (Block, error) {
	wrong := func() (Block, error) {
		return Block{}, fmt.Errorf("line %d: expected console %s, %s or %s, the first two perhaps with %s and %s, found %q",
			line, OnCluster, OffCluster, SetUp, WithPrometheus, OnScreen, words)
	}
	if len(words) == 0 || !slices.Contains([]string{OnCluster, OffCluster, SetUp}, words[0]) || words[0] == SetUp && len(words) > 1 {
		return wrong()
	}
	b := Block{Place: words[0], Line: line}
	for _, w := range words[1:] {
		switch w {
		case WithPrometheus:
			b.Prometheus = true
		case OnScreen:
			b.Screen = true
		default:
			return wrong()
		}
	}
	return b, nil
}

func (b *Block) add(n int, line string) error {
	command, isCommand := strings.CutPrefix(line, "$ ")
	var last *Step
	if len(b.Steps) > 0 {
		last = &b.Steps[len(b.Steps)-1]
	}
	switch {
	case last != nil && len(last.Want) == 0 && strings.HasSuffix(last.Command, `\`):
		last.Command += "\n" + line
	case isCommand:
		b.Steps = append(b.Steps, Step{Line: n, Command: command})
	case last == nil:
		return fmt.Errorf("line %d: expected a command, \"$ ...\", found %q", n, line)
	default:
		last.Want = append(last.Want, line)
	}
	return nil
}

// target is a make target, with a comment behind it perhaps.
var target = regexp.MustCompile(`^make ([a-z-]+)(?: +#.*)?$`)

// CheckSetUp returns what is wrong with a set-up block, given the Makefile.
func (b Block) CheckSetUp(makefile string) error {
	for _, s := range b.Steps {
		m := target.FindStringSubmatch(s.Command)
		if m == nil || len(s.Want) > 0 {
			return fmt.Errorf("line %d: a set-up block is not run and may only hold \"$ make TARGET\", found %q", s.Line, s.Command)
		}
		if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
			return fmt.Errorf("line %d: the Makefile has no target %s", s.Line, m[1])
		}
	}
	return nil
}

// Shows reports whether a text is what the document shows.
func (s Step) Shows(text string) bool { return matches(s.Want, text) }

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
