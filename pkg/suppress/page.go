// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// page is a document as it is written: its text with the places of fields and
// of texts in quotes or blocks, where a number sign starts no comment.
type page struct {
	src []byte
	// starts are the offsets of the parser's lines, which end at the Unicode
	// line breaks too; first is the line in the file of the first byte.
	starts []int
	first  int
	// above are the comments over the separator that the document starts with.
	above []written
	// parts are the fields and list items in the order of the document, an outer
	// one before those in it.
	parts []part
	// opaque are the spans of texts, in order.
	opaque [][2]int
}

// part is a field or list item: where it starts, and its first and last line.
type part struct {
	offset, from, to int
	flow             bool
}

// written is a comment: its text without the number sign, and its place.
type written struct {
	text         string
	line, column int
	// offset is negative above the separator.
	offset int
	// alone is true for a comment on a line of its own.
	alone bool
}

// target is the lines that a comment is about.
type target struct {
	from, to int
	// problem says why it is about nothing, and hint what to do.
	problem, hint string
}

func newPage(d *manifest.Document) (p *page, err error) {
	defer func() {
		if r := recover(); r != nil { // as package manifest does: the parser has bugs
			err = fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	var root yaml.Node
	p = &page{src: d.Bytes(), above: above(d), starts: []int{0}}
	if err := yaml.NewDecoder(bytes.NewReader(p.src)).Decode(&root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, errors.New("no content")
	}
	for i := 0; i < len(p.src); i++ {
		if n := breakAt(p.src[i:]); n > 0 {
			i += n - 1
			p.starts = append(p.starts, i+1)
		}
	}
	p.first = d.Line - bytes.Count(p.src[:content(p.src)], []byte("\n"))
	p.walk(root.Content[0], p.line(len(p.src)))
	slices.SortFunc(p.opaque, func(a, b [2]int) int { return a[0] - b[0] })
	return p, nil
}

// above returns the comments over the separator that a document starts with;
// what else stands there are directives and blanks.
func above(d *manifest.Document) []written {
	head, line := d.Head()
	var out []written
	for text := range bytes.Lines(head) {
		if left := bytes.TrimLeft(text, " \t"); bytes.HasPrefix(left, []byte("#")) {
			c := written{line: line, column: len(text) - len(left) + 1, offset: -1, alone: true}
			c.text = strings.TrimSpace(strings.TrimLeft(string(left), "#"))
			out = append(out, c)
		}
		line++
	}
	return out
}

// breakAt returns the length of the line break that b starts with, else 0.
func breakAt(b []byte) int {
	for _, end := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(b, []byte(end)) {
			return len(end)
		}
	}
	return 0
}

// content returns the offset of the first byte that is no blank and no comment.
func content(src []byte) int {
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case ' ', '\t', '\r', '\n':
		case '#':
			n := bytes.IndexByte(src[i:], '\n')
			if n < 0 {
				return len(src)
			}
			i += n
		default:
			return i
		}
	}
	return len(src)
}

// line returns the line in the file of an offset.
func (p *page) line(offset int) int { return p.first + bytes.Count(p.src[:offset], []byte("\n")) }

// column returns the column of an offset, in characters from 1.
func (p *page) column(offset int) int {
	return utf8.RuneCount(p.src[bytes.LastIndexByte(p.src[:offset], '\n')+1:offset]) + 1
}

// at returns the offset of a node.
func (p *page) at(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(p.starts) {
		return len(p.src)
	}
	i := p.starts[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(p.src[i:])
		i += size
	}
	return min(i, len(p.src))
}

// walk notes the parts of a node and the texts in it; last is its last line.
func (p *page) walk(n *yaml.Node, last int) {
	step := 1
	switch n.Kind {
	case yaml.ScalarNode:
		p.text(n)
		return
	case yaml.MappingNode:
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		offset := p.at(n.Content[i])
		from, to := p.line(offset), last
		if i+step < len(n.Content) {
			to = p.line(p.at(n.Content[i+step])) - 1
		}
		to = max(from, to)
		p.parts = append(p.parts, part{offset: offset, from: from, to: to, flow: n.Style&yaml.FlowStyle != 0})
		for _, kid := range n.Content[i : i+step] {
			p.walk(kid, to)
		}
	}
}

// text notes the span of a text in quotes or in a block.
func (p *page) text(n *yaml.Node) {
	i := p.at(n)
	for i < len(p.src) && (p.src[i] == '&' || p.src[i] == '!') { // an anchor or a tag
		for i < len(p.src) && p.src[i] > ' ' {
			i++
		}
		i += content(p.src[i:])
	}
	start := i
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for i < len(p.src) && breakAt(p.src[i:]) == 0 { // a comment may stand behind the sign
			i++
		}
		start, i = i, match(p.src, i, n.Value)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && i < len(p.src):
		i = manifest.QuoteEnd(p.src, i)
	default:
		return
	}
	p.opaque = append(p.opaque, [2]int{start, i})
}

// match returns the offset after a text, which the source holds from i on with
// other white space.
func match(src []byte, i int, text string) int {
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		for i < len(src) {
			found, size := utf8.DecodeRune(src[i:])
			i += size
			if found == r {
				break
			}
		}
	}
	return i
}

// comments returns the comments of the document in order.
func (p *page) comments() []written {
	out := slices.Clone(p.above)
	opaque := p.opaque
	for i := 0; i < len(p.src); i++ {
		for len(opaque) > 0 && opaque[0][1] <= i {
			opaque = opaque[1:]
		}
		if len(opaque) > 0 && opaque[0][0] <= i {
			i = opaque[0][1] - 1
			continue
		}
		if p.src[i] != '#' || i > 0 && !strings.ContainsRune(" \t\r\n", rune(p.src[i-1])) {
			continue
		}
		end := i
		for end < len(p.src) && breakAt(p.src[end:]) == 0 {
			end++
		}
		bol := p.starts[sort.SearchInts(p.starts, i+1)-1]
		out = append(out, written{
			text: strings.TrimSpace(strings.TrimLeft(string(p.src[i:end]), "#")),
			line: p.line(i), column: p.column(i), offset: i, alone: len(bytes.TrimSpace(p.src[bol:i])) == 0,
		})
		i = end
	}
	return out
}

// target returns what a comment is about.
func (p *page) target(c written) target {
	if !c.alone {
		return target{from: c.line, to: c.line}
	}
	next := sort.Search(len(p.parts), func(i int) bool { return p.parts[i].offset > c.offset })
	switch {
	case next == 0:
		return target{from: p.first, to: p.line(len(p.src))}
	case next == len(p.parts):
		return target{
			from: c.line, to: c.line, problem: "expected a field or list item below the comment, found the end of the document",
			hint: "move it above what it is about",
		}
	}
	x := p.parts[next]
	if !x.flow && c.column > p.column(x.offset) {
		return target{
			from: c.line, to: c.line, problem: "expected the comment right above what it is about, found that what is below is further out",
			hint: "indent it like the line below if that is meant, else move it",
		}
	}
	return target{from: x.from, to: x.to}
}
