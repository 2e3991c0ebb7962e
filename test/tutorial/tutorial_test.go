// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package tutorial follows docs/add-a-rule.md in a copy of the repository: it
// writes the files that the page shows, runs its commands, and compares what they
// wrote with what the page says.
package tutorial_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const page = "docs/add-a-rule.md"

// block is a fenced block: a file where it has a path, otherwise commands.
var block = regexp.MustCompile("(?ms)^```([a-z]+)(?: (\\S+))?\n(.*?)^```$")

// fails marks a command of the page that has to end with another code than 0.
const fails = "# fails"

func TestAddARule(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	dir := clone(t, root)
	kinds := map[string]int{}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		language, path, body := m[1], m[2], m[3]
		switch {
		case language == "sh":
			for _, command := range strings.Split(strings.TrimSpace(body), "\n") {
				run(t, dir, command)
			}
		case path == "":
			t.Fatalf("%s: a block of %s has no path: is it to be written or compared?", page, language)
		case language == "text":
			got, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				t.Fatalf("%s says that this was written: %v", page, err)
			}
			if diff := cmp.Diff(body, string(got)); diff != "" {
				t.Fatalf("%s: %s (-page +written):\n%s", page, path, diff)
			}
		default:
			write(t, filepath.Join(dir, path), body)
		}
		kinds[language]++
	}
	for _, language := range []string{"go", "yaml", "text", "sh"} {
		if kinds[language] == 0 {
			t.Errorf("%s has no block of %s: nothing was proved", page, language)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "docs", "rules", "KM3099.md")); err != nil {
		t.Errorf("the rule has no page: %v", err)
	}
}

// clone copies what the page works on.
func clone(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"cmd", "docs", "pkg", "plugins"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, file), string(data))
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run executes a line of the page.
func run(t *testing.T, dir, command string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", command)
	cmd.Dir = dir
	// What is compiled without the paths of a machine is compiled once: the next
	// copy of the repository finds it in the cache.
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "KUBECONFIG="+filepath.Join(dir, "none"))
	out, err := cmd.CombinedOutput()
	if want := strings.HasSuffix(command, fails); want != (err != nil) {
		t.Fatalf("%s: %s\nfailed: %t, the page says %t (%v)\n%s", page, command, err != nil, want, err, out)
	}
}
