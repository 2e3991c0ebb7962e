// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// TextKind is what a text file is for.
type TextKind string

// The kinds of texts: how an image is built, what is left out of its context,
// and what builds and deploys it.
const (
	Dockerfile TextKind = "Dockerfile"
	IgnoreFile TextKind = "dockerignore"
	Pipeline   TextKind = "pipeline"
	Script     TextKind = "script"
)

// Text is a file beside the manifests that holds no objects, but says how what
// is in the images came there.
type Text struct {
	// Path is the file as the user named it, "-" for standard input.
	Path string
	Kind TextKind
	Data []byte
}

// TextNamed tells what a file is by its name; empty for any other.
func TextNamed(name string) TextKind {
	name = filepath.ToSlash(name)
	base := path.Base(name)
	ext := path.Ext(base)
	switch {
	case base == ".dockerignore" || strings.HasSuffix(base, ".dockerignore"):
		return IgnoreFile
	case dockerfile.Named(base):
		return Dockerfile
	case base == "Jenkinsfile" || strings.HasPrefix(base, "Jenkinsfile.") || ext == ".jenkinsfile",
		base == ".gitlab-ci.yml" || base == ".gitlab-ci.yaml",
		strings.Contains("/"+name, "/.github/workflows/") && (ext == ".yml" || ext == ".yaml"):
		return Pipeline
	case ext == ".sh" || ext == ".bash":
		return Script
	}
	return ""
}

var (
	shebang  = regexp.MustCompile(`^#!.*\b(?:ba|da|k|z)?sh\b`)
	jenkins  = regexp.MustCompile(`(?m)^\s*(?:pipeline|node(?:\([^)]*\))?)\s*\{\s*$`)
	isBinary = []byte{0}
)

// TextLike tells what a file is by what it says, for one whose name says nothing.
func TextLike(data []byte) TextKind {
	if !utf8.Valid(data) || bytes.Contains(data, isBinary) {
		return ""
	}
	if shebang.Match(data) {
		return Script
	}
	all := dockerfile.Parse(data).Instructions
	for i, from := range all {
		switch {
		case from.Word == "ARG":
			continue
		case from.Word == "FROM" && len(from.Text) > 0 && !strings.HasPrefix(from.Text, ":") && i+1 < len(all):
			return Dockerfile
		}
		break
	}
	if jenkins.Match(data) {
		return Pipeline
	}
	return ""
}

// Object stands for the text where only an object will do: its name is all there
// is of it.
func (t *Text) Object() *Object {
	return FromRaw(map[string]any{"kind": FileKind, "metadata": map[string]any{"name": t.Path}}, "").Planned()
}

// FileKind is the kind of what stands for a file.
const FileKind = "File"

// Where is the place of a line and column in the text, for people.
func (t *Text) Where(line, column int) string { return fmt.Sprintf("%s:%d:%d", t.Path, line, column) }

// Ref names the text as Object does.
func (t *Text) Ref() ref.Ref { return ref.Ref{Kind: FileKind, Name: t.Path} }

// Lines are those of the text, without their ends.
func (t *Text) Lines() []string {
	lines := strings.Split(strings.TrimSuffix(string(t.Data), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return slices.Clip(lines)
}
