// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Edit is a change to one object of a stream.
type Edit struct {
	// Object is what Document.Objects or Document.Tolerant returned.
	Object *Object
	// Single are the pointers of entries whose key is repeated (Repeat.Pointer).
	// All but the last, which is the one that counts, are removed with their
	// comments, before Ops: the value of the object stays as it is.
	Single []string
	// Ops are applied in order; pointers are relative to the object. Test
	// operations are checked against the value.
	Ops []patch.Op
}

// Edit returns the bytes of the stream with the edits applied, all or none. Only
// the bytes of changed leaves differ: documents without a change, comments,
// blank lines and the style of everything else stay. Edits of one object follow
// each other. With nothing to change the result is the stream's own bytes, which
// the caller must not modify.
//
// In objects of Document.Tolerant a pointer stands for the last entry with its
// key, and removing it removes all of them.
//
// Every edited document is parsed again and must decode to exactly what
// patch.Apply makes of the old value, else the edit fails. Errors are
// *fault.Error: Conflict when a test operation does not hold (wrapping
// patch.ErrTest), Failed when an operation does not fit the object or cannot be
// done in place, such as changing a value that aliases share.
func (s *Stream) Edit(edits ...Edit) ([]byte, error) {
	byDoc := map[*Document][]Edit{}
	for _, e := range edits {
		d := e.Object.Doc
		if d == nil || d.Index >= len(s.Docs) || s.Docs[d.Index] != d {
			return nil, fault.Failedf("expected an object of %s, found one of another stream", s.File)
		}
		byDoc[d] = append(byDoc[d], e)
	}
	var out []byte
	var errs []error
	done := 0
	for _, d := range s.Docs {
		if byDoc[d] == nil {
			continue
		}
		raw, changed, err := d.edit(byDoc[d])
		if err != nil {
			errs = append(errs, err)
		}
		if changed {
			out = append(out, s.data[done:d.start]...)
			out = append(out, raw...)
			done = d.end
		}
	}
	switch {
	case len(errs) > 0:
		return nil, errors.Join(errs...)
	case done == 0:
		return s.data, nil
	}
	return append(out, s.data[done:]...), nil
}

// edit returns the document's bytes after the edits.
func (d *Document) edit(edits []Edit) (raw []byte, changed bool, err error) {
	w := writer{tree: d.tree, content: d.content - d.start}
	value := d.strict.value
	if slices.ContainsFunc(edits, func(e Edit) bool { return e.Object.tolerant }) {
		w.tolerant, value = true, d.tolerant.value
	}
	for _, e := range edits {
		if err := w.singles(e); err != nil {
			return nil, false, err
		}
		for i, op := range e.Ops {
			v, err := normal(op.Value)
			if err == nil {
				op.Value = v
				value, err = w.do(value, e.Object, i, op)
			}
			if err != nil {
				return nil, false, editError(e.Object, i, op, err)
			}
		}
	}
	if err := w.flush(); err != nil {
		return nil, false, err
	}
	if !w.changed {
		return nil, false, nil
	}
	if err := w.verify(value); err != nil {
		return nil, false, editError(edits[0].Object, -1, patch.Op{}, err)
	}
	return w.tree.src, true, nil
}

// editError says which operation cannot be done; i is -1 for the edit as a whole.
func editError(o *Object, i int, op patch.Op, err error) error {
	if e, ok := err.(*fault.Error); ok {
		return e // said already, of an operation before
	}
	message := "cannot edit in place"
	if i >= 0 {
		message = fmt.Sprintf("cannot edit in place: operation %d (%s %s)", i, op.Op, op.Path)
	}
	kind := fault.Failed
	if errors.Is(err, patch.ErrTest) {
		kind = fault.Conflict
		message = fmt.Sprintf("the file changed: operation %d (%s %s)", i, op.Op, op.Path)
	}
	return fault.New(kind, "%s", message).At(o.Where(op.Path)).Because(err)
}

// normal returns a value with the number types of decoded JSON.
func normal(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, int64:
		return v, nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case float64:
		return toJSON(v)
	case float32:
		return toJSON(float64(v))
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out, nil
	case map[string]string:
		out := make(map[string]any, len(v))
		for k, s := range v {
			out[k] = s
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		var err error
		for i := range v {
			if out[i], err = normal(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		var err error
		for k := range v {
			if out[k], err = normal(v[k]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("expected a JSON value, found a %T", v)
}
