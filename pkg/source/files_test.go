// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

var everything = source.Want{}

func TestFilesAreFound(t *testing.T) {
	dir := tree(t, map[string]string{
		"b.yml":              service("b"),
		"a.yaml":             service("a"),
		"c.json":             `{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}`,
		"notes.txt":          "not a manifest",
		"kustomization.yaml": "resources: [a.yaml]",
		"sub/d.yaml":         service("d"),
		"sub/deep/e.yaml":    service("e"),
		".hidden/x.yaml":     service("x"),
		"template.tmpl":      service("named"),
	})
	at := func(names ...string) []string {
		for i, n := range names {
			names[i] = filepath.Join(dir, filepath.FromSlash(n))
		}
		return names
	}
	for name, c := range map[string]struct {
		paths     []string
		recursive bool
		want      []string
	}{
		"a directory":               {at("."), false, at("a.yaml", "b.yml", "c.json")},
		"with its sub-directories":  {at("."), true, at("a.yaml", "b.yml", "c.json", "sub/d.yaml", "sub/deep/e.yaml")},
		"as ordered":                {at("sub/d.yaml", "a.yaml"), false, at("sub/d.yaml", "a.yaml")},
		"a file with any extension": {at("template.tmpl"), false, at("template.tmpl")},
		"a hidden directory, named": {at(".hidden"), false, at(".hidden/x.yaml")},
	} {
		t.Run(name, func(t *testing.T) {
			f := &source.Files{Paths: c.paths, Recursive: c.recursive}
			streams, err := f.Streams(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range streams {
				got = append(got, s.File)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFilesFollowLinks(t *testing.T) {
	dir := tree(t, map[string]string{"real/a.yaml": service("a")})
	elsewhere := tree(t, map[string]string{"b.yaml": service("b")})
	link(t, elsewhere, filepath.Join(dir, "linked"))
	link(t, filepath.Join(dir, "real", "a.yaml"), filepath.Join(dir, "one.yaml"))
	f := &source.Files{Paths: []string{dir}, Recursive: true}
	streams, err := f.Streams(t.Context())
	if err != nil || len(streams) != 2 { // one.yaml and real/a.yaml are one file
		t.Fatalf("got %d streams, %v", len(streams), err)
	}

	link(t, dir, filepath.Join(dir, "real", "up"))
	f = &source.Files{Paths: []string{dir}, Recursive: true}
	if _, err = f.Streams(t.Context()); err == nil || !strings.Contains(err.Error(), filepath.Join("real", "up")+": expected a directory tree, found a link back to ") {
		t.Errorf("got %v", err)
	}
}

// What is named again counts once, in its first place.
func TestFilesNamedTwiceAreReadOnce(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": service("a"), "b.yaml": service("b")})
	a, b, elsewhere := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"), filepath.Join(t.TempDir(), "link.yaml")
	link(t, b, elsewhere)
	t.Chdir(dir)
	for name, c := range map[string]struct{ paths, want []string }{
		"a file":          {[]string{a, a}, []string{a}},
		"relative":        {[]string{"./b.yaml", b}, []string{"./b.yaml"}},
		"in a directory":  {[]string{dir, b}, []string{a, b}},
		"before the rest": {[]string{b, dir}, []string{b, a}},
		"through a link":  {[]string{elsewhere, dir}, []string{elsewhere, a}},
		"a directory":     {[]string{dir, "."}, []string{a, b}},
		"different files": {[]string{b, a}, []string{b, a}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &source.Files{Paths: c.paths}
			got, err := f.Load(t.Context(), everything)
			if err != nil {
				t.Fatal(err)
			}
			streams, err := f.Streams(t.Context())
			if err != nil || len(got.Objects()) != len(c.want) {
				t.Fatalf("got %v, %v", names(got), err)
			}
			var files []string
			for _, s := range streams {
				files = append(files, s.File)
			}
			if d := cmp.Diff(c.want, files); d != "" {
				t.Error(d)
			}
		})
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := tree(t, map[string]string{
		"empty/readme.md": "", "nested/sub/a.yaml": service("a"), "kust/kustomization.yaml": "", "blank.yaml": "\n# nothing\n---\n", "void.yaml": "",
		"list.yaml": "apiVersion: v1\nkind: List\nitems: []\n",
	})
	huge := filepath.Join(t.TempDir(), "huge.yaml") // beside others it would be read at the same time
	if err := os.WriteFile(huge, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 500<<20); err != nil { // sparse: it takes no space
		t.Fatal(err)
	}
	link(t, filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling.yaml"))
	at := func(name string) []string { return []string{filepath.Join(dir, name)} }
	for name, c := range map[string]struct {
		files         *source.Files
		kind          fault.Kind
		message, hint string
	}{
		"nothing asked for":    {&source.Files{}, fault.Usage, "expected a file to read, found none", "-f FILE"},
		"files and directory":  {&source.Files{Paths: at("void.yaml"), Kustomize: dir}, fault.Usage, "found both", "either -f or -k"},
		"stdin twice":          {&source.Files{Paths: []string{"-", "-"}}, fault.Usage, "only once", ""},
		"stdin closed":         {&source.Files{Paths: []string{"-"}}, fault.Failed, "found it closed", ""},
		"stdin empty":          {&source.Files{Paths: []string{"-"}, Stdin: strings.NewReader("")}, fault.Failed, "<stdin>: expected Kubernetes objects, found nothing", "before the pipe"},
		"no such file":         {&source.Files{Paths: at("none.yaml")}, fault.Failed, "none.yaml: cannot read it: no such file", "ls " + dir},
		"a pattern":            {&source.Files{Paths: at("*.yaml.bak")}, fault.Failed, "cannot read it", "no file matches"},
		"a dangling link":      {&source.Files{Paths: []string{dir}}, fault.Failed, "dangling.yaml: cannot read it", "ls "},
		"a directory without":  {&source.Files{Paths: at("empty")}, fault.Failed, "empty: expected files named *.yaml, *.yml, *.json, found none", ""},
		"only sub-directories": {&source.Files{Paths: at("nested")}, fault.Failed, "found none", "add -R"},
		"a kustomization":      {&source.Files{Paths: at("kust")}, fault.Failed, "found none", "-k " + filepath.Join(dir, "kust")},
		"only comments":        {&source.Files{Paths: at("blank.yaml")}, fault.Failed, "blank.yaml: expected Kubernetes objects, found nothing but blanks", ""},
		"an empty file":        {&source.Files{Paths: at("void.yaml")}, fault.Failed, "void.yaml: expected Kubernetes objects, found nothing", ""},
		"an empty list":        {&source.Files{Paths: at("list.yaml")}, fault.Failed, "list.yaml: expected Kubernetes objects, found 1 documents without any", ""},
		"too large":            {&source.Files{Paths: []string{huge}}, fault.Failed, "expected at most 256 MiB of manifests, found 500 MiB", "split the file"},
		"an endless stream":    {&source.Files{Paths: []string{"-"}, Stdin: endless{}}, fault.Failed, "expected at most 256 MiB", "split the file"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.files.Load(t.Context(), everything)
			if got != nil || fault.KindOf(err) != c.kind {
				t.Fatalf("got %v, %v of kind %d", got, err, fault.KindOf(err))
			}
			if !strings.Contains(err.Error(), c.message) || !strings.Contains(hint(err), c.hint) {
				t.Errorf("got %q\nhint %q", err, hint(err))
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestFilesOfAStuckPipeCanBeCancelled(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &source.Files{Paths: []string{"-"}, Stdin: r}
	if _, err := f.Load(ctx, everything); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

const mixed = `apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: mesh}
spec: {hosts: [web]}
---
apiVersion: v1
kind: List
items:
- {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: listed}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}}
---
replicaCount: 3 # values of a chart
---
apiVersion: example.com/v1
kind: Unknown
metadata: {name: mine}
`

func mixedFiles() *source.Files {
	return &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(mixed), Options: model.Options{Namespace: "shop"}}
}

func TestFilesOfSomeKinds(t *testing.T) {
	got, err := mixedFiles().Load(t.Context(), source.Want{Kinds: []*model.Kind{model.VirtualServices.Kind}, Namespace: "ignored"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"VirtualService mesh/web", "VirtualService shop/listed"}, names(got)); d != "" {
		t.Error(d)
	}
}

func TestFilesOfAllKinds(t *testing.T) {
	got, err := mixedFiles().Load(t.Context(), everything)
	if !errors.Is(err, manifest.ErrNotObject) || !strings.HasPrefix(err.Error(), "<stdin>:16:1: ") {
		t.Errorf("got %v", err)
	}
	want := []string{"VirtualService mesh/web", "ConfigMap shop/listed", "Service shop/web", "Unknown shop/mine", "VirtualService shop/listed"}
	if d := cmp.Diff(want, names(got)); d != "" {
		t.Error(d)
	}
}

func TestAFaultInOneDocumentLeavesTheOthers(t *testing.T) {
	f := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(service("a") + "---\nkind: [\n---\n" + service("b") + "---\nkind: }\n---\n" + service("a"))}
	got, err := f.Load(t.Context(), everything)
	if len(got.Objects()) != 2 || len(fault.All(err)) != 3 {
		t.Errorf("got %v and %d errors: %v", names(got), len(fault.All(err)), err)
	}
}

func TestFilesAreReadOnce(t *testing.T) {
	f := mixedFiles()
	for range 2 {
		if got, err := f.Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind}}); err != nil || len(got.Objects()) != 1 {
			t.Fatalf("got %v, %v", got, err)
		}
	}
}
