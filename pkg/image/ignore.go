// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"regexp"
	"strings"
)

// common are patterns of what belongs into no image: history, settings of
// editors and of this suite, keys, and what describes images and deployments.
var common = []string{
	"**/.git", "**/.github", "**/.gitlab-ci.yml", "**/.idea", "**/.vscode", "**/.DS_Store", "**/.micro",
	"**/.env", "**/.env.*", "**/*.pem", "**/*.key", "**/*.p12",
	"**/Dockerfile", "Dockerfile.*", "**/Containerfile", "**/*.dockerignore", "**/compose*.y*ml", "**/docker-compose*.y*ml",
	"k8s/**/*.yaml", "**/micro.yaml",
}

// secretFile reports whether a path is one of the kept secrets of common.
func secretFile(p string) bool {
	base := path.Base(p)
	for _, pattern := range []string{".env", ".env.*", "*.pem", "*.key", "*.p12"} {
		if ok, _ := path.Match(pattern, base); ok { // the patterns are well-formed
			return true
		}
	}
	return false
}

// leave adds patterns of what a language leaves behind.
func (r *recipe) leave(patterns ...string) { r.ignore = append(r.ignore, patterns...) }

// ignored is the text of .dockerignore. A pattern that would hide what the
// Dockerfile copies or the program needs is left out.
func (r *recipe) ignored() []byte {
	needed := append([]string{}, r.copied...)
	for _, e := range r.s.BuildFiles {
		if path.Base(e.Value) != ".npmrc" {
			needed = append(needed, e.Value)
		}
	}
	for _, e := range r.s.Assets {
		if !secretFile(e.Value) {
			needed = append(needed, path.Join(r.dir(), e.Value))
		}
	}
	for _, e := range r.s.Entry.Evidence {
		needed = append(needed, below(r.s.Context, e.File))
	}
	if d := r.dir(); d != "." {
		needed = append(needed, d)
	}
	var out strings.Builder
	for _, p := range append(append([]string{}, common...), r.ignore...) {
		hides := false
		for _, n := range needed {
			hides = hides || matches(p, n)
		}
		if !hides {
			out.WriteString(p + "\n")
		}
	}
	return []byte(out.String())
}

// matches reports whether a pattern of .dockerignore hides a path: the path
// itself, or a folder that it is in. The patterns are those of this package: *
// and **, no classes and no exceptions.
func matches(pattern, name string) bool {
	text := regexp.QuoteMeta(pattern)
	text = strings.ReplaceAll(text, `\*\*/`, `(?:[^/]+/)*`)
	text = strings.ReplaceAll(text, `\*`, `[^/]*`)
	return regexp.MustCompile(`^` + text + `(?:/|$)`).MatchString(path.Clean(name))
}
