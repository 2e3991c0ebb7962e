// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// TestGoldens writes the files of each tree in testdata. The comment of a tree
// names the service that is meant, where there are several.
func TestGoldens(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			for name, got := range map[string][]byte{"Dockerfile": c.files.Dockerfile.Data, "dockerignore": c.files.Ignore.Data, "warnings": warnings(c.files)} {
				golden(t, filepath.Join("testdata", c.name, name), got)
			}
		})
	}
}

// golden compares with a file; what is empty has none.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if len(got) == 0 {
			_ = os.Remove(file)
		} else if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && (!os.IsNotExist(err) || len(got) > 0) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

func warnings(f image.Files) []byte {
	var out strings.Builder
	for _, w := range f.Warnings {
		out.WriteString(w.Text + " | " + w.Fix + "\n")
	}
	return []byte(out.String())
}

// built is one tree of testdata and what was made of it.
type built struct {
	name    string
	tree    fstest.MapFS
	service api.DetectedService
	files   image.Files
}

func cases(t testing.TB) []built {
	t.Helper()
	trees, err := filepath.Glob("testdata/*/tree.txtar")
	if err != nil || len(trees) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	var out []built
	for _, file := range trees {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := built{name: filepath.Base(filepath.Dir(file)), tree: fstest.MapFS{}}
		for _, f := range archive.Files {
			c.tree[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		c.service = one(t, c.tree, strings.TrimSpace(string(archive.Comment)))
		if c.files, err = image.Generate(c.service); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		out = append(out, c)
	}
	return out
}

// one is the service of a tree with that name, or its only one.
func one(t testing.TB, tree fstest.MapFS, name string) api.DetectedService {
	t.Helper()
	d := detect.Scan(tree, detect.Options{})
	for _, s := range d.Services {
		if s.Name == name || name == "" && len(d.Services) == 1 {
			return s
		}
	}
	t.Fatalf("no service %q among %d, %v", name, len(d.Services), d.Notes)
	return api.DetectedService{}
}
