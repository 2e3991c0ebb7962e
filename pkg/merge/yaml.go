// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"bytes"
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// YAML merges the objects of a file; they are told apart by group, kind,
// namespace and name. File is its name for people.
//
// An object the person deleted stays deleted, unless it is to be restored. One
// that is generated no more is removed if its text is that of base. New ones come
// at the end. An object of which a part cannot be changed in place, such as one
// with anchors, is left as it is and reported as one conflict; Beside is set then.
//
// Errors are of kind Failed and have a place: a file that is no list of objects,
// or has one twice.
func YAML(file string, base, user, generated []byte, o Options) (Result, error) {
	switch {
	case bytes.Equal(user, generated), bytes.Equal(base, generated) && o.Restore == nil:
		return Result{Content: user}, nil
	case bytes.Equal(base, user):
		return Result{Content: generated}, nil
	}
	var files [3]*objects
	var errs []error
	for i, text := range [][]byte{base, user, generated} {
		var err error
		if files[i], err = read(file, text); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Result{}, err
	}
	m := merger{options: o, base: files[0], user: files[1], generated: files[2]}
	content, err := m.run()
	if err != nil {
		return Result{}, err
	}
	m.result.Content = content
	return m.result, m.locate(file)
}

// merger merges three files.
type merger struct {
	options               Options
	base, user, generated *objects
	result                Result
	places                []ref.Ref // of the objects of result.Conflicts
}

func (m *merger) run() ([]byte, error) {
	var edits []manifest.Edit
	dropped := map[int]bool{} // documents of user
	for _, o := range m.user.all {
		key := keyOf(o)
		was, is := m.base.byKey[key], m.generated.byKey[key]
		switch {
		case is != nil:
			if e, changed := m.object(key, was, o, is); changed {
				edits = append(edits, e)
			}
		case was != nil && m.drops(was, o):
			dropped[o.Doc.Index] = true
		case was != nil:
			m.result.Kept = append(m.result.Kept, key)
		}
	}
	text, err := m.edit(edits)
	if err != nil {
		return nil, err
	}
	edited, err := manifest.Split(m.user.stream.File, text)
	if err != nil {
		return nil, err
	}
	return m.add(without(edited, text, dropped)), nil
}

// add puts the new objects at the end of a text.
func (m *merger) add(text []byte) []byte {
	open := unfinished(text)
	for _, o := range m.generated.all {
		key := keyOf(o)
		deleted := m.base.byKey[key] != nil && (m.options.Restore == nil || !m.options.Restore(key))
		switch {
		case m.user.byKey[key] != nil || deleted:
		case open:
			m.result.Beside = true
			m.conflict(key, Conflict{Why: "a new object would be in the text that the file ends with: end the file with a line break"})
		default:
			text = add(text, chunk(m.generated.stream, m.generated.text, o.Doc.Index))
		}
	}
	return text
}

// object merges one object; it says so if the text has to change.
func (m *merger) object(key ref.Ref, base, user, generated *manifest.Object) (manifest.Edit, bool) {
	f := fields{kind: key.Kind, generated: m.options.Generated}
	was := maybe{}
	if base != nil {
		was = maybe{base.Value, true}
	}
	merged := f.merge("", was, maybe{user.Value, true}, maybe{generated.Value, true})
	if !m.options.Generated {
		for _, c := range f.conflicts {
			m.conflict(key, c)
		}
	}
	ops := changes(key.Kind, "", user.Value, merged.value)
	return manifest.Edit{Object: user, Ops: ops}, len(ops) > 0
}

func (m *merger) conflict(key ref.Ref, c Conflict) {
	c.Object = key.String()
	m.result.Conflicts, m.places = append(m.result.Conflicts, c), append(m.places, key)
}

// drops reports whether an object that is generated no more is removed: if it is
// alone in its document, and the person never touched that, or is not asked.
func (m *merger) drops(base, user *manifest.Object) bool {
	if user.Pointer != "" {
		return false
	}
	return m.options.Generated || bytes.Equal(plain(base.Doc.Bytes()), plain(user.Doc.Bytes()))
}

// plain is a text without what line endings and the place in a file do to it.
func plain(text []byte) []byte { return bytes.TrimSpace(bytes.ReplaceAll(text, crlf, lf)) }

// edit applies the edits that can be; the others are conflicts.
func (m *merger) edit(edits []manifest.Edit) ([]byte, error) {
	s := m.user.stream
	if out, err := s.Edit(edits...); err == nil {
		return out, nil
	}
	edits = slices.DeleteFunc(edits, func(e manifest.Edit) bool {
		_, err := s.Edit(e)
		if err != nil {
			m.result.Beside = true
			m.conflict(keyOf(e.Object), Conflict{Why: reason(err)})
		}
		return err != nil
	})
	return s.Edit(edits...)
}

// reason is why an edit cannot be done, without the operation, which nobody wrote.
func reason(err error) string {
	var typed *fault.Error
	if errors.As(err, &typed) && typed.Cause != nil {
		return typed.Cause.Error()
	}
	return err.Error()
}

// locate finds the places of the conflicts in the merged file.
func (m *merger) locate(file string) error {
	if len(m.places) == 0 {
		return nil
	}
	merged, err := read(file, m.result.Content)
	if err != nil {
		return err
	}
	for i, key := range m.places {
		c := &m.result.Conflicts[i]
		if c.Where = file; merged.byKey[key] != nil {
			c.Where = merged.byKey[key].Where(c.Field)
		}
	}
	return nil
}
