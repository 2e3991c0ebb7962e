// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

var dockerfileAddon = addon{
	name: "dockerfile", short: "a Dockerfile and a .dockerignore for each service with a source that has none",
	files:   func(y *system, _ string) []File { return y.dockerfiles() },
	sources: true,
}

// dockerfiles are for services with a source. What cannot be built well is said,
// and the other services get theirs.
func (y *system) dockerfiles() []File {
	var out []File
	for _, s := range y.services {
		if s.Source == "" {
			continue
		}
		found, looked := y.options.Detected[s.name]
		if !looked {
			y.warn(s.at+"/source", "run it where the sources are", "%s gets no Dockerfile: nothing is known of what is in %s", s.name, s.Source)
			continue
		}
		files, err := image.Generate(found)
		for _, one := range fault.All(err) {
			hint := ""
			if typed := (*fault.Error)(nil); errors.As(one, &typed) {
				hint = typed.Hint
			}
			y.warn(s.at+"/source", hint, "%s gets no Dockerfile: %v", s.name, one)
		}
		shared := slices.ContainsFunc(out, func(f File) bool { return f.Path == files.Dockerfile.Path })
		if err == nil && !shared { // two services may have one source
			out = append(out, y.imageFiles(s, files)...)
		}
	}
	return out
}

// imageFiles are those of one service. The list of what is ignored gives way to
// one that is there.
func (y *system) imageFiles(s *service, files image.Files) []File {
	if files.Adopted != "" {
		y.adopt(files.Adopted)
		return nil
	}
	own := File{Path: files.Dockerfile.Path, Content: files.Dockerfile.Data, Adopt: true}
	if y.taken(own) {
		return nil
	}
	for _, w := range files.Warnings {
		y.warn(s.at+"/source", w.Fix, "%s: %s", own.Path, w.Text)
	}
	for _, p := range files.Ignores() {
		ignore := File{Path: p, Content: files.Ignore.Data, Adopt: true}
		if !y.taken(ignore) {
			return []File{own, ignore}
		}
	}
	return []File{own}
}

// taken reports whether another file is in the place of one, and adopts it then.
func (y *system) taken(f File) bool {
	if y.options.Taken == nil || !y.options.Taken(f) {
		return false
	}
	y.adopt(f.Path)
	return true
}

// adopt notes a file that serves as it is.
func (y *system) adopt(path string) {
	if !slices.Contains(y.adopted, path) {
		y.adopted = append(y.adopted, path)
	}
}
