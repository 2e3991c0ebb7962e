// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package detect reads a source tree and says which services are in it, with
// the evidence for every word: rule, file, line, the literal on that line and a
// confidence. It runs nothing, parses no more than it must and never trusts a
// tree: the number of files, their size and the depth are bounded, links are not
// followed, and whatever cannot be read is noted.
//
// The confidence of an observation is where it comes from first (a statement
// for this very purpose outranks metadata, metadata outranks what source code
// looks like) and how well it fits second. The highest wins; a tie between
// different values is not decided here.
//
// Adding a language is adding a file with a detector and naming it in detectors.
package detect

import (
	"io/fs"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// Options are what the tree itself does not say.
type Options struct {
	// Name is that of a service in the top folder which names itself nowhere; "app" if empty.
	Name string
	// Hidden reports files that are to be overlooked, by their slash paths: those that
	// were made of what is detected, and so are no evidence of it. It may be nil.
	Hidden func(path string) bool
	// Limits bound the walk; zero values are the defaults.
	Limits Limits
}

// Scan looks at a tree. It has no error: what could not be read is in the notes.
func Scan(tree fs.FS, o Options) api.Detection {
	w := walk(tree, o)
	s := &scan{tree: w, name: o.Name}
	s.declare()
	s.units = s.boundaries()
	for _, u := range s.units {
		s.examine(u)
	}
	s.keepRunnable()
	s.connect()
	return s.report()
}
