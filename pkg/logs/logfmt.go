// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import "strings"

// logfmt reads a line of key=value pairs. To be taken for one it must consist of
// pairs from its start, and name a level or a message: a sentence with a "=" in
// it is text.
func logfmt(text string) (Record, bool) {
	text = pairsFrom(text)
	if text == "" {
		return Record{}, false
	}
	fields := pairs(text)
	for _, f := range fields {
		if levelKey(f.Key) || messageKey(f.Key) {
			return newRecord(Logfmt, fields), true
		}
	}
	return Record{}, false
}

// pairsFrom is a text from its first pair on, if it begins with one; empty if not. A
// time may come before, which kubectl logs --timestamps puts there.
func pairsFrom(text string) string {
	if strings.IndexByte(text, '=') < 0 {
		return ""
	}
	text = text[blanks(text):]
	if dated(text) {
		text = text[wordEnd(text):]
		text = text[blanks(text):]
	}
	if n := keyEnd(text); n == 0 || n == len(text) || text[n] != '=' {
		return ""
	}
	return text
}

// pairs are the key=value pairs of a text; words that are no pair are passed over.
func pairs(text string) []Field {
	var out []Field
	for {
		key, value, rest := nextPair(text)
		if key == "" {
			return out
		}
		f := Field{Key: key, Value: value}
		if strings.HasPrefix(value, `"`) {
			if end, closed := skipString(value, 0); closed && end == len(value) {
				f.Value = unquote(value)
			} else {
				f.Value = value[1:]
			}
		} else {
			f.Raw = isNumber(value) || value == "true" || value == "false"
		}
		out = append(out, f)
		text = rest
	}
}

// nextPair finds the next pair of a text, its value as it is written, and what
// follows; the key is empty where there is none.
func nextPair(text string) (key, value, rest string) {
	for {
		text = text[blanks(text):]
		if text == "" {
			return "", "", ""
		}
		n := keyEnd(text)
		if n == 0 || n == len(text) || text[n] != '=' {
			text = text[wordEnd(text):]
			continue
		}
		key, text = text[:n], text[n+1:]
		end := 0
		if strings.HasPrefix(text, `"`) {
			end, _ = skipString(text, 0)
		} else {
			end = wordEnd(text)
		}
		return key, text[:end], text[end:]
	}
}

// blanks is how many a text begins with.
func blanks(text string) int {
	i := 0
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	return i
}

// keyEnd is where the key that a text begins with would end.
func keyEnd(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '=', ' ', '\t', '"':
			return i
		}
	}
	return len(text)
}

// wordEnd is where the first word of a text ends.
func wordEnd(text string) int {
	for i := range len(text) {
		if text[i] == ' ' || text[i] == '\t' {
			return i
		}
	}
	return len(text)
}
