// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Beside returns the texts that were read, in the order of the paths: files
// beside the manifests that hold no objects. Without Texts there are none, nor
// before the first Load.
func (f *Files) Beside() []*model.Text {
	var out []*model.Text
	for _, in := range f.inputs {
		if in.text != nil {
			out = append(out, in.text)
		}
	}
	return out
}

// textOf returns a file as a text, if it is one by its name or, where the name
// says nothing, by what it says.
func textOf(name string, data []byte) *model.Text {
	kind := model.TextNamed(name)
	if kind == "" && !slices.Contains(extensions, filepath.Ext(name)) {
		kind = model.TextLike(data)
	}
	if kind == "" {
		return nil
	}
	return &model.Text{Path: name, Kind: kind, Data: data}
}

// ignores returns what is left out of the context of a Dockerfile that was named
// itself: to look at that alone would be to miss it.
func (f *Files) ignores(path string) []*input {
	if !f.Texts || !dockerfile.Named(path) {
		return nil
	}
	var out []*input
	for _, beside := range []string{path + ".dockerignore", filepath.Join(filepath.Dir(path), ".dockerignore")} {
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			out = append(out, fileInput(beside, real(beside), info))
		}
	}
	return out
}
