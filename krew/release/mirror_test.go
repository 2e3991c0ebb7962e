// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// goreleaser is the part of its configuration that says what is released.
type goreleaser struct {
	Project string `json:"project_name"`
	Builds  []struct {
		Main, Binary string
		Env          []string
		Flags        []string
		Ldflags      []string
		Time         string   `json:"mod_timestamp"`
		Systems      []string `json:"goos"`
		Archs        []string `json:"goarch"`
	}
	Archives []struct {
		Formats   []string
		Overrides []struct {
			System  string `json:"goos"`
			Formats []string
		} `json:"format_overrides"`
		Name  string `json:"name_template"`
		Files []struct {
			Src  string
			Info struct {
				Mode  int
				MTime string
			}
		}
	}
	Checksum struct {
		Name string `json:"name_template"`
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names are those of the archives that goreleaser would make for a version, sorted.
func (g goreleaser) names(version string) (names []string) {
	a := g.Archives[0]
	for _, system := range g.Builds[0].Systems {
		for _, arch := range g.Builds[0].Archs {
			format := a.Formats[0]
			for _, o := range a.Overrides {
				if o.System == system {
					format = o.Formats[0]
				}
			}
			name := strings.NewReplacer("{{ .Tag }}", version, "{{ .Os }}", system, "{{ .Arch }}", arch).Replace(a.Name)
			names = append(names, name+"."+format)
		}
	}
	slices.Sort(names)
	return names
}

// TestGoreleaser compares .goreleaser.yaml with what this program does.
func TestGoreleaser(t *testing.T) {
	var g goreleaser
	if err := yaml.Unmarshal([]byte(read(t, "../../.goreleaser.yaml")), &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Builds) != 1 || len(g.Archives) != 1 || len(g.Builds[0].Ldflags) != 1 || len(g.Archives[0].Files) != 1 {
		t.Fatalf("expected one build and one archive of a platform, with one file besides the program, found %+v", g)
	}
	build, file := g.Builds[0], g.Archives[0].Files[0]

	const version = "v1.2.3"
	r := release{version: version}
	if err := r.fill(platforms, "1700000000"); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range r.platforms {
		names = append(names, r.name(p)+p.ending())
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, g.names(version)); diff != "" {
		t.Errorf("archives (-krew/release +goreleaser):\n%s", diff)
	}
	ldflags := strings.ReplaceAll(build.Ldflags[0], "{{ .Tag }}", version)
	if diff := cmp.Diff(flags(version), append(slices.Clone(build.Flags), "-ldflags", ldflags)); diff != "" {
		t.Errorf("flags (-krew/release +goreleaser):\n%s", diff)
	}
	for what, pair := range map[string][2]string{
		"program":               {source, build.Main},
		"file":                  {r.platforms[0].binary(), build.Binary},
		"environment":           {cgo, strings.Join(build.Env, " ")},
		"time of the program":   {strconv.FormatInt(packing.Unix(), 10), build.Time},
		"time of the licence":   {packing.Format("2006-01-02T15:04:05Z07:00"), file.Info.MTime},
		"licence":               {"LICENSE", file.Src},
		"mode of the licence":   {"420", strconv.Itoa(file.Info.Mode)}, // 0644
		"name of the checksums": {sums, g.Checksum.Name},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: krew/release has %q, goreleaser %q", what, pair[0], pair[1])
		}
	}
}

// TestDockerfile compares how the image's program is compiled.
func TestDockerfile(t *testing.T) {
	text := read(t, "../../Dockerfile")
	go1, err := toolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := flags("${VERSION}")
	want := "go build " + strings.Join(f[:len(f)-1], " ") + ` "` + f[len(f)-1] + `" -o /out/kubectl-micro ` + source
	for _, want := range []string{"FROM golang:" + strings.TrimPrefix(go1, "go") + "-", cgo + " " + want} {
		if !strings.Contains(text, want) {
			t.Errorf("the Dockerfile does not have %q", want)
		}
	}
}

// TestReleasedManifest holds the manifest in plugins to its template: nobody has
// edited it, and all that differs from release to release is what a release knows.
func TestReleasedManifest(t *testing.T) {
	text := read(t, "../../plugins/micro.yaml")
	var m struct {
		Spec struct {
			Version   string
			Platforms []struct {
				Selector         struct{ MatchLabels struct{ OS, Arch string } }
				URI, SHA256, Bin string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	r := release{version: m.Spec.Version, output: t.TempDir(), template: "../micro.yaml", url: download}
	if err := r.fill(platforms, "1700000000"); err != nil {
		t.Fatal(err)
	}
	var archives []archive
	for i, p := range r.platforms {
		if i >= len(m.Spec.Platforms) {
			t.Fatalf("expected %s in plugins/micro.yaml, found %d platforms", p, len(m.Spec.Platforms))
		}
		archives = append(archives, r.entry(p, m.Spec.Platforms[i].SHA256))
	}
	if err := r.manifest(archives); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, r.output+"/micro.yaml"), text); diff != "" {
		t.Errorf("plugins/micro.yaml is not what `make release-manifest` writes (-want +got):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, a := range archives {
		seen[a.SHA256] = true
		if len(a.SHA256) != 64 {
			t.Errorf("%s: expected a checksum, found %q", a.URI, a.SHA256)
		}
	}
	if len(seen) != len(archives) {
		t.Errorf("two platforms have one checksum: %v", seen)
	}
}
