// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
	"github.com/kubectl-micro/kubectl-micro/plugins/scaffold"
)

// contents are the files below a folder, links as "-> target", folders as "/".
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case e.IsDir():
			out[rel] = "/"
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			out[rel] = "-> " + target
			return err
		default:
			data, err := os.ReadFile(path)
			out[rel] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fill(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, dir string, changes ...update.Change) error {
	t.Helper()
	d, err := scaffold.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return d.Write(changes)
}

func TestDiskWrites(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, map[string]string{"k8s/a.yaml": "a", "k8s/old/b.yaml": "b"})
	err := write(t, dir,
		update.Change{Path: "k8s/a.yaml", Before: []byte("a"), After: []byte("A")},
		update.Change{Path: "k8s/deep/er/c.yaml", After: []byte("c")},
		update.Change{Path: "k8s/old/b.yaml", Before: []byte("b")},
		update.Change{Path: update.LockFile, After: []byte("lock")})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"k8s": "/", "k8s/a.yaml": "A", "k8s/deep": "/", "k8s/deep/er": "/", "k8s/deep/er/c.yaml": "c", ".micro": "/", ".micro/lock.yaml": "lock"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(filepath.Join(dir, "k8s/a.yaml"))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode of a file that is replaced became %v, %v", info.Mode(), err)
	}
}

// TestDiskRollsBack: the last file cannot get to its place, as the first one is
// where its folder should be. All is as before then.
func TestDiskRollsBack(t *testing.T) {
	for _, state := range []map[string]string{
		{"k8s/a.yaml": "a", "k8s/old/b.yaml": "b"},
		{"k8s/a.yaml": "a", "k8s/old/b.yaml": "b", ".micro/lock.yaml": "lock"},
	} {
		dir := t.TempDir()
		fill(t, dir, state)
		before := contents(t, dir)
		err := write(t, dir,
			update.Change{Path: "x", After: []byte("x")},
			update.Change{Path: "k8s/a.yaml", Before: []byte("a"), After: []byte("A")},
			update.Change{Path: "k8s/new/c.yaml", After: []byte("c")},
			update.Change{Path: "k8s/old/b.yaml", Before: []byte("b")},
			update.Change{Path: "x/y", After: []byte("y")})
		if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%v", err)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDiskRefuses(t *testing.T) {
	outside := t.TempDir()
	fill(t, outside, map[string]string{"a.yaml": "outside"})
	link := func(from, to string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		by     func(t *testing.T, dir string)
		change update.Change
		kind   fault.Kind
		want   string
	}{
		{"a link to a file", link("k8s/l.yaml", filepath.Join(outside, "a.yaml")), update.Change{Path: "k8s/l.yaml", Before: []byte("outside"), After: []byte("x")}, fault.Refused, "found a link"},
		{"a link to a file within", link("k8s/l.yaml", "a.yaml"), update.Change{Path: "k8s/l.yaml", Before: []byte("a"), After: []byte("x")}, fault.Refused, "found a link"},
		{"a link to nothing", link("k8s/l.yaml", "nothing"), update.Change{Path: "k8s/l.yaml", After: []byte("x")}, fault.Refused, "found a link"},
		{"a link to a folder", link("l", outside), update.Change{Path: "l/a.yaml", Before: []byte("outside"), After: []byte("x")}, fault.Refused, "found a link"},
		{"a link to a folder for a new file", link("l", outside), update.Change{Path: "l/new/b.yaml", After: []byte("x")}, fault.Refused, "found a link"},
		{"a link instead of the state", link(".micro", outside), update.Change{Path: "k8s/b.yaml", After: []byte("x")}, fault.Refused, "found a link"},
		{"a folder", nil, update.Change{Path: "k8s", After: []byte("x")}, fault.Refused, "found a folder"},
		{"a file for a folder", nil, update.Change{Path: "k8s/a.yaml/b", After: []byte("x")}, fault.Refused, "expected a folder, found a file"},
		{"out of the folder", nil, update.Change{Path: "../b", After: []byte("x")}, fault.Refused, "within the folder"},
		{"changed meanwhile", nil, update.Change{Path: "k8s/a.yaml", Before: []byte("was"), After: []byte("x")}, fault.Conflict, "changed since"},
		{"gone meanwhile", nil, update.Change{Path: "k8s/b.yaml", Before: []byte("was"), After: []byte("x")}, fault.Conflict, "changed since"},
		{"there meanwhile", nil, update.Change{Path: "k8s/a.yaml", After: []byte("x")}, fault.Conflict, "changed since"},
		{"somebody else writes", func(t *testing.T, dir string) { fill(t, dir, map[string]string{".micro/stage/new0": ""}) }, update.Change{Path: "b", After: []byte("x")}, fault.Conflict, "another run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, map[string]string{"k8s/a.yaml": "a"})
			if c.by != nil {
				c.by(t, dir)
			}
			before, beforeOutside := contents(t, dir), contents(t, outside)
			err := write(t, dir, update.Change{Path: "k8s/first.yaml", After: []byte("x")}, c.change)
			if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("kind %d: %v, want %d: %s", fault.KindOf(err), err, c.kind, c.want)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
			if !maps.Equal(beforeOutside, contents(t, outside)) {
				t.Error("something outside changed")
			}
		})
	}
}

// A folder that cannot be written to is named, and not what would have been in it.
func TestWriteRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d, err := scaffold.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	var e *fault.Error
	err = d.Write([]update.Change{{Path: "micro.yaml", After: []byte("a")}})
	if !errors.As(err, &e) || e.Where != dir || !strings.HasPrefix(e.Message, "expected a folder that can be written to") || e.Hint != "ls -ld "+dir {
		t.Errorf("%#v", err)
	}
}
