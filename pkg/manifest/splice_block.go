// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import "strings"

// replace gives a node another value.
func (e *editor) replace(at *spot, v any) []splice {
	switch {
	case at.parent == nil:
		return one(e.body(at.node), e.end(at.node), e.inline(v))
	case at.parent.style == flow:
		return e.replaceInFlow(at, v)
	case at.parent.kind == sequence:
		return e.replaceItem(at, e.dash(at), v)
	}
	colon := e.colon(at.key())
	switch {
	case colon < 0:
		return one(at.start, e.end(at.node), e.inline(v))
	case e.entryStart(at.key()) != at.key().start:
		return e.replaceItem(at, colon, v) // after "? key", a colon is like a dash
	}
	return e.replaceValue(at, colon, v)
}

// lookAt is the look for an entry at a column that is written before the line
// break at eol. Block scalars would lose their last line break at the very end of
// a file that has none, and take in comments below that are indented more.
func (e *editor) lookAt(eol, column int) look {
	l := e.look
	l.quoted = eol == len(e.src) || e.trail(eol, column) != eol
	return l
}

// stretches are the two places a value in block context takes: on the line of
// its key or dash, and below. A comment between them stays.
type stretches struct{ headFrom, headTo, bodyFrom, bodyTo int }

func (p stretches) replace(head, body string) []splice {
	return append(one(p.headFrom, p.headTo, head), one(p.bodyFrom, p.bodyTo, body)...)
}

// replaceValue replaces the value of a key in a block mapping.
func (e *editor) replaceValue(at *spot, colon int, v any) []splice {
	column := e.column(e.body(at.parent.node))
	p := e.leafStretches(at, colon+1)
	if at.isBlock() {
		p.headFrom, p.headTo = colon+1, colon+1
		if at.anchor != "" || at.tag != "" {
			p.headTo = e.propsEnd(at.node)
		}
		p.bodyFrom, p.bodyTo = e.eol(p.headTo), e.trail(e.eol(e.end(at.node)), column)
	}
	head, body := e.lookAt(p.bodyTo, column).value(v, at.node.style, column)
	switch {
	case head == "":
		p.headFrom = colon + 1
	case p.headFrom == colon+1:
		head = " " + head
	}
	return p.replace(head, e.below(body))
}

// replaceItem replaces an item of a block list after its dash.
func (e *editor) replaceItem(at *spot, dash int, v any) []splice {
	p := e.leafStretches(at, dash+1)
	indent, space := e.column(at.start), ""
	if at.isBlock() {
		end := e.trail(e.eol(e.end(at.node)), e.column(dash))
		p = stretches{at.start, end, end, end} // it starts on the dash's line
	} else if p.headFrom == dash+1 {
		indent, space = e.column(dash)+2, " "
	}
	head, body := e.lookAt(p.bodyTo, e.column(dash)).content(v, at.node.style, indent)
	return p.replace(space+head, e.below(body))
}

// leafStretches are those of a scalar, an alias or a flow collection. A value
// that is not written starts after its colon or dash.
func (e *editor) leafStretches(at *spot, after int) stretches {
	end := e.end(at.node)
	switch {
	case at.missing():
		return stretches{after, after, e.eol(after), e.eol(after)}
	case at.kind == scalar && (at.style == literal || at.style == folded):
		head := e.headerEnd(at.node)
		return stretches{at.start, head, e.eol(head), end}
	}
	return stretches{at.start, end, e.eol(end), e.eol(end)}
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

// one is a splice, or none when it would do nothing.
func one(from, to int, text string) []splice {
	if from == to && text == "" {
		return nil
	}
	return []splice{{from: from, to: to, text: text}}
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
	return []splice{{at, at, e.below(e.lookAt(at, column).entry(key, v, column)), true}}
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
		return one(at, at, e.below(e.lookAt(at, indent).item(v, indent)))
	}
	next := &spot{node: list.kids[i], parent: list, index: i}
	at := e.dash(next)
	lines := strings.Join(e.item(v, indent), e.newline) + e.newline
	if e.startsLine(at) {
		at = e.lead(next, at)
		return one(at, at, lines)
	}
	return one(at, at, lines[indent:]+pad(indent))
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
