// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// narrowest is the width below which wrapping makes ladders of single words.
const narrowest = 40

// cells is how many columns of a terminal s takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	if r < 0x300 { // the Latin letters, without a look into tables
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// wrap breaks s at blanks into lines of at most first columns for the first and
// rest columns for the others. A longer word, such as a path or an address,
// stands alone and whole: a terminal can select it across its own line break.
func wrap(s string, first, rest int) []string {
	var out []string
	var line strings.Builder
	used, room := 0, first
	for word := range strings.SplitSeq(s, " ") {
		n := cells(word)
		if used > 0 && used+1+n > room {
			out = append(out, line.String())
			line.Reset()
			used, room = 0, rest
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += n
	}
	return append(out, line.String())
}

// elide cuts s to a number of columns.
func elide(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	used := 0
	for i, r := range s {
		if used += cell(r); used > room-1 {
			return s[:i] + "…"
		}
	}
	return s
}
