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

// A writer carries out operations on a document in rounds: the operations of a
// round cannot touch the same bytes and are spliced together; the document is
// then parsed again, so that the next ones find their places. Operations of one
// object keep their order; those of different objects are independent.
type writer struct {
	*tree
	content  int  // offset of the content, for the JSON parser
	tolerant bool // keys may be repeated
	changed  bool
	queues   []*queue
	editor   *editor // of tree, made on first use
}

// queue holds the operations of one object that are not carried out yet.
type queue struct {
	object *Object
	steps  []step
}

// step is one smallest operation.
type step struct {
	op     patch.Op
	tokens []string
	scope  []string // tokens of the node whose bytes it may touch
	adds   bool     // once planned: appends a key to the mapping at scope
	number int      // of the operation it came from, for messages
	source patch.Op
}

// splice replaces the bytes from..to.
type splice struct {
	from, to int
	text     string
	adds     bool // appends a key: several may go to one place, in order
}

// do applies op, the number-th of an edit of o, to the document's value and
// queues what it does to the bytes.
func (w *writer) do(value any, o *Object, number int, op patch.Op) (any, error) {
	if _, err := patch.Tokens(op.Path); err != nil {
		return nil, err
	}
	rooted := op
	rooted.Path = o.Pointer + op.Path
	next, err := patch.Apply(value, []patch.Op{rooted})
	if err != nil {
		return nil, errors.Unwrap(err) // without the number of the operation, which the caller knows better
	}
	if w.aliases { // isAlias must see the operations before
		if err := w.flush(); err != nil {
			return nil, err
		}
	}
	for _, small := range lower(value, rooted, w.isAlias) {
		if w.tolerant && small.Op == patch.Remove { // or the entry before it would come to light
			if _, err := w.single(small.Path); err != nil {
				return nil, err
			}
		}
		tokens, err := patch.Tokens(small.Path)
		if err != nil {
			return nil, err
		}
		s := step{op: small, tokens: tokens, scope: tokens, number: number, source: op}
		if small.Op != patch.Replace && len(tokens) > 0 {
			s.scope = tokens[:len(tokens)-1]
		}
		w.enqueue(o, s)
	}
	return next, nil
}

func (w *writer) enqueue(o *Object, s step) {
	n := len(w.queues)
	if n == 0 || w.queues[n-1].object.Pointer != o.Pointer {
		i := slices.IndexFunc(w.queues, func(q *queue) bool { return q.object.Pointer == o.Pointer })
		if i >= 0 {
			w.queues[i].steps = append(w.queues[i].steps, s)
			return
		}
		w.queues = append(w.queues, &queue{object: o})
		n++
	}
	w.queues[n-1].steps = append(w.queues[n-1].steps, s)
}

// isAlias reports whether the value at a pointer is an alias: it can be replaced,
// but not be changed in part.
func (w *writer) isAlias(pointer string) bool {
	tokens, err := patch.Tokens(pointer)
	if err != nil || len(tokens) == 0 || !w.aliases {
		return false
	}
	e := editor{tree: w.tree}
	at := &spot{node: w.root}
	for _, token := range tokens {
		if at, err = e.step(at, token); err != nil || at.node == nil {
			return false
		}
	}
	return at.kind == alias
}

// flush carries out all that is queued.
func (w *writer) flush() error {
	for {
		w.queues = slices.DeleteFunc(w.queues, func(q *queue) bool { return len(q.steps) == 0 })
		if len(w.queues) == 0 {
			return nil
		}
		if err := w.round(); err != nil {
			return err
		}
	}
}

// round carries out the first steps of every queue, at least one.
func (w *writer) round() error {
	var all []splice
	for _, q := range w.queues {
		done := 0
		for i := range q.steps {
			s := &q.steps[i]
			if slices.ContainsFunc(q.steps[:i], s.meets) {
				break
			}
			splices, err := w.plan(*s)
			if err != nil {
				return editError(q.object, s.number, s.source, err)
			}
			all = append(all, splices...)
			s.adds = len(splices) == 1 && splices[0].adds
			done++
		}
		q.steps = q.steps[done:]
	}
	if err := w.splice(all); err != nil {
		return editError(w.queues[0].object, -1, patch.Op{}, err)
	}
	return nil
}

// meets reports whether one step's node is that of an earlier step or contains
// it. Keys added to the same mapping do not hinder each other.
func (s *step) meets(earlier step) bool {
	n := min(len(s.scope), len(earlier.scope))
	if !slices.Equal(s.scope[:n], earlier.scope[:n]) {
		return false
	}
	return s.op.Op != patch.Add || !earlier.adds || len(s.scope) != len(earlier.scope)
}

// plan finds the splices of a step in the tree as it is.
func (w *writer) plan(s step) ([]splice, error) {
	if w.editor == nil {
		w.editor = &editor{tree: w.tree, look: lookOf(w.tree)}
	}
	return w.editor.plan(s.op, s.tokens)
}

// splice writes the splices and parses the result.
func (w *writer) splice(splices []splice) error {
	if len(splices) == 0 {
		return nil
	}
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(a.from, b.from) })
	out := make([]byte, 0, len(w.src)+256)
	at := 0
	for _, s := range splices {
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
	w.tree, w.editor, w.changed = t, nil, true
	return nil
}

// verify decodes the written document and compares it with what was intended.
func (w *writer) verify(want any) error {
	got, _, p := decodeTree(w.tree, w.tolerant)
	if p != nil {
		return fmt.Errorf("the result would not be valid: %s", p.text)
	}
	keep := func(string) bool { return false }
	if wrong := (differ{keep}).difference("", want, got); len(wrong) > 0 {
		return fmt.Errorf("%s would get another value: rewrite the text around it in plain block style, or edit it by hand", wrong[0].Path)
	}
	return nil
}
