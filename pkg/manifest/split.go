// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
)

// A cutter finds the documents of a stream. The bytes of a document reach from
// its separator (and the directives and comments before the first separator) to
// the next one, so that the documents together are the stream.
type cutter struct {
	stream *Stream
	data   []byte

	line   int // of counted
	count  int // offset up to which lines were counted
	dashes int // offset of the next line starting with ---, cached
	dots   int // offset of the next line starting with ..., cached
}

// segment is what lies between two separators.
type segment struct {
	start    int  // of the separator, with what belongs to it above, or of the content
	head     int  // where what is above the separator ends
	content  int  // after the separator
	explicit bool // has a --- line
}

func (c *cutter) cut() {
	pos := 0
	if bytes.HasPrefix(c.data, bom) {
		pos = len(bom)
	}
	c.dashes, c.dots = c.marker("---", pos, true), c.marker("...", pos, true)
	seg := segment{start: pos, head: pos, content: pos}
	for {
		at := min(c.dashes, c.dots)
		if at == len(c.data) {
			break
		}
		if at == c.dots {
			end := lineEnd(c.data, at)
			c.emit(seg, end)
			seg = segment{start: end, head: end, content: end}
			c.dots = c.marker("...", at, false)
			continue
		}
		start := at
		if !seg.explicit && prologue(c.data[seg.content:at]) {
			start = seg.start
		} else {
			c.emit(seg, at)
		}
		seg = segment{start: start, head: at, content: afterDashes(c.data, at), explicit: true}
		c.dashes = c.marker("---", at, false)
	}
	c.finish(seg)
}

// finish emits the last segment; comments after a "..." belong to the document before.
func (c *cutter) finish(seg segment) {
	end := len(c.data)
	if seg.start == end && !seg.explicit {
		return
	}
	docs := c.stream.Docs
	if !seg.explicit && len(docs) > 0 && prologue(c.data[seg.content:end]) {
		docs[len(docs)-1].end = end
		return
	}
	c.emit(seg, end)
}

// marker returns the offset of the first line after from that is the document
// marker (followed by a blank or the end of the line), or the length of data.
func (c *cutter) marker(mark string, from int, first bool) int {
	if first && isMarker(c.data, from, mark) {
		return from
	}
	pattern := []byte("\n" + mark)
	for from < len(c.data) {
		i := bytes.Index(c.data[from:], pattern)
		if i < 0 {
			break
		}
		from += i + 1
		if isMarker(c.data, from, mark) {
			return from
		}
	}
	return len(c.data)
}

func isMarker(data []byte, at int, mark string) bool {
	rest := data[at:]
	if len(rest) < len(mark) || string(rest[:len(mark)]) != mark {
		return false
	}
	return len(rest) == len(mark) || isBlank(rest[len(mark)]) || isBreak(rest[len(mark)])
}

// afterDashes returns where the content starts: on the next line, or right after
// the dashes when something other than a comment follows them.
func afterDashes(data []byte, at int) int {
	i := skipBlanks(data, at+3)
	if i == len(data) || isBreak(data[i]) || data[i] == '#' {
		return lineEnd(data, i)
	}
	return at + 3
}

// prologue reports whether b holds only blanks, comments and directives.
func prologue(b []byte) bool {
	for i := 0; i < len(b); i = lineEnd(b, i) {
		if b[i] == '%' {
			continue
		}
		if j := skipBlanks(b, i); j < len(b) && b[j] != '#' && !isBreak(b[j]) {
			return false
		}
	}
	return true
}

// emit appends the document, or the documents when JSON values follow each other.
func (c *cutter) emit(seg segment, end int) {
	first := firstContent(c.data, seg.content, end)
	if first == end || c.data[first] != '{' {
		c.add(seg, first, end, false)
		return
	}
	for _, next := range splitJSON(c.data[:end], first) {
		c.add(seg, first, next, true)
		seg, first = segment{start: next, head: next, content: next}, next
	}
}

func (c *cutter) add(seg segment, first, end int, json bool) {
	startLine := c.lineOf(seg.start)
	at := first
	if first == end {
		at = seg.content
	}
	c.stream.Docs = append(c.stream.Docs, &Document{
		File: c.stream.File, Index: len(c.stream.Docs), Line: c.lineOf(at),
		data: c.data, start: seg.start, startLine: startLine, head: seg.head, content: seg.content, first: first, end: end, json: json,
	})
}

// lineOf counts on from the last call: offsets never go back by much.
func (c *cutter) lineOf(offset int) int {
	if offset < c.count {
		return c.line - bytes.Count(c.data[offset:c.count], newline)
	}
	c.line += bytes.Count(c.data[c.count:offset], newline)
	c.count = offset
	return c.line
}

// firstContent returns the offset of the first byte that is neither blank nor
// part of a comment, or end; a "..." line ends the document.
func firstContent(data []byte, from, end int) int {
	data = data[:end]
	for i := from; i < end; {
		j := skipBlanks(data, i)
		switch {
		case j == end:
			return end
		case isBreak(data[j]):
			i = j + 1
		case data[j] == '#':
			i = lineEnd(data, j)
		case j == i && isMarker(data, j, "..."):
			return end
		default:
			return j
		}
	}
	return end
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }
func isBreak(b byte) bool { return b == '\n' || b == '\r' }

func skipBlanks(b []byte, i int) int {
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	return i
}

// lineEnd returns the offset after the line feed that ends the line of i.
func lineEnd(b []byte, i int) int {
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(b)
}
