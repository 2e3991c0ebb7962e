// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// command is one that a shell runs, in its words, without quotes.
type command struct {
	words []string
	// text is how it is written; line and column are where.
	text         string
	line, column int
}

// program reports whether the command runs a program, and returns what it is
// given after the words.
func (c command) program(words ...string) ([]string, bool) {
	if len(c.words) < len(words) {
		return nil, false
	}
	for i, w := range words {
		if c.words[i] != w {
			return nil, false
		}
	}
	return c.words[len(words):], true
}

// script is a pipeline or shell script with the commands in it.
type script struct {
	*model.Text
	lines    []string
	commands []command
}

// before is what may stand before a command on its line: the list item or key of
// YAML, the step of Groovy, quotes, keywords of the shell, assignments.
var before = regexp.MustCompile(`^(?:` +
	`-\s+|(?:run|script|before_script|after_script|command|cmd):\s*[|>]?-?\s*|` +
	`(?:return\s+|(?:def\s+)?\w+\s*=\s*)?(?:sh|bat|powershell|pwsh)\b\s*\(?\s*(?:(?:label|returnStatus|returnStdout):\s*[^,]+,\s*)*(?:script:\s*)?["']+|` +
	`["'\x60({!]+|\$\(|\s+|` +
	`(?:sudo(?:\s+-[A-Za-z]+)*|then|do|else|if|elif|while|until|exec|time|command|eval|nohup|set\s+-[a-z]+)\s+|` +
	`[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'()]*)\s+)`)

// separators end a command. A pipe does so too: what it feeds is another one.
var separators = regexp.MustCompile(`&&|\|\||[;|\n]`)

// commandsIn returns the commands on a line; what stands before them is left out.
func commandsIn(text string, line, column int) []command {
	var out []command
	at := 0
	for at <= len(text) {
		end, next := len(text), len(text)+1
		if m := separators.FindStringIndex(text[at:]); m != nil {
			end, next = at+m[0], at+m[1]
		}
		from := at
		for from < end {
			m := before.FindStringIndex(text[from:end])
			if m == nil || m[1] == 0 {
				break
			}
			from += m[1]
		}
		if written := strings.TrimRight(text[from:end], "\"'`) \t,"); written != "" {
			out = append(out, command{words: words(written), text: written, line: line, column: column + from})
		}
		at = next
	}
	return out
}

// words cuts a command into words, without their quotes.
func words(text string) []string {
	var out []string
	var b strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == ' ' || c == '\t':
			if open || b.Len() > 0 {
				out = append(out, b.String())
			}
			b.Reset()
			open = false
		default:
			b.WriteByte(c)
		}
	}
	if open || b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// ran are the commands of a RUN, with those in its here-documents, and of the
// exec form the one there is.
func ran(i dockerfile.Instruction) []command {
	first, column := i.Place("")
	if exec, is := i.Exec(); is {
		return []command{{words: exec, text: i.Text, line: first, column: column}}
	}
	var out []command
	for _, c := range commandsIn(i.Text, first, column) {
		c.line, c.column = i.Place(c.text)
		if c.line == first && len(c.words) > 1 { // continued: the beginning of it has to do
			c.line, c.column = i.Place(strings.Join(c.words[:2], " "))
		}
		out = append(out, c)
	}
	for _, h := range i.Heredocs {
		for _, l := range h.Lines {
			out = append(out, commandsIn(l.Text, l.Number, 1)...)
		}
	}
	return out
}

var (
	embedded = regexp.MustCompile(`(?:^|\s)\d*<<-?\s*["']?([A-Za-z_]\w*)["']?`)
	told     = regexp.MustCompile(`^\s*(?:echo|printf)\b`)
	comment  = regexp.MustCompile(`^\s*(?:#|//|\*|/\*)`)
)

// newScript reads the commands of a pipeline or script: continued lines are
// joined; comments, here-documents and what is only printed are no commands.
func newScript(t *model.Text) *script {
	s := &script{Text: t, lines: t.Lines()}
	until, printing := "", false
	for i := 0; i < len(s.lines); i++ {
		line := s.lines[i]
		odd := strings.Count(strings.ReplaceAll(line, `\"`, ""), `"`)%2 == 1
		switch {
		case until != "":
			if strings.TrimSpace(line) == until {
				until = ""
			}
			continue
		case printing:
			printing = !odd
			continue
		case comment.MatchString(line):
			continue
		case told.MatchString(line):
			printing = t.Kind == model.Script && odd
			continue
		}
		first, column := i+1, len(line)-len(strings.TrimLeft(line, " \t"))+1
		text := strings.TrimSpace(line)
		for strings.HasSuffix(text, `\`) && i+1 < len(s.lines) && len(text) < maxCommand {
			i++
			text = strings.TrimSpace(strings.TrimRight(text, `\`)) + " " + strings.TrimSpace(s.lines[i])
		}
		if m := embedded.FindStringSubmatch(text); m != nil && t.Kind == model.Script {
			until = m[1]
		}
		if len(text) < maxCommand {
			s.commands = append(s.commands, commandsIn(text, first, column)...)
		}
	}
	return s
}

// maxCommand is the length above which a line is data.
const maxCommand = 8 << 10

// says reports whether an expression matches a line that is no comment.
func (s *script) says(re *regexp.Regexp) bool {
	for _, line := range s.lines {
		if !comment.MatchString(line) && re.MatchString(line) {
			return true
		}
	}
	return false
}
