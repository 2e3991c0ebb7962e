// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Risk says what a fix may do besides mending.
type Risk int

// The risks. Safe fixes change nothing that worked. Review means that a person
// has to decide whether it is what they want. Disruptive ones end pods or
// connections.
const (
	Safe Risk = iota
	Review
	Disruptive
)

// String returns "safe", "review" or "disruptive".
func (r Risk) String() string {
	switch r {
	case Review:
		return "review"
	case Disruptive:
		return "disruptive"
	}
	return "safe"
}

// Fix is one way to mend a finding: edits, or a command for what no edit can do.
type Fix struct {
	// Title says what it does, as an imperative: "name the port http".
	Title string
	Risk  Risk
	// Edits change objects that are there, Creates add new ones.
	Edits   []Edit
	Creates []map[string]any
	// Command is ready to paste; only for what Edits and Creates cannot do.
	Command string
}

// Edit changes one object.
type Edit struct {
	On *model.Object
	// Ops lead from the object as it is to the object as it should be; they need
	// no test operations, the engine adds them.
	Ops []patch.Op
}

// Change returns the fix of one object.
func Change(risk Risk, title string, on *model.Object, ops ...patch.Op) Fix {
	return Fix{Title: title, Risk: risk, Edits: []Edit{{On: on, Ops: ops}}}
}

// Text is the text that a finding is about: what stands at its pointer, where
// that is a text.
func (r Result) Text() (string, bool) {
	value, err := patch.Get(r.On.Raw(), r.Pointer)
	text, ok := value.(string)
	return text, ok && err == nil
}

// Replace returns the fix that writes something else in the place of what a
// finding is about.
func (r Result) Replace(risk Risk, title string, value any) Fix {
	return Change(risk, title, r.On, patch.Op{Op: patch.Replace, Path: r.Pointer, Value: value})
}

// Nearest shortens a pointer to the part of it that an object has.
func Nearest(o *model.Object, pointer string) string {
	for pointer != "" {
		if _, err := patch.Get(o.Raw(), pointer); err == nil {
			break
		}
		pointer, _ = patch.Split(pointer)
	}
	return pointer
}

// Set is the operation that gives a field a value, with the parents it lacks.
func Set(o *model.Object, pointer string, value any) patch.Op {
	if _, err := patch.Get(o.Raw(), pointer); err == nil {
		return patch.Op{Op: patch.Replace, Path: pointer, Value: value}
	}
	for {
		parent, key := patch.Split(pointer)
		have, err := patch.Get(o.Raw(), parent)
		switch {
		case err == nil && have != nil || parent == "":
			return patch.Op{Op: patch.Add, Path: pointer, Value: value}
		case err == nil: // it is null
			return patch.Op{Op: patch.Replace, Path: parent, Value: map[string]any{key: value}}
		}
		pointer, value = parent, map[string]any{key: value}
	}
}

// Decoded returns labels as decoded JSON, the form of the values of edits.
func Decoded(set map[string]string) map[string]any {
	out := make(map[string]any, len(set))
	for k, v := range set {
		out[k] = v
	}
	return out
}
