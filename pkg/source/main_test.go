// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree writes files, by their slash-separated names, and returns their directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// names are the objects of a Snapshot as "Kind namespace/name".
func names(s *model.Snapshot) []string {
	var out []string
	for _, o := range s.Objects() {
		out = append(out, o.Ref.String())
	}
	return out
}

// hint is the hints of an error, one a line.
func hint(err error) string {
	var out []string
	for _, e := range fault.All(err) {
		if f, ok := e.(*fault.Error); ok {
			out = append(out, f.Hint)
		}
	}
	return strings.Join(out, "\n")
}

func service(name string) string {
	return "apiVersion: v1\nkind: Service\nmetadata:\n  name: " + name + "\n"
}
