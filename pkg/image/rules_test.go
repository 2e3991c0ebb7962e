// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// step is an instruction of a Dockerfile, on one line.
type step struct{ word, rest string }

// steps reads what this package writes: continued lines, comments and the bodies
// of here-documents, which are left out.
func steps(text string) []step {
	var out []step
	until := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		switch {
		case until != "":
			if line == until {
				until = ""
			}
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		default:
			word, rest, _ := strings.Cut(line, " ")
			out = append(out, step{word, strings.TrimSpace(rest)})
			if m := regexp.MustCompile(`<<'(\w+)'`).FindStringSubmatch(rest); m != nil {
				until = m[1]
			}
		}
	}
	return out
}

// stages splits instructions at FROM.
func stages(all []step) [][]step {
	var out [][]step
	for _, s := range all {
		if s.word == "FROM" {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

func find(list []step, word string) []string {
	var out []string
	for _, s := range list {
		if s.word == word {
			out = append(out, s.rest)
		}
	}
	return out
}

// TestRules holds every Dockerfile to the rules that all of them keep.
func TestRules(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			text := string(c.files.Dockerfile.Data)
			if !strings.HasPrefix(text, "# syntax=docker/dockerfile:1\n") {
				t.Errorf("first line: %.40q", text)
			}
			all := steps(text)
			parts := stages(all)
			if len(parts) < 2 {
				t.Fatalf("%d stages", len(parts))
			}
			last := parts[len(parts)-1]
			if got := find(last, "USER"); !slices.Equal(got, []string{"65532:65532"}) {
				t.Errorf("users %q", got)
			}
			checkStart(t, last)
			checkStages(t, parts)
			for _, s := range all {
				checkStep(t, s)
			}
			for _, run := range find(last, "RUN") {
				t.Errorf("the last stage runs %s", run)
			}
			port := c.service.Port.String()
			if got := find(last, "EXPOSE"); port != "" && !slices.Contains(got, port) {
				t.Errorf("EXPOSE %q, want %s", got, port)
			}
			if !strings.Contains(text, "TMPDIR=/tmp") && !strings.Contains(text, "java.io.tmpdir=/tmp") {
				t.Error("temporary files go to a root that is read-only")
			}
		})
	}
}

// checkStart wants one command that gets the signals itself, at the end.
func checkStart(t *testing.T, last []step) {
	t.Helper()
	commands := append(find(last, "ENTRYPOINT"), find(last, "CMD")...)
	if len(commands) != 1 || last[len(last)-1].rest != commands[0] {
		t.Fatalf("commands %q", commands)
	}
	var argv []string
	if err := json.Unmarshal([]byte(commands[0]), &argv); err != nil || len(argv) == 0 {
		t.Errorf("%s: %v", commands[0], err)
	}
	if find(last, "CMD") != nil && !strings.Contains(last[0].rest, "distroless/nodejs") {
		t.Errorf("CMD is for images with an interpreter as their entry point, not %s", last[0].rest)
	}
	if slices.ContainsFunc(argv, func(w string) bool { return strings.ContainsAny(w, "$`") }) {
		t.Errorf("nothing expands variables in %q", argv)
	}
}

var base = regexp.MustCompile(`^(--platform=\$BUILDPLATFORM )?([a-z0-9./-]+:[\w.-]+|runtime)( AS ([a-z]+))?$`)

// checkStages wants tags, names in lower case, and no stage that nobody uses.
func checkStages(t *testing.T, parts [][]step) {
	t.Helper()
	for i, part := range parts {
		m := base.FindStringSubmatch(part[0].rest)
		switch {
		case m == nil || strings.HasSuffix(m[2], ":latest"):
			t.Errorf("FROM %s", part[0].rest)
		case i == len(parts)-1:
			if m[1] != "" || m[4] != "" {
				t.Errorf("the last stage: FROM %s", part[0].rest)
			}
		case m[4] == "":
			t.Errorf("a stage without a name: FROM %s", part[0].rest)
		default:
			used := false
			for _, later := range parts[i+1:] {
				used = used || strings.HasPrefix(later[0].rest, m[4]) || slices.ContainsFunc(later, func(s step) bool { return strings.HasPrefix(s.rest, "--from="+m[4]+" ") })
			}
			if !used {
				t.Errorf("nobody uses %s", m[4])
			}
		}
	}
}

