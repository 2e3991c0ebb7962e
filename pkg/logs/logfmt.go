// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import "strings"

// logfmt reads a line of key=value pairs. To be taken for one it must consist of
// pairs from its start, and name a level or a message: a sentence with a "=" in
// it is text.
func logfmt(text string) (Record, bool) {
	fields := pairs(text)
	known := false
	for _, f := range fields {
		known = known || levelKey(f.Key) || messageKey(f.Key)
	}
	if !known || !strings.HasPrefix(strings.TrimLeft(text, " "), fields[0].Key+"=") {
		return Record{}, false
	}
	return newRecord(Logfmt, fields), true
}

// pairs are the key=value pairs of a text; words that are no pair are passed over.
func pairs(text string) []Field {
	var out []Field
	for {
		text = strings.TrimLeft(text, " \t")
		if text == "" {
			return out
		}
		n := strings.IndexAny(text, "= \t\"")
		if n <= 0 || text[n] != '=' {
			text = text[wordEnd(text):]
			continue
		}
		f := Field{Key: text[:n]}
		text = text[n+1:]
		if strings.HasPrefix(text, `"`) {
			end, ok := skipString(text, 0)
			if ok {
				f.Value = unquote(text[:end])
			} else {
				f.Value = text[1:]
			}
			text = text[end:]
		} else {
			end := wordEnd(text)
			f.Value, text = text[:end], text[end:]
			f.Raw = isNumber(f.Value) || f.Value == "true" || f.Value == "false"
		}
		out = append(out, f)
	}
}

// wordEnd is where the first word of a text ends, one character on at least.
func wordEnd(text string) int {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return i
	}
	return len(text)
}
