// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
)

// replaceInFlow replaces a value inside braces or brackets.
func (e *editor) replaceInFlow(at *spot, v any) []splice {
	several := e.severalLines(at.parent.node)
	text := e.flow(v, e.indentation(at.start), several)
	if s, ok := v.(string); ok {
		text = e.word(s, at.node.style)
	}
	if at.missing() && at.parent.kind == mapping {
		if colon := e.colon(at.key()); colon >= 0 {
			return one(colon+1, colon+1, " "+text)
		}
		end := e.end(at.key())
		return one(end, end, ": "+text)
	}
	return one(at.start, e.end(at.node), text)
}

// entry spans: the offsets of entry i of a flow collection with its key.
func (e *editor) flowEntry(n *node, i int) (from, to int) {
	if n.kind == sequence {
		return n.kids[i].start, e.end(n.kids[i])
	}
	key, value := n.kids[2*i], n.kids[2*i+1]
	from, to = e.entryStart(key), e.end(key)
	if colon := e.colon(key); colon >= 0 {
		to = colon + 1
	}
	if value.text != "" || value.kind != scalar || value.style != plain || value.tag != "" || value.anchor != "" {
		to = e.end(value)
	}
	return from, to
}

// addToFlow inserts an entry, written by write, before entry i of a flow
// collection or at its end.
func (e *editor) addToFlow(n *node, i int, write func(indent string, several bool) string) []splice {
	count := len(n.kids)
	if n.kind == mapping {
		count /= 2
	}
	if count == 0 {
		return e.fillFlow(n, write)
	}
	first, firstEnd := e.flowEntry(n, 0)
	several := e.severalLines(n)
	indent := e.indentation(first)
	gap := e.comma()
	if several {
		gap = "," + e.newline + indent
	} else if count > 1 {
		second, _ := e.flowEntry(n, 1)
		if between := e.src[firstEnd:second]; len(bytes.Trim(between, " ,")) == 0 {
			gap = string(between)
		}
	}
	entry := write(indent, several)
	if i < count {
		at, _ := e.flowEntry(n, i)
		return one(at, at, entry+gap)
	}
	_, last := e.flowEntry(n, count-1)
	return e.appendFlow(n, last, entry, gap, indent)
}

// appendFlow adds an entry after the last one, which ends at last; a comment on
// the line of the last one stays with it.
func (e *editor) appendFlow(n *node, last int, entry, gap, indent string) []splice {
	i := skipBlanks(e.src, last)
	comma := i < len(e.src) && e.src[i] == ','
	if comma {
		i = skipBlanks(e.src, i+1)
	}
	if i == len(e.src) || e.src[i] != '#' {
		return []splice{{last, last, gap + entry, n.kind == mapping}}
	}
	end := e.eol(i)
	line := e.newline + indent + entry
	if comma {
		return one(end, end, line+",")
	}
	return append(one(last, last, ","), one(end, end, line)...)
}

// fillFlow puts the first entry between the braces. In JSON over several lines
// it gets lines of its own.
func (e *editor) fillFlow(n *node, write func(indent string, several bool) string) []splice {
	open := e.body(n)
	indent := e.indentation(open)
	several := e.json && e.severalLines(e.root)
	text := write(indent+e.unit, several)
	if several {
		text = e.newline + indent + e.unit + text + e.newline + indent
	}
	return one(open+1, e.end(n)-1, text)
}

// removeFromFlow takes an entry, with its comma and the comment on its line, out
// of a flow collection.
func (e *editor) removeFromFlow(at *spot, width int) []splice {
	n, i := at.parent.node, at.index/width
	count := len(n.kids) / width
	from, to := e.flowEntry(n, i)
	switch {
	case count == 1:
		return one(e.body(n)+1, e.end(n)-1, "")
	case i+1 < count:
		next, _ := e.flowEntry(n, i+1)
		return one(from, e.afterComma(to, next), "")
	}
	_, before := e.flowEntry(n, i-1)
	if bytes.IndexByte(e.src[before:from], '#') >= 0 {
		return e.removeFlowLine(at, from, to)
	}
	rest := skipBlanks(e.src, to)
	if rest < len(e.src) && e.src[rest] == '#' {
		return one(before, e.eol(rest), "")
	}
	return one(before, to, "")
}

// removeFlowLine removes the last entry of a flow collection, which has a comment
// somewhere before it, with its own comments. The comma before the comment stays:
// YAML allows it.
func (e *editor) removeFlowLine(at *spot, from, to int) []splice {
	rest := skipBlanks(e.src, to)
	if rest < len(e.src) && e.src[rest] == ',' {
		to = rest + 1
		rest = skipBlanks(e.src, to)
	}
	if rest < len(e.src) && e.src[rest] == '#' {
		to = e.eol(rest)
	}
	if n := e.breakAt(to); n > 0 && e.startsLine(from) {
		return one(e.lead(at, from), to+n, "")
	}
	return one(from, to, "")
}

// afterComma returns where what belongs to the next entry starts: the entry
// itself or a comment on a line of its own before it.
func (e *editor) afterComma(end, next int) int {
	i := e.skipSpace(end) // to the comma
	if i = skipBlanks(e.src, i+1); i < next && e.src[i] == '#' {
		i = e.eol(i)
	}
	for i < next && (isBlank(e.src[i]) || isBreak(e.src[i])) {
		i++
	}
	return min(i, next)
}
