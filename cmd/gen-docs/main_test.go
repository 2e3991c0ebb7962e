// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// sumVar has the test binary print a sum of all pages instead of testing.
const sumVar = "GEN_DOCS_PRINT_SUM"

func TestMain(m *testing.M) {
	if os.Getenv(sumVar) != "" {
		sum, err := sumOfAll()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(sum)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sumOfAll() (string, error) {
	pages, err := all(root)
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, map[string][]byte(pages)))), err
}

// TestUpToDate holds what is in the repository against what the program says.
func TestUpToDate(t *testing.T) {
	if err := run(root, true); err != nil {
		t.Error(err)
	}
}

// TestSameEverywhere makes the pages on another machine, as far as a process can tell.
func TestSameEverywhere(t *testing.T) {
	want, err := sumOfAll()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = []string{
		sumVar + "=1", "HOME=/home/elsewhere", "USER=somebody", "TERM=xterm", "LANG=de_DE.UTF-8", "TZ=Asia/Tokyo",
		"KUBECONFIG=/home/elsewhere/config", "KUBECACHEDIR=/home/elsewhere/cache", "KUBECTL_MICRO_TIMEOUT=7m", "KUBECTL_MICRO_PROMETHEUS=http://x",
	}
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if string(got) != want {
		t.Error("the pages differ with another environment")
	}
}

// TestTree writes into a folder that has an old page, one by hand and none.
func TestTree(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"docs/a/old.md": comment + "gone", "docs/a/notes.md": "by hand", "docs/a/changed.md": comment + "before"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pages := tree{"docs/a/changed.md": []byte(comment + "after"), "docs/b/new.md": []byte(comment)}
	before, err := pages.differ(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"docs/a/changed.md", "docs/a/old.md", "docs/b/new.md"}, before); diff != "" {
		t.Errorf("what differs (-want +got):\n%s", diff)
	}
	if err := pages.write(dir); err != nil {
		t.Fatal(err)
	}
	after, err := pages.differ(dir)
	if err != nil || len(after) > 0 {
		t.Errorf("after writing %v differ: %v", after, err)
	}
	var names []string
	for _, pattern := range []string{"docs/a/*", "docs/b/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			names = append(names, filepath.Base(f))
		}
	}
	if diff := cmp.Diff([]string{"changed.md", "notes.md", "new.md"}, names); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
