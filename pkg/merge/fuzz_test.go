// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
)

func addSeeds(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no testdata", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data, a.Files[1].Data, a.Files[2].Data)
	}
	addManifests(f)
	for _, seed := range [][3]string{
		{"", "", ""},
		{"a", "a\r\n", "b"},
		{"{}", "{\"kind\":\"A\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}{}", "---\n"},
		{"", "# only a comment", "kind: A\napiVersion: v1\nmetadata: {name: a}\n"},
		{"kind: A\napiVersion: v1\nmetadata: {name: a}\nx: {}\n", "kind: A\napiVersion: v1\nmetadata: {name: a}\nx: |\n  a", "kind: A\napiVersion: v1\nmetadata: {name: a}\nx: {}\ny: [1]\n---\nkind: B\napiVersion: v1\nmetadata: {name: a}\n"},
		{"", "\uFEFFkind: A\napiVersion: v1\nmetadata: {name: a}\n...\n", "kind: B\napiVersion: v1\nmetadata: {name: a}\n"},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]), []byte(seed[2]))
	}
}

// addManifests adds files that people wrote, with a comment of the user's above what
// the generator changes.
func addManifests(f *testing.F) {
	paths, err := filepath.Glob("../../examples/*/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatal("no examples", err)
	}
	for _, path := range paths {
		base, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		user := bytes.Replace(base, []byte("  name: "), []byte("  # mine\n  name:  "), 1)
		generated := bytes.Replace(base, []byte("name: "), []byte("added: 1\n  name: "), 2)
		f.Add(base, user, generated)
		f.Add(base, bytes.ReplaceAll(user, []byte("\n"), []byte("\r\n")), generated)
	}
}

// FuzzYAML: what one side left alone is as the other has it, the result can be
// read, and merging it again changes nothing.
func FuzzYAML(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, base, user, generated []byte) {
		yaml := func(base, user, generated []byte, o merge.Options) (merge.Result, bool) {
			r, err := merge.YAML("f", base, user, generated, o)
			if err != nil && fault.KindOf(err) != fault.Failed {
				t.Fatalf("%v", err)
			}
			return r, err == nil
		}
		if r, ok := yaml(base, base, generated, merge.Options{}); ok && !bytes.Equal(r.Content, generated) {
			t.Fatalf("the user changed nothing: %q, want %q", r.Content, generated)
		}
		if r, ok := yaml(base, user, base, merge.Options{}); ok && !bytes.Equal(r.Content, user) {
			t.Fatalf("the generator changed nothing: %q, want %q", r.Content, user)
		}
		for _, o := range []merge.Options{{}, {Generated: true}} {
			r, ok := yaml(base, user, generated, o)
			if !ok || bytes.Equal(base, user) || bytes.Equal(base, generated) || bytes.Equal(user, generated) {
				continue
			}
			if _, err := merge.Keys("f", r.Content); err != nil {
				t.Fatalf("%q cannot be read: %v", r.Content, err)
			}
			if o.Generated && len(r.Conflicts) > 0 && !r.Beside {
				t.Fatalf("the generator wins, yet there are conflicts: %v", r.Conflicts)
			}
			if r.Beside { // not all is in it
				continue
			}
			again, ok := yaml(base, r.Content, generated, o)
			if !ok || !bytes.Equal(again.Content, r.Content) {
				t.Fatalf("%q became %q", r.Content, again.Content)
			}
		}
	})
}

// FuzzText: what one side left alone is as the other has it, a text with a
// conflict is left alone, and merging the result again changes nothing.
func FuzzText(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, base, user, generated []byte) {
		if r := merge.Text("f", base, base, generated, merge.Options{}); !bytes.Equal(r.Content, generated) {
			t.Fatalf("the user changed nothing: %q, want %q", r.Content, generated)
		}
		if r := merge.Text("f", base, user, base, merge.Options{}); !bytes.Equal(r.Content, user) {
			t.Fatalf("the generator changed nothing: %q, want %q", r.Content, user)
		}
		r := merge.Text("f", base, user, generated, merge.Options{})
		if (len(r.Conflicts) > 0) != r.Beside || r.Beside && !bytes.Equal(r.Content, user) {
			t.Fatalf("%q with %v", r.Content, r.Conflicts)
		}
		if again := merge.Text("f", generated, r.Content, generated, merge.Options{}); !bytes.Equal(again.Content, r.Content) {
			t.Fatalf("%q became %q", r.Content, again.Content)
		}
	})
}
