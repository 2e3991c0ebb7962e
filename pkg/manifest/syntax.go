// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

const hintTemplate = "this looks like a template: render it first (helm template, helmfile template, envsubst) and pass the result"

// maxProbe is the largest document, in bytes, that is parsed again and again to
// find the place of a syntax error.
const maxProbe = 512 << 10

// sentences says in our words what the YAML parser means: the first entry whose
// first string the parser's message contains.
var sentences = []struct{ message, text, hint string }{
	{"tab character", "expected spaces, found a tab in the indentation", "YAML does not allow tabs there: replace them by spaces"},
	{"unexpected end of stream", "expected a closing quote, found the end of the document", "close the quote, or double it inside single quotes"},
	{"expected ',' or '}'", "expected ',' or '}' in the flow mapping that starts here", "close the brace, or quote text that starts with {"},
	{"expected ',' or ']'", "expected ',' or ']' in the flow list that starts here", "close the bracket, or quote text that starts with ["},
	{"mapping values are not allowed", "expected the end of the value, found another ': '", "quote a text that contains ': ', or fix the indentation"},
	{"block sequence entries are not allowed", "expected a value, found a list item on the line of its key", "put the item on a line of its own"},
	{"expected '-' indicator", "expected another list item '- ', found something else at the list's indentation", "fix the indentation"},
	{"did not find expected key", "expected a key at the indentation of the mapping above, found something else", "compare the indentation with the lines above"},
	{"could not find expected ':'", "expected 'key: value', found text without a colon", "add the colon, or indent the text under its key"},
	{"unknown anchor", "expected an alias of an anchor defined above, found an unknown one", "define the anchor in the same document, or quote text that starts with *"},
	{"character that cannot start any token", "expected a value, found a character that cannot start one", "quote the text"},
	{"unknown escape character", "expected a known escape in double quotes, found an unknown one after the backslash", `write \\ for a backslash, or use single quotes`},
	{"control characters", "expected text, found a control character", "write it as an escape in double quotes"},
	{"comment or line break", "expected the end of the line, found text after the block scalar's | or >", "put the text on the next line, indented"},
	{"undefined tag handle", "expected a known tag, found one with an undefined handle", "quote text that starts with !"},
	{"node content", "expected a value, found punctuation", "quote the text"},
	{"incompatible YAML document", "expected the directive %YAML 1.1 or 1.2, found another version", ""},
	{"second document", "expected one document, found a second one without a --- line of its own", "put --- on a line of its own between the documents"},
	{"document start", "expected the end of the document, found more text", "put --- on a line of its own between documents"},
	{"exceeded max depth", "expected fewer levels of nesting", ""},
}

var parserLine = regexp.MustCompile(`^line (\d+): `)

// explain turns an error of the YAML parser into a problem with its place. The
// parser often names the line where the broken block started, or none; the line
// looked for is the first one with which the beginning of the document fails in
// the same way.
func explain(src []byte, err error) *problem {
	message := bareMessage(err)
	p := &problem{text: "expected valid YAML, found an error: " + message}
	for _, s := range sentences {
		if strings.Contains(message, s.message) {
			p.text, p.hint = s.text, s.hint
			break
		}
	}
	p.offset = place(src, message, err)
	if r, _ := utf8.DecodeRune(src[min(p.offset, len(src)):]); strings.Contains(message, "cannot start any token") && r != utf8.RuneError {
		p.text = "expected a value, found " + quoteRune(r) + ", which cannot start one"
		if r == '\t' {
			p.text, p.hint = sentences[0].text, sentences[0].hint
		}
	}
	if bytes.Contains(src, []byte("{{")) {
		p.hint = hintTemplate
	}
	return p
}

func quoteRune(r rune) string {
	if r == '\t' {
		return "a tab"
	}
	return "'" + string(r) + "'"
}

func bareMessage(err error) string {
	return parserLine.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
}

// place returns the offset of the error with this message.
func place(src []byte, message string, err error) int {
	if strings.Contains(message, "control characters") {
		return controlCharacter(src)
	}
	starts := lineStarts(src)
	if len(src) > maxProbe {
		line := 1 // near enough: searching would take long
		if m := parserLine.FindStringSubmatch(strings.TrimPrefix(err.Error(), "yaml: ")); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		return starts[min(max(line, 1), len(starts))-1]
	}
	n := sort.Search(len(starts), func(i int) bool {
		end := len(src)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		_, err := decodeNodes(src[:end])
		return err != nil && bareMessage(err) == message
	})
	if n == len(starts) {
		return 0
	}
	start := starts[n]
	line := src[start:lineEnd(src, start)]
	return start + column(line, message)
}

// column guesses where in its line the error is: at what the message is about,
// else at the first character that is not blank.
func column(line []byte, message string) int {
	first := skipBlanks(line, 0)
	find := func(sub string) int {
		if i := bytes.Index(line, []byte(sub)); i >= 0 {
			return i
		}
		return first
	}
	switch {
	case strings.Contains(message, "tab character"):
		return find("\t")
	case strings.Contains(message, "end of stream"):
		return openQuote(line, first)
	case strings.Contains(message, "'}'"):
		return find("{")
	case strings.Contains(message, "']'"):
		return find("[")
	case strings.Contains(message, "unknown anchor"):
		return find("*")
	case strings.Contains(message, "mapping values"):
		if i := bytes.Index(line, []byte(": ")); i >= 0 {
			if j := bytes.Index(line[i+1:], []byte(": ")); j >= 0 {
				return i + 1 + j
			}
		}
	case strings.Contains(message, "block sequence entries"):
		return find("- ")
	case strings.Contains(message, "cannot start any token"):
		for i := range line {
			if strings.IndexByte("@`%\t", line[i]) >= 0 && (i == 0 || isBlank(line[i-1]) || strings.IndexByte("[{,", line[i-1]) >= 0) {
				return i
			}
		}
	case strings.Contains(message, "escape"):
		return find(`\`)
	case strings.Contains(message, "tag"):
		return find("!")
	}
	return first
}

// openQuote returns the offset of the last quote of the line that is not closed on it.
func openQuote(line []byte, otherwise int) int {
	for i := 0; i < len(line); i++ {
		q := line[i]
		if q != '"' && q != '\'' || i > 0 && !isBlank(line[i-1]) && strings.IndexByte("[{,:", line[i-1]) < 0 {
			continue
		}
		j := i + 1
		for j < len(line) && line[j] != q {
			if q == '"' && line[j] == '\\' {
				j++
			}
			j++
		}
		if j >= len(line) {
			return i
		}
		i = j
	}
	return otherwise
}

func controlCharacter(src []byte) int {
	for i, r := range string(src) {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r < 0xA0 && r != 0x85 ||
			r == 0xFEFF && i > 0 || r == 0xFFFE || r == 0xFFFF {
			return i
		}
	}
	return 0
}
