// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
)

// shop is the example that is generated, and committed with what is generated.
const shop = "../../examples/shop"

// TestShop generates the example anew and finds every byte of it as it is
// committed, whatever the order of keys in its app file and whoever's machine this
// is. With -update it writes the example.
func TestShop(t *testing.T) {
	app, err := os.ReadFile(filepath.Join(shop, "micro.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if clitest.Update() {
		commit(t, generateShop(t, app))
	}
	committed := tree(t, shop)
	for name := range committed {
		if name == "README.md" || name == "micro.yaml" { // are written by hand
			delete(committed, name)
		}
	}
	if len(committed) < 8 || committed[".micro/lock.yaml"] == "" || committed["k8s/user-service.yaml"] == "" {
		t.Fatalf("expected k8s and .micro in %s, found %d files", shop, len(committed))
	}
	for _, c := range []struct {
		name string
		app  []byte
		env  []string
	}{
		{"as it is", app, nil},
		{"keys in another order", reversed(t, app), nil},
		{"another place", app, []string{"TZ=Asia/Kathmandu", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "HOME=/nonexistent", "USER=nobody", "HOSTNAME=elsewhere"}},
		{"one processor", app, []string{"GOMAXPROCS=1"}},
		{"many processors", app, []string{"GOMAXPROCS=16"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := tree(t, generateShop(t, c.app, c.env...))
			delete(got, "micro.yaml")
			if diff := cmp.Diff(committed, got); diff != "" {
				t.Errorf("(-committed +generated; make golden accepts it):\n%s", diff)
			}
		})
	}
}

// generateShop returns a folder with what is generated from an app file.
func generateShop(t *testing.T, app []byte, env ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "micro.yaml"), app, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "kubectl-micro", "scaffold", "generate", "--output-dir", "k8s", "--layout", "flat")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	return dir
}

// commit replaces what is generated of the example.
func commit(t *testing.T, from string) {
	t.Helper()
	for _, folder := range []string{"k8s", ".micro"} {
		to := filepath.Join(shop, folder)
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(to, os.DirFS(filepath.Join(from, folder))); err != nil {
			t.Fatal(err)
		}
	}
}

// tree returns the files of a folder by their slash paths.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, out := os.DirFS(dir), map[string]string{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		out[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reversed returns YAML with the keys of every mapping in the opposite order.
func reversed(t *testing.T, text []byte) []byte {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var turn func(*yaml.Node)
	turn = func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			slices.Reverse(n.Content) // value, key, value, key
			for i := 0; i < len(n.Content); i += 2 {
				n.Content[i], n.Content[i+1] = n.Content[i+1], n.Content[i]
			}
		}
		for _, child := range n.Content {
			turn(child)
		}
	}
	turn(&doc)
	out, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