var (
	secretName = regexp.MustCompile(`(?i)(passw|token|secret|credential|auth)\w*=`)
	installs   = regexp.MustCompile(`\b(npm ci|npm install|pnpm install|yarn install|bun install|pip install|uv sync|poetry install|pipenv sync|go mod download|go build|cargo build|mvn|gradlew?|dotnet (restore|publish)|composer install|bundle install)\b`)
)

func checkStep(t *testing.T, s step) {
	t.Helper()
	switch s.word {
	case "WORKDIR":
		if !path.IsAbs(s.rest) {
			t.Errorf("WORKDIR %s", s.rest)
		}
	case "ARG", "ENV":
		if secretName.MatchString(s.rest) {
			t.Errorf("%s %s", s.word, s.rest)
		}
	case "COPY", "ADD":
		if s.word == "ADD" || strings.Contains(s.rest, "--chown") {
			t.Errorf("%s %s", s.word, s.rest)
		}
	case "RUN":
		// A tool of one release is no download that comes back.
		if installs.MatchString(s.rest) && !strings.Contains(s.rest, "--mount=type=cache") && !strings.HasPrefix(s.rest, "npm install --global pnpm@") {
			t.Errorf("downloads are not cached: RUN %s", s.rest)
		}
	}
}

// TestCopies wants what COPY names to be there, and not to be hidden.
func TestCopies(t *testing.T) {
	for _, c := range cases(t) {
		hidden := hides(string(c.files.Ignore.Data))
		for _, s := range steps(string(c.files.Dockerfile.Data)) {
			if s.word != "COPY" || strings.HasPrefix(s.rest, "--from=") || strings.HasPrefix(s.rest, "<<") {
				continue
			}
			words := strings.Fields(s.rest)
			for _, from := range words[:len(words)-1] {
				if !exists(c.tree, path.Join(c.files.Context, from)) {
					t.Errorf("%s: COPY %s: no such file", c.name, from)
				}
				if hidden(path.Clean(from)) {
					t.Errorf("%s: COPY %s is ignored", c.name, from)
				}
			}
		}
	}
}

// TestNothingNeededIsHidden looks at what the program is made of, whatever
// copies it.
func TestNothingNeededIsHidden(t *testing.T) {
	sources := regexp.MustCompile(`\.(go|js|ts|tsx|py|java|kt|cs|rs|php|rb|proto|html|css)$`)
	tests := regexp.MustCompile(`(^|/)test_|_test\.|\.test\.|\.spec\.`)
	for _, c := range cases(t) {
		hidden := hides(string(c.files.Ignore.Data))
		for name := range c.tree {
			rel := strings.TrimPrefix(name, c.files.Context+"/")
			if sources.MatchString(name) && !tests.MatchString(name) && hidden(rel) {
				t.Errorf("%s: %s is ignored", c.name, name)
			}
		}
		for _, secret := range []string{".env", "deploy/.env.production", ".git/config", "tls/server.key", "certs/server.pem"} {
			if !hidden(secret) {
				t.Errorf("%s: %s goes into the image", c.name, secret)
			}
		}
	}
}

func exists(tree fstest.MapFS, name string) bool {
	_, err := tree.Open(name)
	return err == nil
}

// hides reads a .dockerignore as Docker does: a pattern hides a path and all that
// is below it, ** stands for any number of folders, ! takes back.
func hides(text string) func(string) bool {
	return func(name string) bool {
		out := false
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			pattern, not := strings.CutPrefix(line, "!")
			segments := strings.Split(name, "/")
			for i := range segments {
				if match(strings.Split(path.Clean(pattern), "/"), segments[:i+1]) {
					out = !not
				}
			}
		}
		return out
	}
}

func match(pattern, name []string) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	if pattern[0] == "**" {
		return match(pattern[1:], name) || len(name) > 0 && match(pattern, name[1:])
	}
	if len(name) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], name[0])
	return ok && err == nil && match(pattern[1:], name[1:])
}
