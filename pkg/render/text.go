// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitise makes s safe to show on one line of a terminal: runs of line breaks
// and tabs become one blank, ESC becomes "^[" as in kubectl, every other
// control character, the 8-bit ones included, and every character that
// reorders text (Unicode's bidirectional controls) becomes its escape, and
// invalid UTF-8 becomes U+FFFD. Clean strings are returned unchanged.
func Sanitise(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	gap := false
	for _, r := range s {
		if unicode.IsControl(r) && unicode.IsSpace(r) && r != '\u0085' || r == '\u2028' || r == '\u2029' {
			gap = true
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		switch {
		case r < ' ':
			b.WriteByte('^')
			b.WriteByte(byte(r) + '@')
		case hostile(r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default: // ranging over a string has turned invalid bytes into U+FFFD
			b.WriteRune(r)
		}
	}
	if gap {
		b.WriteByte(' ')
	}
	return b.String()
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if hostile(r) {
			return false
		}
	}
	return true
}

// hostile reports characters that move a terminal's cursor or change the order
// in which text is shown.
func hostile(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
