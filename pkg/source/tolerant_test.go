// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

var leniently = source.Want{Tolerant: true}

// wreck is a directory with one good file and much that is broken.
func wreck(t *testing.T) string {
	t.Helper()
	dir := tree(t, map[string]string{
		"a-good.yaml":    service("good") + "---\na: b: c\n---\n" + service("better"),
		"b-binary.yaml":  "\x7fELF\x00\x01",
		"c-utf16.yaml":   "\xff\xfea\x00",
		"d-latin1.yaml":  "a: \xe9\n",
		"e-twice.yaml":   service("first") + "  name: twice\n",
		"f-values.yaml":  "replicas: 3\n",
		"sub/again.yaml": service("nested"),
	})
	link(t, filepath.Join(dir, "nowhere"), filepath.Join(dir, "g-dangling.yaml"))
	link(t, dir, filepath.Join(dir, "sub", "up"))
	huge := filepath.Join(dir, "h-huge.yaml")
	if err := os.WriteFile(huge, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 500<<20); err != nil { // sparse: it takes no space
		t.Fatal(err)
	}
	return dir
}

func TestTolerantFilesKeepWhatIsGood(t *testing.T) {
	dir := wreck(t)
	f := &source.Files{Paths: []string{dir}, Recursive: true}
	got, err := f.Load(t.Context(), leniently)
	if got == nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Service better", "Service good", "Service nested", "Service twice"}, names(got)); d != "" {
		t.Error(d)
	}
	var lost []string
	for _, err := range fault.All(err) {
		lost = append(lost, strings.TrimPrefix(err.Error(), dir+"/"))
	}
	want := []string{
		"b-binary.yaml:1:5: expected YAML or JSON text, found a NUL byte", "c-utf16.yaml:1:1: expected UTF-8 text, found UTF-16",
		"d-latin1.yaml:1:4: expected UTF-8 text, found the invalid byte 0xe9", "g-dangling.yaml: cannot read it: no such file",
		"h-huge.yaml: expected at most 256 MiB", "sub/up: expected a directory tree, found a link back",
		"a-good.yaml:6:5: expected the end of the value", "f-values.yaml:1:1: expected an object",
	}
	if len(lost) != len(want) {
		t.Fatalf("%d errors:\n%s", len(lost), strings.Join(lost, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(lost[i], want[i]) {
			t.Errorf("got  %s\nwant %s", lost[i], want[i])
		}
	}

	// What is tolerated here is an error there.
	if _, err := f.Streams(t.Context()); err == nil {
		t.Error("no error for Streams")
	}
	if _, err := f.Load(t.Context(), everything); err == nil {
		t.Error("no error without tolerance")
	}
	var out bytes.Buffer
	if err := f.Print(t.Context(), &out); err == nil || out.Len() > 0 {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}

// An edit of a good file, and of one with a key that is there twice, is possible
// beside broken ones.
func TestTolerantFilesAreEdited(t *testing.T) {
	dir := wreck(t)
	f := &source.Files{Paths: []string{dir}}
	got, err := f.Load(t.Context(), leniently)
	if got == nil {
		t.Fatal(err)
	}
	var edits []manifest.Edit
	for _, o := range got.OfKind(model.Services.GroupKind) {
		e := manifest.Edit{Object: o.Source, Ops: []patch.Op{{Op: patch.Add, Path: "/spec", Value: map[string]any{"type": "ClusterIP"}}}}
		for _, r := range o.Source.Repeats {
			e.Single = append(e.Single, r.Pointer)
		}
		edits = append(edits, e)
	}
	changed, err := f.Save(t.Context(), edits...)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{filepath.Join(dir, "a-good.yaml"), filepath.Join(dir, "e-twice.yaml")}, changed); d != "" {
		t.Error(d)
	}
	data, err := os.ReadFile(filepath.Join(dir, "e-twice.yaml"))
	if want := service("twice") + "spec:\n  type: ClusterIP\n"; err != nil || string(data) != want {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestTolerantFilesWithNothingGood(t *testing.T) {
	dir := wreck(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		files   *source.Files
		message string
	}{
		"a missing path":          {&source.Files{Paths: []string{at("a-good.yaml"), at("missing.yaml")}}, "missing.yaml: cannot read it"},
		"standard input, missing": {&source.Files{Paths: []string{at("a-good.yaml"), "-"}}, "expected manifests on standard input"},
		"a URL, missing":          {&source.Files{Paths: []string{at("a-good.yaml"), "http://127.0.0.1:1/"}}, "cannot read the URL"},
		"only what is broken":     {&source.Files{Paths: []string{at("b-binary.yaml"), at("c-utf16.yaml")}}, "b-binary.yaml:1:5: expected YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.files.Load(t.Context(), leniently)
			if got != nil || err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// The kind that counts may be the second one.
func TestTolerantFilesOfSomeKinds(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nkind: Service\n",
		"b.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"},"kind":"Service"}`,
		"c.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: c}\nkind: Pod\n",
	})
	got, err := (&source.Files{Paths: []string{dir}}).Load(t.Context(), source.Want{Tolerant: true, Kinds: []*model.Kind{model.Services.Kind}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Service a", "Service b"}, names(got)); d != "" {
		t.Error(d)
	}
}

func TestTolerantFilesKeepWhatIsDefinedTwice(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": service("a"), "b.yaml": service("a")})
	load := func(o model.Options) (*model.Snapshot, error) {
		return (&source.Files{Paths: []string{dir}, Options: o}).Load(t.Context(), leniently)
	}
	got, err := load(model.Options{Duplicates: true})
	if err != nil || len(got.Objects()) != 1 || len(got.Shadowed()) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	var f *fault.Error
	if _, err = load(model.Options{}); !errors.As(err, &f) || !strings.Contains(f.Message, "is defined twice") {
		t.Errorf("got %v", err)
	}
}
