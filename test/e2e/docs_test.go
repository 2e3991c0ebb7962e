// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
	"github.com/kubectl-micro/kubectl-micro/test/console"
)

// TestDocuments runs every console block of the READMEs and docs, in the order of
// each document. A block is marked "console cluster", "console no-cluster" or
// "console set-up", the first two perhaps with "prometheus" and "screen" behind
// it; what is none of them, or cannot run, is a failure.
func TestDocuments(t *testing.T) {
	files, err := documents(root)
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

// documents are the files whose blocks are run: the READMEs and all of docs.
func documents(root string) ([]string, error) {
	files := []string{filepath.Join(root, "README.md"), filepath.Join(root, "README.zh-CN.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	return files, err
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
	blocks, err := console.Parse(string(text))
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
	around, err := surroundings(t, dir, blocks)
	if err != nil {
		return []error{err}
	}
	sh := console.NewShell(t, dir, "HOME="+t.TempDir(), "PATH="+os.Getenv("PATH"))
	var faults []error
	for _, b := range blocks {
		if b.Place == console.SetUp {
			if err := b.CheckSetUp(string(makefile)); err != nil {
				faults = append(faults, err)
			}
			continue
		}
		env := around.variables(b)
		if _, _, err := sh.Run("export " + strings.Join(env, " ")); err != nil {
			return append(faults, err)
		}
		for _, s := range b.Steps {
			try := func() error { return s.Try(sh) }
			if b.Screen {
				try = func() error { return watch(t, s, dir, env) }
			}
			if err := try(); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return faults
}

// around is what the commands of a document find.
type around struct {
	// kubeconfigs are by place.
	kubeconfigs map[string]string
	// prometheus is the URL of one, empty if no block needs it.
	prometheus string
}

// surroundings starts what the blocks of a document need.
func surroundings(t *testing.T, dir string, blocks []console.Block) (around, error) {
	out := around{kubeconfigs: map[string]string{console.OffCluster: filepath.Join(dir, "nonexistent")}}
	if slices.ContainsFunc(blocks, func(b console.Block) bool { return b.Place == console.OnCluster }) {
		var err error
		if out.kubeconfigs[console.OnCluster], err = shopCluster(t); err != nil {
			return out, err
		}
	}
	if slices.ContainsFunc(blocks, func(b console.Block) bool { return b.Prometheus }) {
		out.prometheus = busyShop(t)
	}
	return out, nil
}

// variables are the environment of a block. Without a Prometheus its variable is
// empty, which is as if it were not set.
func (a around) variables(b console.Block) []string {
	url := ""
	if b.Prometheus {
		url = a.prometheus
	}
	return []string{"KUBECONFIG=" + a.kubeconfigs[b.Place], settings.Variable("prometheus") + "=" + url}
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
