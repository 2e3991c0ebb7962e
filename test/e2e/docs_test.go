// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDocuments runs every console block of README.md and docs, in the order of
// each document. A block is marked "console cluster", "console no-cluster" or
// "console set-up"; what is none of them, or cannot run, is a failure.
func TestDocuments(t *testing.T) {
	files := []string{filepath.Join(root, "README.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			for _, fault := range follow(t, file) {
				t.Errorf("%s: %v", name, fault)
			}
		})
	}
}

// TestDocumentRunner checks the runner itself: good.md does what it says, and
// every document of wrong ends with the complaint its first line announces.
func TestDocumentRunner(t *testing.T) {
	for _, fault := range follow(t, filepath.Join("testdata", "docs", "good.md")) {
		t.Error(fault)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "docs", "wrong", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.TrimPrefix(first, "# ")
			faults := follow(t, file)
			if len(faults) != 1 || !strings.Contains(faults[0].Error(), want) {
				t.Errorf("got %v, want %q", faults, want)
			}
		})
	}
}

// follow does what a document says and returns what turned out otherwise.
func follow(t *testing.T, file string) []error {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		return []error{err}
	}
	blocks, err := parse(string(text))
	if err != nil {
		return []error{err}
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return []error{err}
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
		return []error{err}
	}
	kubeconfigs := map[string]string{offCluster: filepath.Join(dir, "nonexistent")}
	if slices.ContainsFunc(blocks, func(b block) bool { return b.kind == onCluster }) {
		if kubeconfigs[onCluster], err = shopCluster(t); err != nil {
			return []error{err}
		}
	}
	sh := newShell(t, dir)
	var faults []error
	for _, b := range blocks {
		if b.kind == setUp {
			if err := b.checkSetUp(string(makefile)); err != nil {
				faults = append(faults, err)
			}
			continue
		}
		if _, _, err := sh.run("export KUBECONFIG=" + kubeconfigs[b.kind]); err != nil {
			return append(faults, err)
		}
		for _, s := range b.steps {
			if err := s.try(sh); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return faults
}

// try runs one command. One that shows no output must succeed; of the others,
// the output says how they ended.
func (s step) try(sh *shell) error {
	got, code, err := sh.run(s.command)
	switch {
	case err != nil:
		return fmt.Errorf("line %d: %s: %w", s.line, s.command, err)
	case !matches(s.want, got):
		return fmt.Errorf("line %d: %s\ngot:\n%s\nwant:\n%s", s.line, s.command, got, strings.Join(s.want, "\n"))
	case code != 0 && len(trim(s.want)) == 0:
		return fmt.Errorf("line %d: %s: exit code %d and nothing to read", s.line, s.command, code)
	}
	return nil
}

// shopCluster returns the kubeconfig of the control plane, with examples/shop-by-hand
// freshly applied to it and ready.
func shopCluster(t *testing.T) (string, error) {
	if err := theBox.up(); err != nil {
		return "", err
	}
	admin := filepath.Join(theBox.dir, "kubeconfig")
	for _, args := range [][]string{
		{"delete", "namespace", "shop", "--ignore-not-found"},
		{"apply", "-k", filepath.Join(root, "examples", "shop-by-hand")},
		{"label", "namespace", "shop", ours},
	} {
		if _, err := output("kubectl", append([]string{"--kubeconfig", admin}, args...)...); err != nil {
			return "", err
		}
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := theBox.kubeconfig(file, "default", "admin", ""); err != nil {
		return "", err
	}
	return file, theBox.ready(t.Context(), "shop", replicas)
}
