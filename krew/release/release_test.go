// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

var commit = time.Unix(1_700_000_000, 0).UTC()

// files are what an archive holds: name, mode, time and contents.
type packed struct {
	mode os.FileMode
	at   time.Time
	text string
}

func untar(t *testing.T, data []byte) map[string]packed {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]packed{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s has an owner: %+v", h.Name, h)
		}
		out[h.Name] = packed{os.FileMode(h.Mode), h.ModTime.UTC(), string(text)}
	}
}

func unzip(t *testing.T, data []byte) map[string]packed {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]packed{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = packed{f.Mode(), f.Modified.UTC(), string(text)}
	}
	return out
}

// TestArchives packs the same files twice, as they would lie on two machines: the
// bytes are equal, whatever times and modes the files have there.
func TestArchives(t *testing.T) {
	var members [2][]member
	for i := range members {
		for _, name := range []string{"LICENSE", "kubectl-micro"} {
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, []byte("text of "+name), []os.FileMode{0o600, 0o777}[i]); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, time.Time{}, time.Unix(int64(i)*1e9, 0)); err != nil {
				t.Fatal(err)
			}
			members[i] = append(members[i], member{name, file, map[string]os.FileMode{"LICENSE": 0o644, "kubectl-micro": 0o755}[name]})
		}
	}
	for _, format := range []struct {
		name   string
		pack   func(io.Writer, []member, time.Time) error
		unpack func(*testing.T, []byte) map[string]packed
	}{{"tar", tarball, untar}, {"zip", zipped, unzip}} {
		t.Run(format.name, func(t *testing.T) {
			var a, b bytes.Buffer
			if err := errors.Join(format.pack(&a, members[0], commit), format.pack(&b, members[1], commit)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Error("the same files give other bytes")
			}
			got := format.unpack(t, a.Bytes())
			for name, want := range map[string]packed{
				"LICENSE":       {0o644, commit, "text of LICENSE"},
				"kubectl-micro": {0o755, commit, "text of kubectl-micro"},
			} {
				if got[name] != want {
					t.Errorf("%s: got %+v, want %+v", name, got[name], want)
				}
			}
			if len(got) != 2 {
				t.Errorf("got %d files", len(got))
			}
		})
	}
}

func TestFill(t *testing.T) {
	for _, test := range []struct{ version, platforms, stamp, want string }{
		{"0.1.0", "linux/amd64", "1", "expected a semantic version with a v in front"},
		{"v0.1", "linux/amd64", "1", "expected a semantic version"},
		{"v01.0.0", "linux/amd64", "1", "expected a semantic version"},
		{"v0.1.0", "linux", "1", `-platforms "linux": expected OS/ARCH`},
		{"v0.1.0", "linux/amd64", "", `-time "": expected seconds since 1970`},
	} {
		r := release{version: test.version}
		if err := r.fill(test.platforms, test.stamp); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
	r := release{version: "v1.2.3-rc.1"}
	if err := r.fill(platforms, "1700000000"); err != nil || len(r.platforms) != 6 || !r.time.Equal(commit) {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestManifest(t *testing.T) {
	r := release{version: "v0.1.0", output: t.TempDir(), template: "../micro.yaml"}
	sum := strings.Repeat("0", 64) // digits alone: must stay text
	err := r.manifest([]archive{
		{"linux", "amd64", "https://example.com/a.tar.gz", sum, "kubectl-micro"},
		{"windows", "arm64", "https://example.com/b.zip", sum, "kubectl-micro.exe"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(r.output, "micro.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Metadata struct{ Name string }
		Spec     struct {
			Version, ShortDescription, Description string
			Platforms                              []struct {
				URI, SHA256, Bin string
				Selector         struct{ MatchLabels map[string]string }
			}
		}
	}
	if err := yaml.UnmarshalStrict(text, &map[string]any{}); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Metadata.Name != "micro" || got.Spec.Version != "v0.1.0" || len(got.Spec.Platforms) != 2 || got.Spec.Platforms[1].Bin != "kubectl-micro.exe" || got.Spec.Platforms[0].SHA256 != sum {
		t.Errorf("got %+v", got)
	}
	// What reviewers of krew-index ask for.
	if n := len(got.Spec.ShortDescription); n > 50 {
		t.Errorf("the short description has %d characters, at most 50 are wanted", n)
	}
	for line := range strings.Lines(got.Spec.Description) {
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
}

func TestBill(t *testing.T) {
	r := release{version: "v0.1.0", url: "https://example.com", time: commit}
	got := r.document(&debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "github.com/kubectl-micro/kubectl-micro", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "sigs.k8s.io/yaml", Version: "v1.6.0"}, {Path: "example.com/a_b~c", Version: "v1.0.0+incompatible"},
			{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v2.0.0"}},
		},
	}, "program")
	names := map[string]bool{}
	ids := map[string]bool{}
	for _, p := range got.Packages {
		names[p.Name] = true
		if ids[p.ID] || strings.ContainsAny(p.ID, "/_+~") {
			t.Errorf("the identifier %q is taken or not allowed", p.ID)
		}
		ids[p.ID] = true
	}
	for _, want := range []string{"github.com/kubectl-micro/kubectl-micro", "sigs.k8s.io/yaml", "example.com/new", "std"} {
		if !names[want] {
			t.Errorf("expected the module %s, found %d others", want, len(names))
		}
	}
	if names["example.com/old"] {
		t.Error("a module that was replaced is not in the program")
	}
	for _, rel := range got.Relationships {
		if rel.From != "SPDXRef-DOCUMENT" && !ids[rel.From] || !ids[rel.To] {
			t.Errorf("a relationship of nothing: %+v", rel)
		}
	}
}

// What is not of a release stays, and nothing beside it goes.
func TestEmpty(t *testing.T) {
	for name, want := range map[string]string{
		"notes.txt": "found notes.txt in it", "kubectl-micro_v0.0.9_linux_amd64/": "found kubectl-micro_v0.0.9_linux_amd64 in it",
		"kubectl-micro_v0.0.9_linux_amd64.tar.gz": "",
	} {
		r := release{output: t.TempDir()}
		for _, file := range []string{"checksums.txt", "micro.yaml", name} {
			var err error
			if dir, is := strings.CutSuffix(file, "/"); is {
				err = os.Mkdir(filepath.Join(r.output, dir), 0o700)
			} else {
				err = os.WriteFile(filepath.Join(r.output, file), nil, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		err := r.empty()
		left, _ := os.ReadDir(r.output)
		if want == "" && (err != nil || len(left) != 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want) || len(left) != 3) {
			t.Errorf("%s: %v, and %v are left", name, err, left)
		}
	}
	r := release{output: filepath.Join(t.TempDir(), "a", "b")}
	if err := r.empty(); err != nil {
		t.Error(err)
	}
}

func TestChecksums(t *testing.T) {
	r := release{output: t.TempDir()}
	for name, text := range map[string]string{"b": "", "a": "abc"} {
		if err := os.WriteFile(filepath.Join(r.output, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.checksums(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(r.output, "checksums.txt"))
	// The sums are those of FIPS 180-4's examples.
	want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
