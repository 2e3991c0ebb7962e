// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"sort"
	"unicode/utf8"
)

// lineStarts returns the offsets at which the lines of src start, as people and
// editors count lines: line feeds only.
func lineStarts(src []byte) []int {
	starts := make([]int, 1, 1+len(src)/24)
	for i, b := range src {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// position returns the 1-based line and column (in characters) of an offset.
func position(src []byte, starts []int, offset int) (line, col int) {
	line = sort.SearchInts(starts, offset+1)
	return line, utf8.RuneCount(src[starts[line-1]:offset]) + 1
}

// A locator turns the parser's line and column into an offset. The parser also
// breaks lines at lone carriage returns and at the Unicode line breaks.
type locator struct {
	src    []byte
	starts []int
	ascii  bool

	// The last answer: nodes come in order, so the next is usually on its right.
	line, col, offset int
}

func newLocator(src []byte) *locator {
	l := &locator{src: src, ascii: true, starts: []int{0}}
	for i := 0; i < len(src); i++ {
		b := src[i]
		if b > '\r' && b < utf8.RuneSelf {
			continue
		}
		if b >= utf8.RuneSelf {
			l.ascii = false
		}
		if n := yamlBreak(src, i); n > 0 {
			i += n - 1
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// yamlBreak returns the length of the line break at i, 0 when there is none.
func yamlBreak(src []byte, i int) int {
	switch b := src[i]; {
	case b == '\n':
		return 1
	case b == '\r':
		if i+1 < len(src) && src[i+1] == '\n' {
			return 2
		}
		return 1
	case b == 0xC2 && i+1 < len(src) && src[i+1] == 0x85:
		return 2 // NEXT LINE
	case b == 0xE2 && i+2 < len(src) && src[i+1] == 0x80 && (src[i+2] == 0xA8 || src[i+2] == 0xA9):
		return 3 // LINE SEPARATOR, PARAGRAPH SEPARATOR
	}
	return 0
}

// at returns the offset of a 1-based line and column, inside src in any case.
func (l *locator) at(line, col int) int {
	if line < 1 || line > len(l.starts) {
		return len(l.src)
	}
	start := l.starts[line-1]
	if l.ascii {
		return min(start+col-1, len(l.src))
	}
	c, off := 1, start
	if line == l.line && col >= l.col {
		c, off = l.col, l.offset
	}
	for ; c < col && off < len(l.src); c++ {
		_, n := utf8.DecodeRune(l.src[off:])
		off += n
	}
	l.line, l.col, l.offset = line, c, off
	return off
}
