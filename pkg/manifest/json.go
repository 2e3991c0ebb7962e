// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// parseJSON parses the JSON object of src that starts at or after from. It
// exists beside the YAML parser because JSON has what YAML lacks (surrogate
// pairs, other numbers), and to be fast on the output of kubectl get -o json.
func parseJSON(src []byte, from int) (*tree, *problem) {
	p := jsonParser{src: src, i: from}
	root := p.value(0)
	if p.err == nil {
		if p.blank(); p.i < len(src) {
			p.fail("expected the end of the document after the object")
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return &tree{src: src, json: true, root: root}, nil
}

type jsonParser struct {
	src  []byte
	i    int
	slab []node
	err  *problem
}

func (p *jsonParser) fail(expected string) {
	if p.err != nil {
		return
	}
	found, at := "the end of the document", len(bytes.TrimRight(p.src, " \t\r\n"))
	if p.i < at {
		r, _ := utf8.DecodeRune(p.src[p.i:])
		found, at = fmt.Sprintf("%q", r), p.i
	}
	p.err = &problem{offset: at, text: "invalid JSON: " + expected + ", found " + found}
}

func (p *jsonParser) blank() { p.i = jsonBlank(p.src, p.i) }

func (p *jsonParser) peek() byte {
	if p.i < len(p.src) {
		return p.src[p.i]
	}
	return 0
}

func (p *jsonParser) new(k kind, s style) *node {
	if len(p.slab) == 0 {
		p.slab = make([]node, slabSize(len(p.src)))
	}
	n := &p.slab[0]
	n.rare = common
	p.slab = p.slab[1:]
	n.kind, n.style, n.start = k, s, p.i
	return n
}

func (p *jsonParser) value(depth int) *node {
	p.blank()
	if depth > maxDepth {
		p.err = depthProblem(p.i)
		return nil
	}
	switch b := p.peek(); {
	case b == '{':
		return p.collection(mapping, '}', depth)
	case b == '[':
		return p.collection(sequence, ']', depth)
	case b == '"':
		return p.str()
	case b == '-', b >= '0' && b <= '9', b >= 'a' && b <= 'z':
		return p.word()
	}
	p.fail("expected a value")
	return nil
}

func (p *jsonParser) collection(k kind, closing byte, depth int) *node {
	n := p.new(k, flow)
	p.i++
	if p.blank(); p.peek() == closing {
		p.i++
		return n
	}
	for p.err == nil {
		if k == mapping {
			if p.blank(); p.peek() != '"' {
				p.fail("expected a key in double quotes")
				break
			}
			n.kids = append(n.kids, p.str())
			if p.blank(); p.peek() != ':' {
				p.fail("expected a colon after the key")
				break
			}
			p.i++
		}
		n.kids = append(n.kids, p.value(depth+1))
		p.blank()
		switch b := p.peek(); {
		case p.err != nil:
		case b == ',':
			p.i++
		case b == closing:
			p.i++
			return n
		default:
			p.fail(fmt.Sprintf("expected ',' or '%c'", closing))
		}
	}
	return n
}

func (p *jsonParser) str() *node {
	n := p.new(scalar, double)
	end := jsonString(p.src, p.i)
	if end >= len(p.src) || p.src[end] != '"' {
		p.err = &problem{offset: p.i, text: "invalid JSON: expected a closing quote on the same line, found none"}
		return n
	}
	raw := p.src[p.i+1 : end]
	simple := true
	for _, b := range raw {
		if b == '\\' || b < ' ' {
			simple = false
			break
		}
	}
	if simple {
		n.text = string(raw)
	} else if err := json.Unmarshal(p.src[p.i:end+1], &n.text); err != nil {
		p.err = &problem{offset: p.i, text: "invalid JSON: expected a string, found " + strings.TrimPrefix(err.Error(), "json: ")}
	}
	p.i = end + 1
	return n
}

// word reads a number, true, false or null.
func (p *jsonParser) word() *node {
	n := p.new(scalar, plain)
	end := p.i
	for end < len(p.src) && strings.IndexByte("+-.", p.src[end]) >= 0 || end < len(p.src) && isAlnum(p.src[end]) {
		end++
	}
	raw := p.src[p.i:end]
	if !json.Valid(raw) {
		p.fail(fmt.Sprintf("expected a value, not %q", raw))
		return n
	}
	n.text = string(raw)
	p.i = end
	return n
}

func isAlnum(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
