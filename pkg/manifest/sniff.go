// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
)

// Sniff returns the apiVersion and kind of the document without parsing it. It
// reads lines from the top until it has both, and gives up (ok is false: parse
// to know) on anything a line at a time cannot be sure of: quoted or merged
// top-level keys, values over several lines, values that are not plain words.
func (d *Document) Sniff() (apiVersion, kind string, ok bool) {
	if d.first == d.end {
		return "", "", false
	}
	if d.json {
		return sniffJSON(d.data[d.first:d.end])
	}
	if d.first > 0 && d.data[d.first-1] != '\n' && d.first != d.start {
		return "", "", false // indented, or on the separator's line
	}
	body := d.data[d.first:d.end]
	for i := 0; i < len(body); {
		end := lineEnd(body, i)
		line := body[i:end]
		switch key, value, known := topKey(line); {
		case !known:
			return "", "", false
		case key == "apiVersion" || key == "kind":
			word, good := plainWord(value)
			if !good || continues(body, end) {
				return "", "", false
			}
			if key == "kind" {
				kind = word
			} else {
				apiVersion = word
			}
			if kind != "" && apiVersion != "" {
				return apiVersion, kind, true
			}
		case !closed(line):
			return "", "", false
		}
		i = end
	}
	return "", "", false
}

// topKey returns the key of a line of a block mapping at column 0 and what
// follows its colon. Lines that belong to the value before (indented, comments,
// list items, blank) have no key. known is false for anything else.
func topKey(line []byte) (key string, value []byte, known bool) {
	switch b := line[0]; {
	case isBlank(b), isBreak(b), b == '#':
		return "", nil, true
	case b == '-':
		return "", nil, len(line) > 1 && (isBlank(line[1]) || isBreak(line[1]))
	case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
	default:
		return "", nil, false
	}
	i := bytes.IndexByte(line, ':')
	if i < 0 || i+1 < len(line) && !isBlank(line[i+1]) && !isBreak(line[i+1]) {
		return "", nil, false
	}
	switch string(line[:i]) { // no allocation for the keys in question
	case "apiVersion":
		return "apiVersion", line[i+1:], true
	case "kind":
		return "kind", line[i+1:], true
	}
	if bytes.IndexByte(line[:i], ' ') >= 0 {
		return "", nil, false // "kind :" is a key, "a b: c" is rare: let the parser decide
	}
	return "", nil, true
}

// plainWord reads a value that can be nothing but a string: a letter, then
// letters, digits and ./-_ , in quotes or not, with or without a comment after it.
func plainWord(value []byte) (string, bool) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return "", false
	}
	var rest []byte
	quoted := value[0] == '"' || value[0] == '\''
	if quoted {
		end := bytes.IndexByte(value[1:], value[0])
		if end < 0 {
			return "", false
		}
		value, rest = value[1:1+end], value[2+end:]
	} else if i := bytes.IndexAny(value, " \t"); i >= 0 {
		value, rest = value[:i], value[i:]
	}
	if rest = bytes.TrimSpace(rest); len(rest) > 0 && rest[0] != '#' {
		return "", false
	}
	if !isWord(value) {
		return "", false
	}
	word := string(value)
	if _, text := resolvePlain(word).(string); !text && !quoted {
		return "", false
	}
	return word, true
}

func isWord(b []byte) bool {
	for i, c := range b {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		other := c >= '0' && c <= '9' || c == '.' || c == '/' || c == '-' || c == '_'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return len(b) > 0
}

// continues reports whether the line at i may go on with the plain value of the
// line before: the next line that is not blank is indented.
func continues(body []byte, i int) bool {
	for i < len(body) {
		j := skipBlanks(body, i)
		if j < len(body) && isBreak(body[j]) {
			i = lineEnd(body, j)
			continue
		}
		return j > i && j < len(body) && body[j] != '#'
	}
	return false
}

// closed reports whether all quotes and brackets opened on a line are closed on
// it, so that the next line at column 0 is a line of the top mapping. It may say
// no for text that only looks open; the caller then parses.
func closed(line []byte) bool {
	var double, single, open int
	for _, b := range line {
		switch b {
		case '"':
			double++
		case '\'':
			single++
		case '{', '[':
			open++
		case '}', ']':
			open--
		case '\\':
			return false
		}
	}
	return double%2 == 0 && single%2 == 0 && open == 0
}
