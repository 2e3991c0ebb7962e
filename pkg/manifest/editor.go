// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// editor finds the splices of single operations in one parsed document.
type editor struct {
	*tree
	look
	shared map[*node]bool // nodes that aliases stand for
}

// spot is a node and where it hangs.
type spot struct {
	*node
	parent *spot // nil at the root
	index  int   // of the value in parent.kids
}

// key returns the key of a value in a mapping.
func (s spot) key() *node { return s.parent.kids[s.index-1] }

// isBlock reports whether the value is a mapping or list in block style.
func (s spot) isBlock() bool { return s.kind != scalar && s.style == block }

// missing reports whether the value is a null that is not written at all.
func (s spot) missing() bool {
	return s.kind == scalar && s.style == plain && s.text == "" && s.tag == "" && s.anchor == ""
}

// plan returns the splices of an operation.
func (e *editor) plan(op patch.Op, tokens []string) ([]splice, error) {
	if len(tokens) == 0 {
		return nil, fmt.Errorf("expected a pointer to a field, found the whole document")
	}
	container, err := e.find(tokens[:len(tokens)-1])
	if err != nil {
		return nil, err
	}
	last := tokens[len(tokens)-1]
	if container.kind == sequence && op.Op == patch.Add {
		i, err := strconv.Atoi(last)
		if err != nil {
			return nil, err
		}
		return e.insert(container, i, op.Value), nil
	}
	at, err := e.step(container, last)
	if err != nil {
		return nil, err
	}
	switch {
	case at.node == nil && op.Op != patch.Remove: // new, or an override of a merged key
		return e.addKey(container, last, op.Value), nil
	case at.node == nil:
		return nil, fmt.Errorf("%q comes from a merge key <<, which other places share", last)
	}
	if err := e.checkShared(at.node); err != nil {
		return nil, err
	}
	if op.Op == patch.Remove {
		return e.remove(at), nil
	}
	return e.replace(at, op.Value), nil
}

// find walks to the node at a pointer through nodes that no alias shares.
func (e *editor) find(tokens []string) (*spot, error) {
	at := &spot{node: e.root}
	for i := 0; ; i++ {
		if e.isShared(at.node) {
			return nil, fmt.Errorf("the anchor &%s is used by aliases, which would change too", at.anchor)
		}
		if at.kind == alias {
			return nil, fmt.Errorf("the value is the alias *%s, whose anchor would change too", at.text)
		}
		if i == len(tokens) {
			return at, nil
		}
		next, err := e.step(at, tokens[i])
		if err != nil {
			return nil, err
		}
		if next.node == nil {
			return nil, fmt.Errorf("%q comes from a merge key <<, which other places share", tokens[i])
		}
		at = next
	}
}

// step goes one token down; the spot has no node when a mapping has no such key
// of its own.
func (e *editor) step(at *spot, token string) (*spot, error) {
	next := &spot{parent: at}
	switch at.kind {
	case sequence:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(at.kids) {
			return nil, fmt.Errorf("expected an index below %d, found %q", len(at.kids), token)
		}
		next.node, next.index = at.kids[i], i
	case mapping:
		d := decoder{tree: e.tree}
		for i := 0; i+1 < len(at.kids); i += 2 {
			if key, p := d.key(at.kids[i]); p == nil && key == token && !d.isMerge(at.kids[i]) {
				next.node, next.index = at.kids[i+1], i+1
			}
		}
	default:
		return nil, fmt.Errorf("expected a mapping or a list above %q, found a scalar", token)
	}
	return next, nil
}

// checkShared refuses nodes whose anchors, or those below, have aliases.
func (e *editor) checkShared(n *node) error {
	if e.isShared(n) {
		return fmt.Errorf("the anchor &%s is used by aliases, which would change too", n.anchor)
	}
	for _, kid := range n.kids {
		if err := e.checkShared(kid); err != nil {
			return err
		}
	}
	return nil
}

func (e *editor) isShared(n *node) bool {
	if !e.aliases {
		return false
	}
	if e.shared == nil {
		e.shared = map[*node]bool{}
		e.collectShared(e.root)
	}
	return e.shared[n]
}

func (e *editor) collectShared(n *node) {
	if n.kind == alias {
		e.shared[n.to] = true
	}
	for _, kid := range n.kids {
		e.collectShared(kid)
	}
}

// column returns the 0-based column of an offset in bytes: what comes before a
// block collection on its line is ASCII.
func (t *tree) column(offset int) int { return offset - t.bol(offset) }

// indentation returns the blanks the line of an offset starts with.
func (t *tree) indentation(offset int) string {
	start := t.bol(offset)
	return string(t.src[start:skipBlanks(t.src, start)])
}

// colon returns the offset of the colon after a key, -1 when there is none.
func (t *tree) colon(key *node) int {
	if i := t.skipSpace(t.end(key)); i < len(t.src) && t.src[i] == ':' {
		return i
	}
	return -1
}

// severalLines reports whether a flow collection starts its first entry on a new line.
func (t *tree) severalLines(n *node) bool {
	if len(n.kids) == 0 {
		return false
	}
	return t.eol(t.body(n)) < n.kids[0].start
}
