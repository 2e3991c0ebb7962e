// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// Save writes edits back into the files they came from and returns the names of
// the files that changed. Each file is replaced in one step, so that no reader
// ever sees half of it; if one cannot be written, none is changed. A file that
// was changed since it was read is a conflict; one that could not be read hinders
// no edit of others. Standard input, URLs and
// kustomizations cannot be edited.
func (f *Files) Save(ctx context.Context, edits ...manifest.Edit) ([]string, error) {
	if err := f.open(ctx, true); err != nil {
		return nil, err
	}
	results, err := f.edited(edits)
	if err != nil {
		return nil, err
	}
	var files []*replacement
	defer func() {
		for _, r := range files {
			r.discard()
		}
	}()
	var names []string
	for i, data := range results {
		if data == nil {
			continue
		}
		r, err := f.inputs[i].stage(data)
		if err != nil {
			return nil, err
		}
		files, names = append(files, r), append(names, f.inputs[i].name)
	}
	return names, swapAll(files)
}

// Try tells why [Files.Save] could not do edits in place; nil if it could, as far
// as that is up to the manifests. Nothing is written.
func (f *Files) Try(ctx context.Context, edits ...manifest.Edit) error {
	if err := f.open(ctx, true); err != nil {
		return err
	}
	_, err := f.edited(edits)
	return err
}

// replacement is a file together with its new content, which lies beside it
// under another name until all others are ready as well.
type replacement struct {
	name string // as the user wrote it
	path string // the file itself, links resolved
	temp string // empty once it has taken the file's place
	info fs.FileInfo
	old  []byte
}

// stage does all that can fail without changing anything.
func (in *input) stage(data []byte) (*replacement, error) {
	if in.file == "" {
		return nil, fault.Usagef("expected a file to edit, found %s", in.stream.File).Try("leave out --in-place to print the result")
	}
	path, err := filepath.EvalSymlinks(in.file)
	if err != nil {
		return nil, unreadable(in.name, err)
	}
	r := &replacement{name: in.name, path: path, old: in.data}
	if err := r.unchanged(); err != nil {
		return nil, err
	}
	// A rename asks nobody whether the file may be written; opening does.
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, unwritable(in.name, err)
	}
	r.info, err = file.Stat()
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, unwritable(in.name, err)
	}
	if r.temp, err = beside(path, data, r.info); err != nil {
		return nil, unwritable(in.name, err)
	}
	return r, nil
}

// unchanged returns a conflict if the file is not what was read.
func (r *replacement) unchanged() error {
	now, err := readFile(r.path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, r.old) {
		return fault.Conflictf("the file was changed by another program since it was read").At(r.name).
			Try("run the command again")
	}
	return nil
}

// beside writes data to a new file in the directory of path, which is on the
// same file system, and returns its name. It has the mode of the file that info
// describes, and its owner where that may be.
func beside(path string, data []byte, info fs.FileInfo) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	keepOwner(file, info) // before the mode, of which a change of owner may drop bits
	err = errors.Join(err, file.Chmod(info.Mode().Perm()), file.Sync(), file.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

func (r *replacement) discard() {
	if r.temp != "" {
		_ = os.Remove(r.temp) // a stray file is all there is to lose
	}
}

// swapAll puts the new files in place. If one cannot be put there, those before
// it get their old content back.
func swapAll(files []*replacement) error {
	for i, r := range files {
		err := os.Rename(r.temp, r.path)
		if err == nil {
			r.temp = ""
			continue
		}
		fail := []error{unwritable(r.name, err)}
		for _, done := range files[:i] {
			if err := done.restore(); err != nil {
				fail = append(fail, fault.Failedf("the file keeps the new content").At(done.name).Because(err))
			}
		}
		return joined(fail)
	}
	return nil
}

func (r *replacement) restore() error {
	temp, err := beside(r.path, r.old, r.info)
	if err != nil {
		return err
	}
	return os.Rename(temp, r.path)
}

func unwritable(name string, err error) error {
	e := fault.Failedf("cannot write it; no file was changed").At(name).Because(err)
	if errors.Is(err, fs.ErrPermission) {
		e.Try("ls -ld %s", name)
	}
	return e
}
