// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"encoding/json"
	"strings"
)

// The scanner walks the first storey of a JSON object and nothing below: it is
// what lets a filter look at one key in a line of many without decoding the rest.
// It checks no more than it needs; whoever prints values asks json.Valid first.

// member is a key, and its value as it is written.
type member struct{ key, value string }

// members walks an object and calls each with every member, until it returns
// false. Whole is true when the text is one object up to its end, in form.
func members(text string, each func(member) bool) (whole bool) {
	i := skipSpace(text, 0)
	if i >= len(text) || text[i] != '{' {
		return false
	}
	i = skipSpace(text, i+1)
	if i < len(text) && text[i] == '}' {
		return skipSpace(text, i+1) == len(text)
	}
	for {
		var m member
		var ok bool
		if m, i, ok = nextMember(text, i); !ok || !each(m) {
			return false
		}
		i = skipSpace(text, i)
		if i >= len(text) {
			return false
		}
		switch text[i] {
		case ',':
			i = skipSpace(text, i+1)
		case '}':
			return skipSpace(text, i+1) == len(text)
		default:
			return false
		}
	}
}

// nextMember reads `"key": value` at i and returns where it ends.
func nextMember(text string, i int) (m member, end int, ok bool) {
	if i >= len(text) || text[i] != '"' {
		return m, i, false
	}
	end, ok = skipString(text, i)
	if !ok {
		return m, end, false
	}
	m.key = text[i+1 : end-1]
	if strings.IndexByte(m.key, '\\') >= 0 {
		m.key = unquote(text[i:end])
	}
	i = skipSpace(text, end)
	if i >= len(text) || text[i] != ':' {
		return m, i, false
	}
	i = skipSpace(text, i+1)
	end, ok = skipValue(text, i)
	if ok {
		m.value = text[i:end]
	}
	return m, end, ok
}

func skipSpace(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

// skipString returns what comes after the string whose quote is at i.
func skipString(text string, i int) (end int, ok bool) {
	for i++; ; {
		n := strings.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text), false
		}
		slashes := 0
		for at := i + n - 1; at >= i && text[at] == '\\'; at-- {
			slashes++
		}
		i += n + 1
		if slashes%2 == 0 {
			return i, true
		}
	}
}

// skipValue returns what comes after the value at i.
func skipValue(text string, i int) (end int, ok bool) {
	if i >= len(text) {
		return i, false
	}
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		return skipNested(text, i)
	}
	start := i
	for i < len(text) && strings.IndexByte(",}] \t\r\n", text[i]) < 0 {
		i++
	}
	return i, i > start
}

// skipNested passes an object or array. It counts depth, not kinds of brackets.
func skipNested(text string, i int) (end int, ok bool) {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"':
			if end, ok = skipString(text, i); !ok {
				return end, false
			}
			i = end - 1
		}
	}
	return len(text), false
}

// isObject reports whether a line is a JSON object and nothing else.
func isObject(text string) bool {
	i := skipSpace(text, 0)
	return i < len(text) && text[i] == '{' && json.Valid([]byte(text))
}

// unquote is the text of a JSON value: what a string says, anything else as it
// is written. The value must be valid.
func unquote(value string) string {
	if len(value) < 2 || value[0] != '"' {
		return value
	}
	inner := value[1 : len(value)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	if json.Unmarshal([]byte(value), &s) != nil {
		return inner
	}
	return s
}
