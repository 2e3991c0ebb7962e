// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// look is how a document is written, so that what is added looks the same.
type look struct {
	newline  string // line break
	nest     int    // indentation of a mapping in a mapping
	dashStep int    // indentation of a list in a mapping: 0 or step
	tight    bool   // flow collections have no space after colons and commas
	asJSON   bool   // everything is JSON
	unit     string // one level of indentation of flow collections over several lines
	quoted   bool   // strings of several lines are quoted, never block scalars
}

// lookOf reads the look off the first examples in the document.
func lookOf(t *tree) look {
	l := look{newline: "\n", nest: 2, asJSON: t.json, unit: "  "}
	if i := bytes.IndexByte(t.src, '\n'); i > 0 && t.src[i-1] == '\r' {
		l.newline = "\r\n"
	}
	if t.root == nil {
		return l
	}
	w := looker{tree: t, look: &l}
	w.walk(t.root, 0)
	return l
}

type looker struct {
	*tree
	*look
	step, dash, flow bool // seen
}

func (w *looker) walk(n *node, depth int) {
	if w.json && w.flow || w.step && w.dash || depth > maxDepth {
		return
	}
	if n.style == flow && n.kind == mapping && len(n.kids) > 1 && !w.flow {
		w.flow = true
		colon := w.colon(n.kids[0])
		w.tight = colon+1 < len(w.src) && !isBlank(w.src[colon+1]) && !isBreak(w.src[colon+1])
		if open := w.body(n); w.severalLines(n) {
			inner, outer := w.indentation(n.kids[0].start), w.indentation(open)
			if unit, ok := strings.CutPrefix(inner, outer); ok && unit != "" {
				w.unit = unit
			}
		}
	}
	for i, kid := range n.kids {
		if n.kind == mapping && n.style == block && i%2 == 1 && kid.style == block && len(kid.kids) > 0 {
			indent := w.column(w.body(kid)) - w.column(w.body(n))
			if kid.kind == mapping && !w.step && indent > 0 {
				w.nest, w.step = indent, true
			} else if kid.kind == sequence && !w.dash && indent >= 0 {
				w.dashStep, w.dash = indent, true
			}
		}
		w.walk(kid, depth+1)
	}
}

// entry returns the lines of a key and its value in block style.
func (l look) entry(key string, v any, indent int) []string {
	head, body := l.value(v, plain, indent)
	first := pad(indent) + quote(key, plain, false) + ":"
	if head != "" {
		first += " " + head
	}
	return append([]string{first}, body...)
}

// value returns what stands behind the colon of a key at the given indentation,
// and the lines below.
func (l look) value(v any, want style, indent int) (head string, body []string) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			return "", l.entries(v, indent+l.nest)
		}
	case []any:
		for _, item := range v {
			body = append(body, l.item(item, indent+l.dashStep)...)
		}
		if len(v) > 0 {
			return "", body
		}
	}
	return l.leaf(v, want, indent+l.nest)
}

// leaf writes a scalar or an empty collection; a literal's lines are indented by indent.
func (l look) leaf(v any, want style, indent int) (head string, body []string) {
	s, ok := v.(string)
	if !ok {
		return l.inline(v), nil
	}
	if want != double && want != single && !l.quoted {
		if header, lines, ok := literalLines(s); ok {
			for _, line := range lines {
				if line != "" {
					line = pad(indent) + line
				}
				body = append(body, line)
			}
			return header, body
		}
	}
	return quote(s, want, false), nil
}

func (l look) entries(m map[string]any, indent int) (lines []string) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		lines = append(lines, l.entry(key, m[key], indent)...)
	}
	return lines
}

// item returns the lines of a list item whose dash is at indent.
func (l look) item(v any, indent int) []string {
	head, body := l.content(v, plain, indent+2)
	return append([]string{pad(indent) + "- " + head}, body...)
}

// content returns what stands at column indent behind a dash, and the lines below.
func (l look) content(v any, want style, indent int) (head string, body []string) {
	switch v := v.(type) {
	case map[string]any:
		body = l.entries(v, indent)
	case []any:
		for _, item := range v {
			body = append(body, l.item(item, indent)...)
		}
	}
	if len(body) == 0 {
		return l.leaf(v, want, indent)
	}
	return body[0][indent:], body[1:]
}

// inline writes a value in flow style on one line.
func (l look) inline(v any) string { return l.flow(v, "", false) }

// flow writes a value in flow style, over several lines when several is set;
// indent is the indentation of the line the value starts on.
func (l look) flow(v any, indent string, several bool) string {
	var parts []string
	open, closing := "[", "]"
	switch v := v.(type) {
	case map[string]any:
		open, closing = "{", "}"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, l.pair(key, v[key], indent+l.unit, several))
		}
	case []any:
		for _, item := range v {
			parts = append(parts, l.flow(item, indent+l.unit, several))
		}
	case string:
		return l.word(v, plain)
	default:
		return textOf(v)
	}
	switch {
	case len(parts) == 0:
		return open + closing
	case several:
		inner := l.newline + indent + l.unit
		return open + inner + strings.Join(parts, ","+inner) + l.newline + indent + closing
	}
	return open + strings.Join(parts, l.comma()) + closing
}

// pair writes a key and its value in flow style.
func (l look) pair(key string, v any, indent string, several bool) string {
	colon := ": "
	if l.tight {
		colon = ":"
	}
	k := l.word(key, plain)
	if l.tight && k[0] != '"' && k[0] != '\'' {
		colon = ": " // without quotes the colon would be part of the word
	}
	return k + colon + l.flow(v, indent, several)
}

func (l look) comma() string {
	if l.tight {
		return ","
	}
	return ", "
}

// word writes a string in flow style.
func (l look) word(s string, want style) string {
	if !l.asJSON {
		return quote(s, want, true)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return doubleQuoted(s) // cannot happen: strings always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func pad(n int) string { return strings.Repeat(" ", n) }
