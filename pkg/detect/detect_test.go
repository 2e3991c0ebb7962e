// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

var update = flag.Bool("update", false, "rewrite the expected facts in testdata")

// TestTrees compares what is detected in each tree of testdata with its file
// "want". The trees are archives: a go.mod in a folder would end this module.
func TestTrees(t *testing.T) {
	for _, name := range trees(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, fsys, want := open(t, name)
			d := detect.Scan(fsys, detect.Options{Name: "top"})
			got := summary(d)
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want" {
						archive.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func trees(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	return names
}

// open reads a tree; its file "want" is not part of it.
func open(t testing.TB, name string) (*txtar.Archive, fstest.MapFS, string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys, want := fstest.MapFS{}, ""
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return archive, fsys, want
}

// summary is the facts without their evidence, a line each; what is not known
// has no line.
func summary(d api.Detection) string {
	var b strings.Builder
	line := func(name string, values ...string) {
		if text := strings.Join(values, " "); text != "" {
			fmt.Fprintf(&b, "  %-10s %s\n", name, text)
		}
	}
	fact := func(name string, f api.DetectedFact) {
		line(name, f.String())
		if len(f.Ambiguous) > 0 {
			line(name, "ambiguous:", strings.Join(f.Ambiguous, " or "))
		}
	}
	for _, s := range d.Services {
		fmt.Fprintf(&b, "%s (%s)\n", s.Name, s.Dir)
		fact("language", s.Language)
		fact("framework", s.Framework)
		fact("build", s.Build)
		fact("kind", s.Kind)
		fact("entry", s.Entry)
		fact("start", s.Start)
		fact("port", s.Port)
		line("more ports", values(s.MorePorts)...)
		fact("protocol", s.Protocol)
		fact("dockerfile", s.Dockerfile)
		fact("user", s.User)
		line("health", values(s.Health)...)
		for _, e := range s.Env {
			text := e.Name + " " + e.Need
			if e.Default != nil {
				text += " " + *e.Default
			}
			line("env", text)
		}
		for _, c := range s.Calls {
			line("calls", strings.TrimSpace(c.To+" "+c.Env))
		}
		line("assets", values(s.Assets)...)
	}
	for _, s := range d.Backing {
		fmt.Fprintf(&b, "backing %s %s %s %d\n", s.Name, s.Store, s.Image, s.Port)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "note %s\n", n)
	}
	return b.String()
}

func values(list []api.DetectedEvidence) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Value)
	}
	return out
}
