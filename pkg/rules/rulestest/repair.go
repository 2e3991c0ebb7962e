// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rulestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// maxRepairs ends a rule whose repair leaves its finding as it was.
const maxRepairs = 50

// repair carries out the first fix of every finding of a bad world, one after
// the other, and compares the result with fixed*.yaml. The findings that had a
// fix must be gone then. It reports whether there was any fix.
func repair(t *testing.T, r *rules.Rule, path string, results []rules.Result) bool {
	t.Helper()
	if r.Repair == nil {
		return false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, any := string(data), false
	for range maxRepairs {
		w := Parse(t, path, []byte(text))
		fix, found := firstFix(w, r)
		if !found {
			break
		}
		any = true
		text = apply(t, path, text, fix)
	}
	if !any {
		return len(results) > 0 && hasCommand(t, r, path)
	}
	w := Parse(t, path, []byte(text))
	if fix, left := firstFix(w, r); left {
		t.Errorf("%s: the finding that %q should mend is still there", path, fix.Title)
	}
	name := filepath.Base(path)
	golden(t, filepath.Join(filepath.Dir(path), "fixed"+strings.TrimPrefix(name, "bad")), text)
	return true
}

// firstFix returns the first fix that edits or creates something.
func firstFix(w *rules.World, r *rules.Rule) (rules.Fix, bool) {
	for _, result := range rules.Run(w, []*rules.Rule{r}) {
		for _, fix := range r.Repair(w, result) {
			if len(fix.Edits)+len(fix.Creates) > 0 {
				return fix, true
			}
		}
	}
	return rules.Fix{}, false
}

// hasCommand reports whether a finding of a world is mended by a command.
func hasCommand(t *testing.T, r *rules.Rule, path string) bool {
	t.Helper()
	w := World(t, path)
	for _, result := range rules.Run(w, []*rules.Rule{r}) {
		for _, fix := range r.Repair(w, result) {
			if fix.Command != "" {
				return true
			}
		}
	}
	return false
}

// apply carries a fix out on the text of a world.
func apply(t *testing.T, path, text string, fix rules.Fix) string {
	t.Helper()
	for _, e := range fix.Edits {
		stream, err := manifest.Split(filepath.Base(path), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		on := find(t, stream, e)
		out, err := stream.Edit(manifest.Edit{Object: on, Ops: e.Ops})
		if err != nil {
			t.Fatalf("%s: %s: %v", path, fix.Title, err)
		}
		text = string(out)
	}
	for _, o := range fix.Creates {
		data, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		text = strings.TrimRight(text, "\n") + fmt.Sprintf("\n---\n%s", data)
	}
	return text
}

// find is the object of an edit in a stream that was parsed anew.
func find(t *testing.T, stream *manifest.Stream, e rules.Edit) *manifest.Object {
	t.Helper()
	for _, d := range stream.Docs {
		objects, _ := d.Tolerant()
		for _, o := range objects {
			if patch.Equal(o.Value, e.On.Raw()) {
				return o
			}
		}
	}
	t.Fatalf("%s is not in the stream", e.On.Ref)
	return nil
}
