// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// renamed edits the name of every Service of f: "web" becomes "web-new".
func renamed(t *testing.T, f *source.Files) []manifest.Edit {
	t.Helper()
	streams, err := f.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []manifest.Edit
	for _, s := range streams {
		for _, d := range s.Docs {
			objects, err := d.Objects()
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range objects {
				if o.Value["kind"] == "Service" {
					name := o.Value["metadata"].(map[string]any)["name"].(string) + "-new"
					out = append(out, manifest.Edit{Object: o, Ops: []patch.Op{{Op: patch.Replace, Path: "/metadata/name", Value: name}}})
				}
			}
		}
	}
	return out
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// only fails if a directory holds anything but these files.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPrintGivesAllBytesBack(t *testing.T) {
	const config = "# a comment\napiVersion: v1\nkind: ConfigMap # kept\nmetadata: {name:   c}\n"
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"one stream":        {[]string{config + "---\n" + service("a")}, config + "---\n" + service("a-new")},
		"two streams":       {[]string{config, service("a")}, config + "---\n" + service("a-new")},
		"separated already": {[]string{service("a"), "---\n" + config}, service("a-new") + "---\n" + config},
		"no last line end":  {[]string{strings.TrimSuffix(config, "\n"), service("a")}, config + "---\n" + service("a-new")},
		"a directive":       {[]string{service("a"), "%YAML 1.1\n---\n" + config}, service("a-new") + "...\n%YAML 1.1\n---\n" + config},
		"a byte order mark": {[]string{service("a"), "\xEF\xBB\xBF" + config}, service("a-new") + "---\n" + config},
		"an empty stream":   {[]string{service("a"), "", config}, service("a-new") + "---\n" + config},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			for i, s := range c.files {
				files[fmt.Sprintf("%d.yaml", i)] = s
			}
			f := &source.Files{Paths: []string{tree(t, files)}}
			var out bytes.Buffer
			if err := f.Print(t.Context(), &out, renamed(t, f)...); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, out.String()); d != "" {
				t.Error(d)
			}
			// What was printed must be what a reader takes it for.
			again := &source.Files{Paths: []string{"-"}, Stdin: &out}
			if _, err := again.Load(t.Context(), everything); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPrintOfAForeignEdit(t *testing.T) {
	f := &source.Files{Paths: []string{tree(t, map[string]string{"a.yaml": service("a")})}}
	g := &source.Files{Paths: []string{tree(t, map[string]string{"a.yaml": service("a")})}}
	if err := f.Print(t.Context(), &bytes.Buffer{}, renamed(t, g)...); err == nil || !strings.Contains(err.Error(), "found one of another source") {
		t.Errorf("got %v", err)
	}
}

func TestPrintToAClosedPipe(t *testing.T) {
	f := &source.Files{Paths: []string{tree(t, map[string]string{"a.yaml": service("a")})}}
	if err := f.Print(t.Context(), closed{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestSaveReplacesTheFiles(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": service("a") + "# end\n", "b.yaml": service("b"), "c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"})
	elsewhere := tree(t, map[string]string{"real.yaml": service("linked")})
	link(t, filepath.Join(elsewhere, "real.yaml"), filepath.Join(dir, "link.yaml"))
	if err := os.Chmod(filepath.Join(dir, "a.yaml"), 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(dir, "c.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f := &source.Files{Paths: []string{dir}}
	changed, err := f.Save(t.Context(), renamed(t, f)...)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"), filepath.Join(dir, "link.yaml")}
	if d := cmp.Diff(want, changed); d != "" {
		t.Error(d)
	}
	if got := content(t, want[0]); got != service("a-new")+"# end\n" {
		t.Errorf("got %q", got)
	}
	if got := content(t, filepath.Join(elsewhere, "real.yaml")); got != service("linked-new") {
		t.Errorf("the linked file has %q", got)
	}
	if info, err := os.Lstat(want[2]); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if info, err := os.Stat(want[0]); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if after, err := os.Stat(filepath.Join(dir, "c.yaml")); err != nil || !os.SameFile(before, after) {
		t.Errorf("a file without an edit was replaced: %v", err)
	}
	only(t, dir, "a.yaml", "b.yaml", "c.yaml", "link.yaml")
}

// Try says beforehand what Save would say, and neither of them changes a file then.
func TestTry(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": service("a"), "b.yaml": service("b")})
	f := &source.Files{Paths: []string{dir}}
	edits := renamed(t, f)
	if err := f.Try(t.Context(), edits...); err != nil {
		t.Error(err)
	}
	edits[1].Ops = []patch.Op{{Op: patch.Remove, Path: "/metadata/labels"}}
	tried := f.Try(t.Context(), edits...)
	_, saved := f.Save(t.Context(), edits...)
	if tried == nil || saved == nil || tried.Error() != saved.Error() || !strings.Contains(tried.Error(), "b.yaml") {
		t.Errorf("tried: %v, saved: %v", tried, saved)
	}
	for _, name := range []string{"a", "b"} {
		if got := content(t, filepath.Join(dir, name+".yaml")); got != service(name) {
			t.Errorf("%s has %q", name, got)
		}
	}
}

func TestSaveOfNothing(t *testing.T) {
	f := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(service("a"))}
	if changed, err := f.Save(t.Context()); err != nil || len(changed) != 0 {
		t.Errorf("got %v, %v", changed, err)
	}
}

func TestSaveRefusesAndChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		more  []string
		kind  fault.Kind
		want  string
	}{
		"changed since": {func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "b.yaml"), []byte(service("other")), 0o644); err != nil {
				t.Fatal(err)
			}
		}, nil, fault.Conflict, "b.yaml: the file was changed by another program since it was read"},
		"removed since": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "b.yaml")); err != nil {
				t.Fatal(err)
			}
		}, nil, fault.Failed, "b.yaml: cannot read it"},
		"standard input": {nil, []string{"-"}, fault.Usage, "expected a file to edit, found <stdin>"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, map[string]string{"a.yaml": service("a"), "b.yaml": service("b")})
			f := &source.Files{Paths: []string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")}, Stdin: strings.NewReader(service("piped"))}
			f.Paths = append(f.Paths, c.more...)
			edits := renamed(t, f)
			if c.spoil != nil {
				c.spoil(t, dir)
			}
			changed, err := f.Save(t.Context(), edits...)
			if len(changed) != 0 || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v", changed, err)
			}
			if got := content(t, filepath.Join(dir, "a.yaml")); got != service("a") {
				t.Errorf("a.yaml was changed: %q", got)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name() != "a.yaml" && e.Name() != "b.yaml" {
					t.Errorf("left behind: %s", e.Name())
				}
			}
		})
	}
}
