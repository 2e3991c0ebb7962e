// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// object adds a line as JSON with its end.
func (f *Formatter) object(b []byte, l Line) []byte {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(f.ObjectOf(l)) // the fields are JSON, and a builder takes all
	return appendEscaped(b, out.String())
}

// appendEscaped adds JSON in which whatever moves a terminal's cursor or changes the
// order of text is written as \u....: it reads the same, and shows what is there.
// JSON has such characters in strings only, and its encoder escapes those below
// U+0020. Bytes that are no UTF-8, as a field may hold them, become U+FFFD.
func appendEscaped(b []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if r == 0x7f || r >= utf8.RuneSelf && (r == utf8.RuneError && size == 1 || moves(r)) {
			b = fmt.Appendf(append(b, text[from:i]...), "\\u%04x", r)
			from = i + size
		}
		i += size
	}
	return append(b, text[from:]...)
}

// moves reports characters beyond ASCII that do not stay where they are written.
func moves(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
