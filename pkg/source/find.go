// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// stdin is the path that stands for standard input.
const stdin = "-"

// extensions are those of manifests in directories; a file that is named itself
// may have any.
var extensions = []string{".yaml", ".yml", ".json"}

// find turns what the user named into the streams to read, in order.
func (f *Files) find() ([]*input, error) {
	if f.Kustomize != "" {
		if len(f.Paths) > 0 {
			return nil, fault.Usagef("expected files or a kustomization, found both").Try("give either -f or -k")
		}
		return []*input{{name: "kustomize build " + f.Kustomize, vital: true, read: func(ctx context.Context) ([]byte, error) {
			return abandonable(ctx, "build "+f.Kustomize, func() ([]byte, error) { return kustomize(f.Kustomize) })
		}}}, nil
	}
	var out []*input
	piped := false
	for _, p := range f.Paths {
		switch {
		case p == stdin && piped:
			return nil, fault.Usagef("standard input can be read only once, found -f - twice")
		case p == stdin:
			piped = true
			out = append(out, &input{name: stdin, vital: true, read: f.readStdin})
		case isURL(p):
			in, err := f.webInput(p)
			if err != nil {
				return nil, err
			}
			out = append(out, in)
		default:
			found, err := f.onDisk(p)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	if len(out) == 0 {
		return nil, fault.Usagef("expected a file to read, found none").Try("-f FILE, -f DIRECTORY, -f - or -k DIRECTORY")
	}
	return once(out), nil
}

// once drops what is named again, as by "-f DIR -f DIR/FILE" or through a link:
// the objects in it would be there twice.
func once(inputs []*input) []*input {
	seen := map[string]bool{}
	return slices.DeleteFunc(inputs, func(in *input) bool {
		again := in.same != "" && seen[in.same]
		seen[in.same] = true
		return again
	})
}

// onDisk returns a file or the files of a directory.
func (f *Files) onDisk(path string) ([]*input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return append([]*input{fileInput(path, real(path), info)}, f.ignores(path)...), nil
	}
	w := walk{recursive: f.Recursive, texts: f.Texts}
	if err := w.directory(path, nil); err != nil {
		return nil, err
	}
	if len(w.found) == 0 {
		e := fault.Failedf("expected files named *%s, found none", strings.Join(extensions, ", *")).At(path)
		switch {
		case w.kustomization:
			e.Try("this is a kustomization: -k %s", path)
		case w.nested:
			e.Try("add -R to read the sub-directories")
		}
		return nil, e
	}
	return w.found, nil
}

// fileInput is a file, by the path as named and the one behind all links. What
// is no regular file (a named pipe, a terminal) can neither be written back nor
// be trusted to end.
func fileInput(path, real string, info fs.FileInfo) *input {
	if info.Mode().IsRegular() {
		return &input{name: path, file: path, same: real, read: func(context.Context) ([]byte, error) { return readFile(path) }}
	}
	return &input{name: path, read: func(ctx context.Context) ([]byte, error) {
		return abandonable(ctx, "read "+path, func() ([]byte, error) { return readFile(path) })
	}}
}

// real is the absolute path of a file behind all links; where there is none, as
// for a pipe of the shell (/dev/fd/63), it is the path itself.
func real(path string) string {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path
	}
	if absolute, err := filepath.Abs(target); err == nil {
		return absolute
	}
	return target
}

// walk collects the manifests of a directory, sorted by name at each level.
type walk struct {
	recursive, texts bool
	found            []*input
	// nested and kustomization tell what else there was, for the hint.
	nested, kustomization bool
}

// directory reads one directory. Links to directories are followed, so above
// holds the real paths on the way down: a link to one of them has no end.
// Hidden directories are left out: .git and .github hold YAML of other kinds,
// and a mounted ConfigMap has all its files once more in its hidden ones.
func (w *walk) directory(path string, above []string) error {
	target := real(path)
	if slices.Contains(above, target) {
		return fault.Failedf("expected a directory tree, found a link back to %s", target).At(path).
			Try("remove the link, or name the directories one by one")
	}
	above = append(above[:len(above):len(above)], target)
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return unreadable(path, err)
	}
	for _, e := range entries {
		at, behind := filepath.Join(path, e.Name()), filepath.Join(target, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			behind = real(at)
		}
		if err := w.entry(at, behind, above); err != nil {
			w.found = append(w.found, &input{name: at, err: err})
		}
	}
	return nil
}

// entry takes what is at path, or behind the links there.
func (w *walk) entry(path, behind string, above []string) error {
	name := filepath.Base(path)
	if slices.Contains(konfig.RecognizedKustomizationFileNames(), name) {
		w.kustomization = true // input of kustomize, never an object
		return nil
	}
	manifest := slices.Contains(extensions, filepath.Ext(name)) || w.texts && model.TextNamed(path) != ""
	info, err := os.Stat(path)
	switch {
	case err != nil && manifest:
		return unreadable(path, err)
	case err != nil: // a dangling link to something else
		return nil
	case !info.IsDir() && manifest:
		w.found = append(w.found, fileInput(path, behind, info))
	case info.IsDir() && !strings.HasPrefix(name, "."):
		w.nested = true
		if w.recursive {
			return w.directory(path, above)
		}
	}
	return nil
}
