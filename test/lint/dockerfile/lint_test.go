// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package dockerfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/lint/dockerfile"
)

const repository = "../../.."

// TestDockerfiles wants no warning for any Dockerfile that the scaffold writes and
// for those of the examples, but for the article's, which is there to be corrected.
func TestDockerfiles(t *testing.T) {
	written, err := filepath.Glob(filepath.Join(repository, "pkg/image/testdata/*/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if len(written) == 0 {
		t.Error("found no Dockerfile in pkg/image/testdata")
	}
	for _, file := range append(written, examples(t)...) {
		name, err := filepath.Rel(repository, file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			warnings, err := dockerfile.Lint(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range warnings {
				t.Error(w)
			}
		})
	}
}

func examples(t *testing.T) []string {
	t.Helper()
	var out []string
	root := filepath.Join(repository, "examples")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path == filepath.Join(root, "article"):
			return fs.SkipDir
		case !d.IsDir() && (d.Name() == "Dockerfile" || strings.HasSuffix(d.Name(), ".Dockerfile")):
			out = append(out, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// good has nothing wrong with it.
const good = `# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
USER 65532:65532
ENTRYPOINT ["/app"]
`

// TestMutations breaks one thing at a time, so as to see that BuildKit would tell.
func TestMutations(t *testing.T) {
	for _, m := range []struct {
		name, old, new, rule string
		line                 int
	}{
		{"nothing", "", "", "", 0},
		{"shell form", `ENTRYPOINT ["/app"]`, "ENTRYPOINT /app", "JSONArgsRecommended", 9},
		{"a secret", "USER 65532", "ENV API_TOKEN=abc\nUSER 65532", "SecretsUsedInArgOrEnv", 8},
		{"mixed case", "AS build", "as build", "FromAsCasing", 2},
		{"an unknown argument", "golang:1.26", "golang:$VERSION", "Error", 2},
		{"an unknown instruction", "USER", "USR", "Error", 8},
		{"a relative folder", "WORKDIR /src", "WORKDIR src", "WorkdirRelativePath", 3},
		{"checks switched off", "# syntax", "# check=skip=all\n# syntax", "Error", 0},
		{"an experimental check", "FROM golang", "# app is built here\nFROM golang", "InvalidDefinitionDescription", 3},
	} {
		t.Run(m.name, func(t *testing.T) {
			warnings, err := dockerfile.Lint(t.Context(), []byte(strings.Replace(good, m.old, m.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if m.rule == "" {
				if len(warnings) > 0 {
					t.Errorf("expected nothing, found %v", warnings)
				}
				return
			}
			for _, w := range warnings {
				if w.Rule == m.rule && w.Line == m.line {
					return
				}
			}
			t.Errorf("expected %s in line %d, found %v", m.rule, m.line, warnings)
		})
	}
}
