// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The pages in the repository are those that the rules make.
func TestPagesAreUpToDate(t *testing.T) {
	root := "../.."
	want, err := pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(root, folder, name))
		if err != nil {
			t.Errorf("%v; make generate", err)
			continue
		}
		if diff := cmp.Diff(string(text), string(got)); diff != "" {
			t.Errorf("%s is not what the rule says (make generate):\n%s", name, diff)
		}
	}
	stale, err := strays(filepath.Join(root, folder), want)
	if err != nil {
		t.Fatal(err)
	}
	if len(stale) > 0 {
		t.Errorf("no rule has a page in %v; make generate", stale)
	}
}

func TestReplaceRemovesOnlyGeneratedPages(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"KM0000.md": generated + "gone", "notes.md": "by hand"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := replace(root, map[string][]byte{"KM0002.md": []byte(generated)}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"KM0002.md", "notes.md"}, names); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
