// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// disk is the folder of an app file. All paths are slash paths from there; none
// leads out of it, and none goes through a link: what a link stands for is
// somebody else's.
type disk struct {
	dir  string
	root *os.Root
}

func openDisk(dir string) (*disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "open the folder of the app file")
	}
	return &disk{dir, root}, nil
}

// Close lets go of the folder.
func (d *disk) Close() error { return d.root.Close() }

// name is a path for people.
func (d *disk) name(path string) string { return filepath.Join(d.dir, filepath.FromSlash(path)) }

// Read returns a file; an error of kind fs.ErrNotExist where there is none. Links,
// folders, and all else that is no file are refused.
func (d *disk) Read(path string) ([]byte, error) {
	info, err := d.look(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fault.Refusedf("expected a file, found %s", kindOf(info)).At(d.name(path)).Try("move it away")
	}
	file, err := d.root.Open(filepath.FromSlash(path))
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, manifest.MaxSize+1))
	if err == nil && len(data) > manifest.MaxSize {
		return nil, fault.Refusedf("expected at most %d MiB, found more", manifest.MaxSize>>20).At(d.name(path)).Try("move it away")
	}
	return data, fault.Wrap(fault.Failed, err, "read %s", d.name(path))
}

// look is Lstat, for paths that go through folders only.
func (d *disk) look(path string) (fs.FileInfo, error) {
	var info fs.FileInfo
	at := ""
	for part := range strings.SplitSeq(path, "/") {
		if info != nil && !info.IsDir() {
			return nil, fault.Refusedf("expected a folder, found %s", kindOf(info)).At(d.name(at)).Try("move it away")
		}
		at = filepath.Join(at, part)
		var err error
		if info, err = d.root.Lstat(at); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fs.ErrNotExist
			}
			return nil, fault.Wrap(fault.Failed, err, "look at %s", d.name(path))
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, fault.Refusedf("expected a file or folder of its own, found a link, which may lead to what is somebody else's").
				At(d.name(at)).Try("rm %s", cli.Quote(d.name(at)))
		}
	}
	return info, nil
}

func kindOf(info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return "a folder"
	case info.Mode().IsRegular():
		return "a file"
	}
	return "a device, pipe or socket"
}

// Entries are the names in a folder; none where there is no folder.
func (d *disk) Entries(path string) ([]string, error) {
	if path != "." {
		info, err := d.look(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil
		case err != nil:
			return nil, err
		case !info.IsDir():
			return nil, fault.Refusedf("expected a folder, found %s", kindOf(info)).At(d.name(path)).Try("move it away")
		}
	}
	list, err := fs.ReadDir(d.root.FS(), path)
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out, fault.Wrap(fault.Failed, err, "read the folder %s", d.name(path))
}
