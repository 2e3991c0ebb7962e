// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"

// beside loads files and tells the texts, "KIND PATH" without the folder, and how
// many objects there are.
func beside(t *testing.T, dir string, f *source.Files) (texts []string, objects int) {
	t.Helper()
	s, err := f.Load(t.Context(), source.Want{Tolerant: true})
	if s == nil {
		t.Fatal(err)
	}
	for _, text := range f.Beside() {
		texts = append(texts, string(text.Kind)+" "+filepath.ToSlash(strings.TrimPrefix(text.Path, dir+string(filepath.Separator))))
	}
	return texts, len(s.Objects())
}

func TestTexts(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.yaml": account, "Dockerfile": "FROM a\nUSER 1\n", "Dockerfile.dockerignore": "*", ".dockerignore": ".git", ".gitlab-ci.yml": "a:\n  script: [b]\n",
		"Jenkinsfile": "pipeline {\n}\n", "x.sh": "ls\n", "README.md": "FROM a\nUSER 1\n", "sub/Dockerfile": "FROM a\nUSER 1\n", "noname": "#!/bin/sh\nls\n",
	})
	for name, c := range map[string]struct {
		files   *source.Files
		want    []string
		objects int
	}{
		"a folder": {&source.Files{Texts: true, Paths: []string{dir}},
			[]string{"dockerignore .dockerignore", "pipeline .gitlab-ci.yml", "Dockerfile Dockerfile", "dockerignore Dockerfile.dockerignore", "pipeline Jenkinsfile", "script x.sh"}, 1},
		"its folders too": {&source.Files{Texts: true, Recursive: true, Paths: []string{filepath.Join(dir, "sub")}}, []string{"Dockerfile sub/Dockerfile"}, 0},
		"nobody asks":     {&source.Files{Paths: []string{dir}}, nil, 1},
		"a Dockerfile brings what is left out of it": {&source.Files{Texts: true, Paths: []string{filepath.Join(dir, "Dockerfile")}},
			[]string{"Dockerfile Dockerfile", "dockerignore Dockerfile.dockerignore", "dockerignore .dockerignore"}, 0},
		"twice":                       {&source.Files{Texts: true, Paths: []string{filepath.Join(dir, "x.sh"), filepath.Join(dir, "x.sh")}}, []string{"script x.sh"}, 0},
		"the name says nothing":       {&source.Files{Texts: true, Paths: []string{filepath.Join(dir, "noname")}}, []string{"script noname"}, 0},
		"standard input":              {&source.Files{Texts: true, Paths: []string{"-"}, Stdin: strings.NewReader("FROM a\nUSER 1\n")}, []string{"Dockerfile -"}, 0},
		"manifests on standard input": {&source.Files{Texts: true, Paths: []string{"-"}, Stdin: strings.NewReader(account)}, nil, 1},
	} {
		texts, objects := beside(t, dir, c.files)
		if diff := cmp.Diff(c.want, texts); diff != "" || objects != c.objects {
			t.Errorf("%s: %d objects, want %d (-want +got):\n%s", name, objects, c.objects, diff)
		}
	}
}

// Texts are read and never written: neither among the streams nor printed.
func TestTextsAreNoManifests(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": account, "Dockerfile": "FROM a\nUSER 1\n"})
	f := &source.Files{Texts: true, Paths: []string{dir}}
	streams, err := f.Streams(t.Context())
	if err != nil || len(streams) != 1 {
		t.Fatalf("%d streams, %v", len(streams), err)
	}
	var out bytes.Buffer
	if err := f.Print(t.Context(), &out); err != nil || out.String() != account {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}
