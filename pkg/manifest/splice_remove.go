// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

// remove takes an entry out of its collection, with the comments directly above
// it and on its line; a collection left empty becomes {} or [].
func (e *editor) remove(at *spot) []splice {
	container := at.parent
	width := 1
	if container.kind == mapping {
		width = 2
	}
	switch {
	case container.style == flow:
		return e.removeFromFlow(at, width)
	case len(container.kids) > width:
		return e.removeLines(at, width)
	case container.kind == mapping:
		return e.replace(container, map[string]any{})
	}
	return e.replace(container, []any{})
}

func (e *editor) removeLines(at *spot, width int) []splice {
	var from int
	if width == 2 {
		from = e.entryStart(at.key())
	} else {
		from = e.dash(at)
	}
	end := e.eol(e.end(at.node))
	if !e.startsLine(from) {
		// The first entry of a mapping or list that starts on the line of a dash:
		// what follows moves up to it.
		next := end
		for next < len(e.src) && (isBlank(e.src[next]) || isBreak(e.src[next])) {
			next++
		}
		return one(from, next, "")
	}
	end = e.trail(end, e.column(from))
	from = e.lead(at, from)
	if n := e.breakAt(end); n > 0 {
		return one(from, end+n, "")
	}
	// The last line of a file without a last line break: it takes the one before
	// along, unless that ends a blank line, which a block scalar may keep.
	if before := e.lineBefore(from); e.eol(e.bol(before)) > e.bol(before) {
		from = before
	}
	return one(from, end, "")
}

// lead returns the start of the comment lines directly above the line of an
// entry, at the same column and after the entry before it.
func (e *editor) lead(at *spot, start int) int {
	line, column := e.bol(start), e.column(start)
	limit := 0
	if before := at.index - 1; at.parent.kind == sequence && before >= 0 {
		limit = e.end(at.parent.kids[before])
	} else if before := at.index - 2; at.parent.kind == mapping && before >= 0 {
		limit = e.end(at.parent.kids[before])
	}
	for line > limit {
		above := e.bol(e.lineBefore(line))
		first := skipBlanks(e.src, above)
		if above < limit || above == line || first == len(e.src) || e.src[first] != '#' || first-above != column {
			break
		}
		line = above
	}
	return line
}

// trail returns the end of the comment lines below an entry, blank lines between
// them included, that are indented more than it.
func (t *tree) trail(end, column int) int {
	for next := end; ; {
		line := next + t.breakAt(next)
		first := skipBlanks(t.src, line)
		switch {
		case line == next || first == len(t.src):
			return end
		case isBreak(t.src[first]):
			next = first
		case t.src[first] == '#' && first-line > column:
			end = t.eol(first)
			next = end
		default:
			return end
		}
	}
}

// entryStart returns where an entry of a mapping starts: at its key, or at the
// question mark before it.
func (t *tree) entryStart(key *node) int {
	i := key.start
	for i > 0 && isBlank(t.src[i-1]) {
		i--
	}
	if i > 0 && i < key.start && t.src[i-1] == '?' {
		return i - 1
	}
	return key.start
}

// lineBefore returns the offset of the line break that ends the line before the
// one that starts at line, or line when there is none.
func (e *editor) lineBefore(line int) int {
	switch {
	case line == 0:
		return 0
	case line > 1 && e.src[line-1] == '\n' && e.src[line-2] == '\r':
		return line - 2
	}
	return line - 1
}
