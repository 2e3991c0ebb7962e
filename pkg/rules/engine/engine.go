// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package engine holds the rules about what could not be looked at at all, and
// about the suppressions of what was found.
package engine

import (
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// remarks is the check of a rule about suppressions: package suppress has
// looked, since it knows what was suppressed.
func remarks(id string) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		for _, r := range w.Remarks {
			if r.ID != id {
				continue
			}
			on := r.On
			if on == nil {
				on = file(r.Where)
			}
			f := emit(on, r.Pointer, "%s", r.Message)
			f.Where, f.Hint = r.Where, r.Hint
		}
	}
}

// file stands for what is about no object: its name is all there is of it.
func file(where string) *model.Object {
	name := where
	for range 2 { // line and column
		head, tail, found := cutLast(name, ":")
		if _, err := strconv.Atoi(tail); !found || err != nil {
			break
		}
		name = head
	}
	return model.FromRaw(map[string]any{"kind": "File", "metadata": map[string]any{"name": name}}, "")
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
