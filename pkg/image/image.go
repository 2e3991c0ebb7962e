// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package image writes the Dockerfile of a service, and the .dockerignore beside
// it, from what was detected of its sources.
//
// All Dockerfiles keep the same rules. They have a stage that builds and one that
// runs, and no package manager in the latter. What runs is user 65532 with files
// that belong to root, on a root file system that may be read-only, as process 1
// that gets the signals itself. Manifests are copied before sources, downloads
// are cached outside of the layers, tokens come as secret mounts and are never in
// an ARG or ENV.
//
// Nothing is guessed. What the facts do not say, or what cannot be built well, is
// an error that says why; a Dockerfile that exists is adopted as it is.
//
// Adding a language is adding a file with a function and naming it in languages.
package image

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Files are what an image is built of, or where it is said already. Paths are
// slash paths from the folder that was scanned.
type Files struct {
	// Adopted is the Dockerfile that exists; nothing else is set then.
	Adopted string
	// Context is the folder to build in.
	Context string
	// Dockerfile and Ignore are to be written.
	Dockerfile, Ignore File
	// Warnings are about what will work in another way than one may think.
	Warnings []Warning
}

// Ignores are the paths at which a builder finds the list of what is ignored, the
// one of Ignore first: another is for where that is somebody's. The one beside the
// Dockerfile outranks that of the context.
func (f Files) Ignores() []string {
	return slices.Compact([]string{f.Ignore.Path, f.Dockerfile.Path + ".dockerignore"})
}

// File is a file to be written.
type File struct {
	Path string
	Data []byte
}

// Warning is a remark on the image.
type Warning struct {
	// Text says what is so, Fix what to do about it; Fix may be empty.
	Text, Fix string
}

// languages write the stages, by the language's name.
var languages = map[string]func(*recipe) error{
	"go": golang, "node": node, "python": python, "java": java, "dotnet": dotnet,
	"rust": rust, "php": php, "ruby": ruby, "static": static,
}

// Generate writes the files of a service's image. The error is of kind Undecided
// where facts are ambiguous, and Refused where no sound image can be built of
// what is there; it says what to add.
func Generate(s api.DetectedService) (Files, error) {
	if s.Dockerfile.Value != nil {
		return Files{Adopted: path.Join(s.Dir, s.Dockerfile.String())}, nil
	}
	for _, f := range []struct {
		name string
		fact api.DetectedFact
	}{{"Dockerfile", s.Dockerfile}, {"language", s.Language}, {"build tool", s.Build}, {"version", s.Version}, {"entry", s.Entry}} {
		if len(f.fact.Ambiguous) > 0 {
			return Files{}, fault.New(fault.Undecided, "expected one %s, found %s", f.name, strings.Join(f.fact.Ambiguous, " and ")).
				At(s.Name).Try("%s", ownDockerfile(s))
		}
	}
	write := languages[s.Language.String()]
	if write == nil {
		return Files{}, fault.Refusedf("expected a language with a known image, found %q", s.Language).At(s.Name).Try("%s", ownDockerfile(s))
	}
	r := &recipe{s: s}
	if err := r.checkPaths(); err != nil {
		return Files{}, err
	}
	r.line("# syntax=docker/dockerfile:1")
	if err := write(r); err != nil {
		return Files{}, err
	}
	if r.port() == "" && s.Kind.String() != "worker" {
		r.warn("it listens on a port that is not known, so that there is no EXPOSE", "add EXPOSE PORT before its last line")
	}
	return r.files(), nil
}

func ownDockerfile(s api.DetectedService) string {
	return "write " + path.Join(s.Dir, "Dockerfile") + ": it is taken as it is"
}

// refuse is the error for what cannot be built well.
func (r *recipe) refuse(fix, format string, args ...any) error {
	if fix == "" {
		fix = ownDockerfile(r.s)
	}
	return fault.Refusedf(format, args...).At(r.s.Name).Try("%s", fix)
}

// plain are paths that mean in a Dockerfile and in a shell what they say.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./@+~-][A-Za-z0-9_./@+~: -]*$`)

// checkPaths keeps names of the tree from being read as something else.
func (r *recipe) checkPaths() error {
	words := []string{r.s.Dir, r.s.Context, r.s.Entry.String()}
	for _, list := range [][]api.DetectedEvidence{r.s.BuildFiles, r.s.Traits} {
		for _, e := range list {
			words = append(words, e.Value)
		}
	}
	for _, w := range words {
		if w != "" && !plain.MatchString(w) {
			return r.refuse("rename it", "expected names of letters, digits and ._/@+~-, found %q", w)
		}
	}
	for _, w := range []string{r.s.Dir, r.s.Context} {
		if strings.Contains(w, " ") {
			return r.refuse("rename it", "expected a folder without blanks in its name, found %q", w)
		}
	}
	return nil
}
