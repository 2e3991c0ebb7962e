// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"unicode/utf8"
)

// The parser gives where nodes start; this file finds where they end.

// end returns the offset after the last byte of a node, comments after it not
// included. A missing (null) value ends where it starts.
func (t *tree) end(n *node) int {
	switch n.kind {
	case alias:
		return t.wordEnd(n.start)
	case mapping, sequence:
		return t.collectionEnd(n)
	}
	at := t.body(n)
	switch n.style {
	case double, single:
		return QuoteEnd(t.src, at)
	case literal, folded:
		return t.blockScalarEnd(n)
	}
	if n.text == "" {
		return at
	}
	return matchText(t.src, at, n.text)
}

// body returns the offset of a node's content after its anchor and tag, which
// may be on a line before. Without content it is the offset after these.
func (t *tree) body(n *node) int {
	at, props := n.start, 0
	if n.anchor != "" {
		props++
	}
	if n.tag != "" {
		props++
	}
	missing := n.kind == scalar && n.style == plain && n.text == ""
	for at < len(t.src) && (props > 0 && (t.src[at] == '&' || t.src[at] == '!') || t.bareTag(n, at)) {
		at = t.wordEnd(at)
		if props--; props <= 0 && missing {
			return at
		}
		at = t.skipSpace(at)
	}
	return at
}

// bareTag reports whether the tag "!", which the parser drops, is at an offset.
func (t *tree) bareTag(n *node, at int) bool {
	return !t.json && n.kind == scalar && t.src[at] == '!' && at+1 < len(t.src) && isBlank(t.src[at+1])
}

// wordEnd returns the end of an alias, an anchor or a tag.
func (t *tree) wordEnd(i int) int {
	verbatim := bytes.HasPrefix(t.src[i:], []byte("!<"))
	for ; i < len(t.src); i++ {
		b := t.src[i]
		if isBlank(b) || yamlBreak(t.src, i) > 0 || !verbatim && bytes.IndexByte([]byte(",[]{}"), b) >= 0 {
			break
		}
	}
	return i
}

// skipSpace skips blanks, line breaks and comments.
func (t *tree) skipSpace(i int) int {
	for i < len(t.src) {
		switch b := t.src[i]; {
		case isBlank(b):
			i++
		case yamlBreak(t.src, i) > 0:
			i += yamlBreak(t.src, i)
		case b == '#' && (i == 0 || isBlank(t.src[i-1]) || isBreak(t.src[i-1])):
			i = t.eol(i)
		default:
			return i
		}
	}
	return i
}

func (t *tree) collectionEnd(n *node) int {
	at := t.body(n)
	last := at
	if len(n.kids) > 0 {
		last = max(last, t.end(n.kids[len(n.kids)-1]))
	}
	if n.style != flow || at >= len(t.src) || t.src[at] != '{' && t.src[at] != '[' {
		return last // block style, or a pair in a flow list without braces
	}
	if len(n.kids) == 0 {
		last++
	}
	for last < len(t.src) {
		switch last = t.skipSpace(last); {
		case last == len(t.src):
		case t.src[last] == '}' || t.src[last] == ']':
			return last + 1
		default:
			last++ // a comma, or the colon or question mark of a missing value
		}
	}
	return last
}

// QuoteEnd returns the offset after the quote, ' or ", that closes the one at i; that of
// the end, if none does.
func QuoteEnd(src []byte, i int) int {
	quote := src[i]
	for i++; i < len(src); i++ {
		switch {
		case src[i] == '\\' && quote == '"':
			i++
		case src[i] == quote && quote == '\'' && i+1 < len(src) && src[i+1] == quote:
			i++
		case src[i] == quote:
			return i + 1
		}
	}
	return len(src)
}

// matchText returns the offset after text, which src holds from i on with other
// white space: folding changes nothing else, and comments cannot come between.
func matchText(src []byte, i int, text string) int {
	for _, r := range text {
		if isSpace(r) {
			continue
		}
		for i < len(src) {
			found, n := utf8.DecodeRune(src[i:])
			i += n
			if !isSpace(found) {
				break
			}
		}
	}
	return i
}

func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// blockScalarEnd returns the end of the last line of a block scalar, its line
// break not included. Blank lines after it belong to it when it keeps them (+).
func (t *tree) blockScalarEnd(n *node) int {
	head := t.body(n)
	end := t.eol(matchText(t.src, t.eol(head), n.text))
	if !bytes.Contains(t.src[head:t.headerEnd(n)], []byte("+")) {
		return end
	}
	for {
		next := end + t.breakAt(end)
		blank := skipBlanks(t.src, next)
		if next == end || blank == len(t.src) || !isBreak(t.src[blank]) {
			return end
		}
		end = t.eol(blank)
	}
}

// headerEnd returns the offset after a block scalar's indicators, as in "|2-".
func (t *tree) headerEnd(n *node) int {
	i := t.body(n)
	for i < len(t.src) && bytes.IndexByte([]byte("|>+-0123456789"), t.src[i]) >= 0 {
		i++
	}
	return i
}

// eol returns the offset of the line break at or after i, or of the end.
func (t *tree) eol(i int) int {
	for i < len(t.src) && yamlBreak(t.src, i) == 0 {
		i++
	}
	return i
}

// breakAt returns the length of the line break at i, 0 at the end.
func (t *tree) breakAt(i int) int {
	if i >= len(t.src) {
		return 0
	}
	return yamlBreak(t.src, i)
}

// bol returns the offset at which the line of i starts.
func (t *tree) bol(i int) int {
	for i > 0 {
		if b := t.src[i-1]; b == '\n' || b == '\r' {
			return i
		}
		i--
	}
	return 0
}
