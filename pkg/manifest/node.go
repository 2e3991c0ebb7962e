// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// kind is the kind of a node.
type kind uint8

const (
	scalar kind = iota
	mapping
	sequence
	alias
)

// style is how a node is written: the first five are of scalars, the last two
// of mappings and sequences.
type style uint8

const (
	plain style = iota
	single
	double
	literal
	folded
	block
	flow
)

// node is one node of a document with its place in the bytes.
type node struct {
	kind  kind
	style style
	// start is the offset of the node's first byte: its anchor or tag, if any.
	start int
	// text is the content of a scalar after unquoting and folding.
	text string
	// kids are the items of a sequence, or the keys and values of a mapping in turn.
	kids []*node
	*rare
}

// rare is what hardly any node has. All others share one, so that a node takes
// half of the memory: a large repository has a million of them.
type rare struct {
	// tag is the explicit tag in its short form, else empty.
	tag    string
	anchor string
	// to is the node an alias stands for.
	to *node
}

// common is the rare part of ordinary nodes. Nobody writes to it.
var common = &rare{}

// tree is a parsed document.
type tree struct {
	src  []byte
	json bool // written as JSON
	root *node
	// aliases is whether there are any.
	aliases bool
}

// problem is why a document cannot be read.
type problem struct {
	offset int
	text   string
	hint   string
	first  *node // the first of two duplicate keys, else nil
}

// maxDepth limits the nesting of a document, so that no input can exhaust the stack.
const maxDepth = 500

// parseDocument parses src, a whole document whose content starts at content.
func parseDocument(src []byte, content int, json bool) (*tree, *problem) {
	if !json {
		return parseYAML(src)
	}
	t, p := parseJSON(src, content)
	if p == nil {
		return t, nil
	}
	// Most flow YAML starts like JSON too.
	t, asYAML := parseYAML(src)
	if asYAML == nil {
		return t, nil
	}
	if i := jsonBlank(src, jsonBlank(src, content)+1); i < len(src) && src[i] == '"' {
		return nil, p
	}
	return nil, asYAML
}

func parseYAML(src []byte) (*tree, *problem) {
	doc, err := decodeNodes(src)
	if err != nil {
		return nil, explain(src, err)
	}
	t := &tree{src: src}
	if doc == nil || len(doc.Content) == 0 {
		return t, nil
	}
	c := converter{locator: newLocator(src)}
	if t.root = c.node(doc.Content[0], 0); c.tooDeep != nil {
		return nil, c.tooDeep
	}
	t.aliases = c.aliases
	return t, nil
}

var errSecond = errors.New("a second document starts without a --- line")

// decodeNodes runs the YAML parser over one document.
func decodeNodes(src []byte) (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(src))
	doc = new(yaml.Node)
	if err := d.Decode(doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errSecond
		}
		return nil, err
	}
	return doc, nil
}

// converter makes nodes of the parser's nodes.
type converter struct {
	*locator
	anchors map[*yaml.Node]*node
	slab    []node
	aliases bool
	tooDeep *problem
}

func (c *converter) node(y *yaml.Node, depth int) *node {
	if len(c.slab) == 0 {
		c.slab = make([]node, slabSize(len(c.src)))
	}
	n := &c.slab[0]
	c.slab = c.slab[1:]
	n.start, n.text, n.rare = c.at(y.Line, y.Column), y.Value, common
	if y.Anchor != "" || y.Kind == yaml.AliasNode || y.Style&yaml.TaggedStyle != 0 {
		n.rare = &rare{anchor: y.Anchor}
	}
	if y.Style&yaml.TaggedStyle != 0 {
		n.tag = y.Tag
	}
	if n.anchor != "" {
		if c.anchors == nil {
			c.anchors = make(map[*yaml.Node]*node)
		}
		c.anchors[y] = n
	}
	if depth > maxDepth {
		if c.tooDeep == nil {
			c.tooDeep = depthProblem(n.start)
		}
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		n.kind, n.to, c.aliases = alias, c.anchors[y.Alias], true
		return n
	case yaml.MappingNode:
		n.kind, n.style = mapping, collectionStyle(y.Style)
	case yaml.SequenceNode:
		n.kind, n.style = sequence, collectionStyle(y.Style)
	default:
		n.style = scalarStyle(y.Style)
	}
	if len(y.Content) > 0 {
		n.kids = make([]*node, len(y.Content))
		for i, k := range y.Content {
			n.kids[i] = c.node(k, depth+1)
		}
	}
	return n
}

// slabSize is how many nodes are allocated together: small documents have few.
func slabSize(length int) int { return min(4+length/32, 64) }

func depthProblem(offset int) *problem {
	return &problem{offset: offset, text: fmt.Sprintf("expected at most %d levels of nesting, found more", maxDepth)}
}

func collectionStyle(s yaml.Style) style {
	if s&yaml.FlowStyle != 0 {
		return flow
	}
	return block
}

func scalarStyle(s yaml.Style) style {
	switch {
	case s&yaml.DoubleQuotedStyle != 0:
		return double
	case s&yaml.SingleQuotedStyle != 0:
		return single
	case s&yaml.LiteralStyle != 0:
		return literal
	case s&yaml.FoldedStyle != 0:
		return folded
	}
	return plain
}
