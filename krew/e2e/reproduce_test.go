// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestReproducible makes the release in a copy of the sources, in another directory,
// without a repository, and at another time: the archive has the same bytes, or else
// the checksums in plugins/micro.yaml would hold on one machine only.
func TestReproducible(t *testing.T) {
	r := newRelease(t)
	copied := filepath.Join(t.TempDir(), "elsewhere")
	for _, dir := range []string{"cmd", "pkg", "plugins", "krew/release"} {
		if err := os.CopyFS(filepath.Join(copied, dir), os.DirFS(filepath.Join(r.root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum", "LICENSE", "krew/micro.yaml"} {
		if err := os.WriteFile(filepath.Join(copied, file), contents(t, filepath.Join(r.root, file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dist := filepath.Join(t.TempDir(), "dist")
	run(t, copied, nil, "go", "run", "./krew/release", "-version", version, "-time", "1800000000", "-output", dist, "-platforms", runtime.GOOS+"/"+runtime.GOARCH)

	archive := "kubectl-micro_" + version + "_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz"
	a, b := contents(t, filepath.Join(r.dist, archive)), contents(t, filepath.Join(dist, archive))
	if string(a) != string(b) {
		t.Errorf("%s differs: %d and %d bytes", archive, len(a), len(b))
	}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
