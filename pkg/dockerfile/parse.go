// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"regexp"
	"strings"
)

// maxText bounds the text of an instruction: more is there to keep somebody busy.
const maxText = 16 << 10

// Parse reads a Dockerfile.
func Parse(data []byte) *File {
	p := parser{text: string(bytes.TrimPrefix(data, []byte("\ufeff"))), escape: '\\'}
	p.directives()
	f := &File{}
	for {
		i, found := p.instruction()
		if !found {
			return f
		}
		f.Instructions = append(f.Instructions, i)
	}
}

// parser walks through the lines of a file.
type parser struct {
	text   string
	at     int // offset of the next line
	number int // of the line before it
	escape byte
}

// next returns the next line without its end; false at the end of the file.
func (p *parser) next() (Line, bool) {
	if p.at >= len(p.text) {
		return Line{}, false
	}
	line, rest, _ := strings.Cut(p.text[p.at:], "\n")
	p.at = len(p.text) - len(rest)
	p.number++
	return Line{p.number, strings.TrimSuffix(line, "\r")}, true
}

var directive = regexp.MustCompile(`^#\s*(\w+)\s*=\s*(\S.*?)\s*$`)

// directives reads the comments at the top that mean something: one changes the
// character that continues a line.
func (p *parser) directives() {
	begin := *p
	for line, more := p.next(); more; line, more = p.next() {
		m := directive.FindStringSubmatch(line.Text)
		if m == nil {
			break
		}
		if strings.EqualFold(m[1], "escape") && (m[2] == "`" || m[2] == `\`) {
			begin.escape = m[2][0]
		}
	}
	*p = begin
}

var start = regexp.MustCompile(`^([A-Za-z]+)(?:\s+(.*))?$`)

// instruction reads the next instruction with all its lines; false at the end.
func (p *parser) instruction() (Instruction, bool) {
	for line, more := p.next(); more; line, more = p.next() {
		text, goesOn := p.code(line)
		m := start.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		i := Instruction{Word: strings.ToUpper(m[1]), Lines: []Line{line}}
		p.rest(&i, m[2], goesOn)
		return i, true
	}
	return Instruction{}, false
}

// code is what a line says: nothing, if it is blank or a comment.
func (p *parser) code(line Line) (text string, goesOn bool) {
	text = strings.TrimSpace(line.Text)
	if text == "" || text[0] == '#' {
		return "", false
	}
	if text[len(text)-1] != p.escape {
		return text, false
	}
	return strings.TrimSpace(text[:len(text)-1]), true
}

// rest reads the lines that continue an instruction, and its here-documents.
// Comments and blank lines do not end it.
func (p *parser) rest(i *Instruction, text string, goesOn bool) {
	var b strings.Builder
	b.WriteString(text)
	for goesOn {
		line, more := p.next()
		if !more {
			break
		}
		text, still := p.code(line)
		if text == "" && !still {
			continue
		}
		i.Lines = append(i.Lines, line)
		if b.Len() < maxText {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(text)
		}
		goesOn = still
	}
	i.Text = strings.TrimSpace(b.String())
	i.flags()
	p.heredocs(i)
}

var flag = regexp.MustCompile(`^--([A-Za-z][\w-]*)(?:=(\S*))?(?:\s+|$)`)

// flags takes the options off the text. Those of the command that HEALTHCHECK or
// RUN starts come after it.
func (i *Instruction) flags() {
	for {
		m := flag.FindStringSubmatch(i.Text)
		if m == nil {
			return
		}
		i.Flags = append(i.Flags, Flag{m[1], m[2]})
		i.Text = i.Text[len(m[0]):]
	}
}

// heredoc is the beginning of a here-document. Neither <<< nor a shift is one.
var heredoc = regexp.MustCompile(`(?:^|\s)\d*<<(-?)["']?([A-Za-z_][\w.-]*)["']?`)

// heredocs reads the bodies that follow the lines of an instruction. One without
// an end goes on to that of the file.
func (p *parser) heredocs(i *Instruction) {
	if i.Word != "RUN" && i.Word != "COPY" && i.Word != "ADD" {
		return
	}
	for _, m := range heredoc.FindAllStringSubmatch(i.Text, -1) {
		h := Heredoc{Name: m[2]}
		for line, more := p.next(); more; line, more = p.next() {
			text := line.Text
			if m[1] != "" {
				text = strings.TrimLeft(text, "\t")
			}
			if text == h.Name {
				break
			}
			h.Lines = append(h.Lines, line)
		}
		i.Heredocs = append(i.Heredocs, h)
	}
}

// split cuts a text into words at the blanks outside of quotes. The quotes stay.
func split(text string) []string {
	var out []string
	var quote byte
	begin := -1
	for n := 0; n < len(text); n++ {
		c := text[n]
		if begin < 0 {
			if c == ' ' || c == '\t' {
				continue
			}
			begin = n
		}
		switch {
		case c == '\\' && quote != '\'':
			n++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ' ' || c == '\t':
			out, begin = append(out, text[begin:n]), -1
		}
	}
	if begin >= 0 {
		out = append(out, text[begin:])
	}
	return out
}

// unquote takes the quotes around a word away, and the escapes of one without.
func unquote(word string) string {
	if n := len(word); n >= 2 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
		return word[1 : n-1]
	}
	return strings.NewReplacer(`\ `, " ", `\"`, `"`, `\\`, `\`).Replace(word)
}
