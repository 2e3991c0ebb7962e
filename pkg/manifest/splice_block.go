// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import "strings"

// replace gives a node another value.
func (e *editor) replace(at *spot, v any) []splice {
	switch {
	case at.parent == nil:
		return []splice{{e.body(at.node), e.end(at.node), e.inline(v)}}
	case at.parent.style == flow:
		return e.replaceInFlow(at, v)
	case at.parent.kind == mapping:
		return e.replaceValue(at, v)
	}
	return e.replaceItem(at, v)
}

// lookAt is the look for an entry at a column that is written before the line
// break at eol. Block scalars would lose their last line break at the very end of
// a file that has none, and take in comments below that are indented more.
func (e *editor) lookAt(eol, column int) look {
	l := e.look
	l.quoted = eol == len(e.src) || e.trail(eol, column) != eol
	return l
}

// replaceValue replaces the value of a key in a block mapping: the part on the
// key's line and the lines below are replaced apart, so that a comment between
// them stays.
func (e *editor) replaceValue(at *spot, v any) []splice {
	colon := e.colon(at.key())
	if colon < 0 {
		return []splice{{at.start, e.end(at.node), e.inline(v)}}
	}
	headFrom, headTo, bodyFrom, bodyTo := e.parts(at, colon+1)
	column := e.column(e.body(at.parent.node))
	head, body := e.lookAt(bodyTo, column).value(v, at.node.style, column)
	switch {
	case head == "":
		headFrom = colon + 1
	case headFrom == colon+1:
		head = " " + head
	}
	return join(splice{headFrom, headTo, head}, splice{bodyFrom, bodyTo, e.below(body)})
}

// replaceItem replaces an item of a block list.
func (e *editor) replaceItem(at *spot, v any) []splice {
	dash := e.dash(at)
	headFrom, headTo, bodyFrom, bodyTo := e.parts(at, dash+1)
	indent := e.column(at.start)
	space := ""
	if headFrom == dash+1 {
		indent, space = e.column(dash)+2, " "
	}
	if at.style == block && at.kind != scalar {
		headTo, bodyFrom = bodyTo, bodyTo // it starts on the dash's line
	}
	head, body := e.lookAt(bodyTo, e.column(dash)).content(v, at.node.style, indent)
	return join(splice{headFrom, headTo, space + head}, splice{bodyFrom, bodyTo, e.below(body)})
}

// parts returns the two stretches a value in block context takes: on the line
// of its key or dash, which ends at after, and below. A value that is not
// written starts at after.
func (e *editor) parts(at *spot, after int) (headFrom, headTo, bodyFrom, bodyTo int) {
	end := e.end(at.node)
	switch {
	case at.missing():
		return after, after, e.eol(after), e.eol(after)
	case at.kind != scalar && at.style == block:
		headFrom, headTo = at.start, at.start
		if at.parent.kind == mapping {
			headFrom, headTo = after, after
			if at.anchor != "" || at.tag != "" {
				headTo = e.propsEnd(at.node)
			}
		}
		column := e.column(e.body(at.parent.node))
		return headFrom, headTo, e.eol(headTo), e.trail(e.eol(end), column)
	case at.kind == scalar && at.style >= literal:
		head := e.headerEnd(at.node)
		return at.start, head, e.eol(head), end
	}
	return at.start, end, e.eol(end), e.eol(end)
}

// propsEnd returns the offset after a node's anchor and tag.
func (e *editor) propsEnd(n *node) int {
	end := n.start
	for i := n.start; i < e.body(n); i = e.skipSpace(end) {
		end = e.wordEnd(i)
	}
	return end
}

// below returns lines to be put before a line break.
func (e *editor) below(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(e.newline)
		b.WriteString(line)
	}
	return b.String()
}

// join drops splices that do nothing.
func join(splices ...splice) (out []splice) {
	for _, s := range splices {
		if s.from != s.to || s.text != "" {
			out = append(out, s)
		}
	}
	return out
}

// addKey appends an entry to a mapping.
func (e *editor) addKey(m *spot, key string, v any) []splice {
	switch {
	case m.style == flow && len(m.kids) == 0 && !e.json && m.parent != nil && m.parent.style == block:
		return e.replace(m, map[string]any{key: v})
	case m.style == flow:
		return e.addToFlow(m.node, len(m.kids)/2, func(indent string, several bool) string {
			return e.pair(key, v, indent, several)
		})
	}
	column := e.column(e.body(m.node))
	at := e.trail(e.eol(e.end(m.node)), column)
	return []splice{{at, at, e.below(e.lookAt(at, column).entry(key, v, column))}}
}

// insert puts an item before the one with index i of a list, or at its end.
func (e *editor) insert(list *spot, i int, v any) []splice {
	switch {
	case list.style == flow && len(list.kids) == 0 && !e.json && list.parent != nil && list.parent.style == block:
		return e.replace(list, []any{v})
	case list.style == flow:
		return e.addToFlow(list.node, i, func(indent string, several bool) string {
			return e.flow(v, indent, several)
		})
	}
	indent := e.column(e.body(list.node))
	if i == len(list.kids) {
		at := e.trail(e.eol(e.end(list.node)), indent)
		return []splice{{at, at, e.below(e.lookAt(at, indent).item(v, indent))}}
	}
	next := &spot{node: list.kids[i], parent: list, index: i}
	at := e.dash(next)
	lines := strings.Join(e.item(v, indent), e.newline) + e.newline
	if e.startsLine(at) {
		at = e.lead(next, at)
		return []splice{{at, at, lines}}
	}
	return []splice{{at, at, lines[indent:] + pad(indent)}}
}

// dash returns the offset of the dash of an item in a block list.
func (e *editor) dash(at *spot) int {
	column := e.column(e.body(at.parent.node))
	for line := e.bol(at.start); ; line = e.bol(line - 1) {
		if dash := line + column; dash < len(e.src) && dash <= at.start && e.src[dash] == '-' {
			return dash
		}
		if line == 0 {
			return at.start
		}
	}
}

// startsLine reports whether only blanks come before an offset on its line.
func (e *editor) startsLine(offset int) bool {
	return skipBlanks(e.src, e.bol(offset)) == offset
}
