// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// splice replaces the bytes from..to.
type splice struct {
	from, to int
	text     string
}

// A writer carries out operations on a document. Operations that cannot touch
// the same bytes are collected and spliced together; the document is then parsed
// again, so that the next ones find their places.
type writer struct {
	*tree
	content int // offset of the content, for the JSON parser
	changed bool

	steps   []step
	splices []splice
	editor  *editor // of tree, made on first use
}

// step is an operation that is waiting to be spliced.
type step struct {
	op    patch.Op
	scope []string // tokens of the node whose bytes it may touch
	adds  bool     // appends a key to the mapping at scope
}

// do applies op to the document's value and to its bytes.
func (w *writer) do(value any, op patch.Op) (any, error) {
	next, err := patch.Apply(value, []patch.Op{op})
	if err != nil {
		return nil, errors.Unwrap(err) // without the number of the operation, which the caller knows better
	}
	for _, op := range lower(value, op) {
		if err := w.push(op); err != nil {
			return nil, err
		}
	}
	return next, nil
}

func (w *writer) push(op patch.Op) error {
	tokens, err := patch.Tokens(op.Path)
	if err != nil {
		return err
	}
	s := step{op: op, scope: tokens}
	if op.Op != patch.Replace && len(tokens) > 0 {
		s.scope = tokens[:len(tokens)-1]
	}
	if slices.ContainsFunc(w.steps, func(o step) bool { return o.meets(s) }) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	splices, err := w.plan(&s, tokens)
	if err != nil {
		return err
	}
	if w.touches(s, splices) {
		if err := w.flush(); err != nil {
			return err
		}
		if splices, err = w.plan(&s, tokens); err != nil {
			return err
		}
	}
	w.steps = append(w.steps, s)
	w.splices = append(w.splices, splices...)
	return nil
}

// meets reports whether one step's node is the other's or contains it.
func (s step) meets(o step) bool {
	n := min(len(s.scope), len(o.scope))
	if !slices.Equal(s.scope[:n], o.scope[:n]) {
		return false
	}
	appends := s.op.Op == patch.Add && o.op.Op == patch.Add && s.adds && len(s.scope) == len(o.scope)
	return !appends
}

// touches reports whether splices meet those that are waiting. Keys appended to
// one mapping go to the same place, in their order.
func (w *writer) touches(s step, splices []splice) bool {
	for _, a := range w.splices {
		for _, b := range splices {
			if a.from == b.from && a.to == b.to && a.from == a.to && s.adds {
				continue
			}
			if a.from <= b.to && b.from <= a.to {
				return true
			}
		}
	}
	return false
}

// plan finds the splices of a step in the tree as it is.
func (w *writer) plan(s *step, tokens []string) ([]splice, error) {
	if w.editor == nil {
		w.editor = &editor{tree: w.tree, look: lookOf(w.tree)}
	}
	splices, adds, err := w.editor.plan(s.op, tokens)
	s.adds = adds
	return splices, err
}

// flush splices what is waiting and parses the result.
func (w *writer) flush() error {
	if len(w.splices) == 0 {
		w.steps = nil
		return nil
	}
	slices.SortStableFunc(w.splices, func(a, b splice) int { return cmp.Compare(a.from, b.from) })
	out := make([]byte, 0, len(w.src)+256)
	at := 0
	for _, s := range w.splices {
		if s.from < at {
			return errors.New("two operations touch the same bytes")
		}
		out = append(out, w.src[at:s.from]...)
		out = append(out, s.text...)
		at = s.to
	}
	out = append(out, w.src[at:]...)
	t, p := parseDocument(out, w.content, w.json)
	if p != nil {
		return fmt.Errorf("the result would not be valid: %s", p.text)
	}
	if t.json != w.json {
		return errors.New("the result would not be JSON any more")
	}
	*w = writer{tree: t, content: w.content, changed: true}
	return nil
}

// verify decodes the written document and compares it with what was intended.
func (w *writer) verify(want any) error {
	got, _, p := decodeTree(w.tree)
	if p != nil {
		return fmt.Errorf("the result would not be valid: %s", p.text)
	}
	if !same(got, want) {
		return errors.New("the text here is too unusual to change safely: edit it by hand, or rewrite it in plain block style")
	}
	return nil
}

// same compares JSON values exactly, 1 and 1.0 being the same number.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, found := b[k]; !found || !same(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case float64:
		if i, ok := b.(int64); ok {
			return a == float64(i) && int64(a) == i
		}
	case int64:
		if f, ok := b.(float64); ok {
			return same(f, a)
		}
	}
	return a == b
}
