// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

var dockerfileAddon = addon{
	name: "dockerfile", short: "a Dockerfile and a .dockerignore for each service with a source that has none",
	files: func(y *system, _ string) []File { return y.dockerfiles() },
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
		if err != nil || files.Adopted != "" {
			continue
		}
		for _, w := range files.Warnings {
			y.warn(s.at+"/source", w.Fix, "%s: %s", files.Dockerfile.Path, w.Text)
		}
		for _, f := range []image.File{files.Dockerfile, files.Ignore} {
			out = append(out, File{Path: f.Path, Content: f.Data, Adopt: true})
		}
	}
	return out
}
