// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package update plans what becomes of files that were generated once, changed by
// people since, and are generated anew: which are written, merged, deleted or left
// alone. It reads through functions and writes nothing.
//
// What was generated last is kept beside the app file, to merge with: a lock
// ([Lock]) and the exact bytes of every file. An object or a file that was deleted
// by hand stays deleted; the lock remembers it. With nothing changed by hand the
// result is what a generation from scratch writes, and a second update never has
// anything to do.
package update

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
)

// The folder for what is kept, and the names in it.
const (
	// Folder is beside the app file.
	Folder = ".micro"
	// LockFile is the path of the lock.
	LockFile = Folder + "/lock.yaml"
	// BaseFolder has the files as they were last generated, by their paths.
	BaseFolder = Folder + "/base"
)

// Who wins conflicts.
const (
	User      = "user"
	Generated = "generated"
)

// Input is what a plan is made of. All paths are slash paths from the folder of
// the app file.
type Input struct {
	// Read returns a file, an error of kind fs.ErrNotExist where there is none.
	Read func(path string) ([]byte, error)
	// Show names a path for people; nil leaves it as it is.
	Show func(path string) string
	// Lock is what was generated last; nil if nothing was.
	Lock *Lock
	// Settings, Name and Set are what is generated now, and for which system.
	Settings Settings
	Name     string
	Set      app.Set

	// Keep is the path of the app file, which is never written over; empty if it is
	// no file.
	Keep string
	// Fresh refuses to go on where people changed anything.
	Fresh bool
	// Adopt takes files that are there, but were not generated, for the user's
	// version of what is.
	Adopt bool
	// Prefer is User or Generated; empty keeps the user's values too, but counts as
	// undecided.
	Prefer string
	// Restore are objects (KIND/NAME) and paths of files to bring back.
	Restore []string
}

// Plan is what to write.
type Plan struct {
	// Changes are those of the user's files, sorted by path.
	Changes []Change
	// State are those of Folder: the lock is the last.
	State []Change
	// Conflicts are what both sides changed. Unless the generator is preferred, the
	// user's values are in the changes.
	Conflicts []merge.Conflict
	// Generated are the paths of all files that are generated now, sorted, those that
	// stay as they are among them.
	Generated []string
	// Notes are what else to know; each is one sentence.
	Notes []string
}

// Steps are all changes in the order to make them: what is deleted is so when all
// else is there, and the state comes last. If they are made in part only, the same
// update again makes the rest.
func (p Plan) Steps() []Change {
	var out, deleted []Change
	for _, c := range p.Changes {
		if c.After == nil {
			deleted = append(deleted, c)
		} else {
			out = append(out, c)
		}
	}
	return append(append(out, deleted...), p.State...)
}

// Change is one file.
type Change struct {
	// Path is a slash path from the folder of the app file.
	Path string
	// Before is the content there; nil if there is no file.
	Before []byte
	// After is the content to come; nil to delete the file.
	After []byte
}
