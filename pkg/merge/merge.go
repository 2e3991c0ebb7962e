// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package merge brings together what a generator changed in a file and what a
// person changed in it since: three texts in, one text out. [YAML] knows objects,
// fields and the keys of lists; [Text] knows lines.
//
// The result is always the person's text with as little changed in it as
// possible: comments, quotes, order, blank lines and line endings stay as they
// are. Where both changed the same thing in different ways, the person's value
// stays and the conflict is told.
package merge

import (
	"encoding/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Options decide what a merge alone cannot.
type Options struct {
	// Generated lets the generator win conflicts, and remove what was changed.
	Generated bool
	// Restore reports objects that come back although the person deleted them; nil
	// restores none.
	Restore func(ref.Ref) bool
}

// Result is a merged file.
type Result struct {
	// Content is the merged text. With nothing to change it is that of the person.
	Content []byte
	// Conflicts are what both changed in different ways, in the order of the file.
	Conflicts []Conflict
	// Beside reports that some of what was generated is not in Content, not even as
	// the value of a conflict's field: the generated text should be put beside it.
	Beside bool
	// Kept are the objects that are generated no more, but were changed by the person.
	Kept []ref.Ref
}

// Conflict is one field, object or line that both changed in different ways.
type Conflict struct {
	// Object is the object as people name it; empty in texts.
	Object string
	// Field is a JSON Pointer in the object; empty for the object as a whole.
	Field string
	// Base, User and Generated are the three values as JSON, "nothing" where there
	// is none; empty for texts.
	Base, User, Generated string
	// Why is what makes it impossible to change an object or a text; else empty.
	Why string
	// Where is the place in the merged file: "file:line:column", or "file:line".
	Where string
}

// maybe is a value that may be missing.
type maybe struct {
	value any
	has   bool
}

func (m maybe) String() string {
	if !m.has {
		return "nothing"
	}
	text, err := json.Marshal(m.value)
	if err != nil { // no value of JSON
		return "?"
	}
	return string(text)
}
