// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// stageFolder has what is not in its place yet. It is within the folder that is
// written to, so that files get to their places by a rename. Making it is also how
// two runs keep out of each other's way.
const stageFolder = update.Folder + "/stage"

// checkStage refuses to plan on what is half written.
func (d *disk) checkStage() error {
	_, err := d.look(stageFolder)
	switch {
	case err == nil:
		return d.busy()
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// busy is about a stage that is there. Without it, the same run again goes on where
// the one before was cut: what is in its place is as it would be written again.
func (d *disk) busy() error {
	return fault.Conflictf("expected nobody else to write here, found %s: another run is writing, or was cut short", d.name(stageFolder)).
		Try("rm -r %s   # if no other runs; then the same command again, which writes the rest", cli.Quote(d.name(stageFolder)))
}

// Write makes changes in their order, all of them or none: the new files are
// written and synced elsewhere first, and if one does not get to its place, those
// before it are put back.
func (d *disk) Write(changes []update.Change) (err error) {
	if len(changes) == 0 {
		return nil
	}
	w := writing{disk: d}
	defer func() { err = errors.Join(err, w.end(err != nil)) }()
	if err := w.begin(); err != nil {
		return err
	}
	for i, c := range changes {
		if err := w.stage(i, c); err != nil {
			return err
		}
	}
	for i, c := range changes {
		if err := w.place(i, c); err != nil {
			return fault.Wrap(fault.Failed, err, "write %s: nothing was changed", d.name(c.Path))
		}
	}
	w.sync(changes)
	return nil
}

// writing is one Write.
type writing struct {
	*disk
	made   []string // folders, in the order in which they were made
	staged bool
	undo   []func() error
	gone   []string // folders of deleted files
}

func (w *writing) begin() error {
	if _, err := w.look(update.Folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := w.folders(update.Folder); err != nil {
		return w.closed(err)
	}
	err := w.root.Mkdir(stageFolder, 0o777)
	if errors.Is(err, fs.ErrExist) {
		return w.busy()
	}
	w.staged = err == nil
	return w.closed(err)
}

// closed is the error of a folder in which no folder can be made; nil stays nil.
func (w *writing) closed(err error) error {
	if err == nil {
		return nil
	}
	cause := err
	var bare *fs.PathError // names what is made, and not where
	if errors.As(err, &bare) {
		cause = bare.Err
	}
	return fault.Failedf("expected a folder that can be written to: nothing was changed").At(w.dir).Because(cause).Try("ls -ld %s", cli.Quote(w.dir))
}

// folders makes a folder and those above it.
func (w *writing) folders(dir string) error {
	at := ""
	for part := range strings.SplitSeq(dir, "/") {
		at = path.Join(at, part)
		switch err := w.root.Mkdir(filepath.FromSlash(at), 0o777); {
		case err == nil:
			w.made = append(w.made, at)
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	return nil
}

func staged(kind string, i int) string { return stageFolder + "/" + kind + strconv.Itoa(i) }

// stage writes the new content of a file, and the old one to put it back, where
// nobody sees them. A file that is not what was read is not written over.
func (w *writing) stage(i int, c update.Change) error {
	if !strings.HasPrefix(c.Path, update.Folder+"/") {
		if err := layout.Check(c.Path); err != nil {
			return err
		}
	}
	now, err := w.Read(c.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if missing := err != nil; missing != (c.Before == nil) || !bytes.Equal(now, c.Before) {
		return fault.Conflictf("expected the file as it was read, found it changed since: nothing was changed").At(w.name(c.Path)).Try("the same again")
	}
	mode := fs.FileMode(0o666)
	if c.Before != nil {
		info, err := w.look(c.Path)
		if err != nil {
			return err
		}
		mode = info.Mode().Perm()
		if err := w.create(staged("old", i), c.Before, mode); err != nil {
			return err
		}
	}
	if c.After == nil {
		return nil
	}
	return w.create(staged("new", i), c.After, mode)
}

// create writes a file to the disk itself. The bits of the mode are those of a file
// to replace, or what the system leaves of 0666.
func (w *writing) create(name string, data []byte, mode fs.FileMode) (err error) {
	defer func() { err = fault.Wrap(fault.Failed, err, "write a new file: nothing was changed") }()
	file, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err == nil && mode != 0o666 {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// place puts a file into its place, or takes it away.
func (w *writing) place(i int, c update.Change) error {
	target := filepath.FromSlash(c.Path)
	if c.After == nil {
		if err := w.root.Remove(target); err != nil {
			return err
		}
		w.gone = append(w.gone, path.Dir(c.Path))
	} else {
		if dir := path.Dir(c.Path); dir != "." {
			if err := w.folders(dir); err != nil {
				return err
			}
		}
		if err := w.root.Rename(staged("new", i), target); err != nil {
			return err
		}
	}
	w.undo = append(w.undo, func() error {
		if c.Before == nil {
			return w.root.Remove(target)
		}
		return w.root.Rename(staged("old", i), target)
	})
	return nil
}

// end puts everything back after a failure, and removes what is not needed.
func (w *writing) end(failed bool) error {
	var errs []error
	if failed {
		for i := len(w.undo) - 1; i >= 0; i-- {
			if err := w.undo[i](); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if len(errs) > 0 { // the old files are needed yet
		return fault.Failedf("put the files back: those of before are in %s", w.name(stageFolder)).Because(errors.Join(errs...))
	}
	if w.staged {
		errs = append(errs, w.root.RemoveAll(stageFolder))
	}
	if failed {
		for i := len(w.made) - 1; i >= 0; i-- {
			errs = append(errs, w.root.Remove(filepath.FromSlash(w.made[i])))
		}
	} else {
		w.prune()
	}
	return fault.Wrap(fault.Failed, errors.Join(errs...), "clean up")
}

// prune removes the folders that are empty now.
func (w *writing) prune() {
	for _, dir := range w.gone {
		for ; dir != "."; dir = path.Dir(dir) {
			if w.root.Remove(filepath.FromSlash(dir)) != nil { // not empty
				break
			}
		}
	}
}

// sync has the renames on the disk itself, where the system can. They were made:
// that this fails changes nothing.
func (w *writing) sync(changes []update.Change) {
	done := map[string]bool{}
	for _, c := range changes {
		dir := path.Dir(c.Path)
		if done[dir] {
			continue
		}
		done[dir] = true
		if opened, err := w.root.Open(filepath.FromSlash(dir)); err == nil {
			_ = opened.Sync()
			_ = opened.Close()
		}
	}
}
