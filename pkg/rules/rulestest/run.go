// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rulestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Run tests a family: its metadata, its examples, its repairs, and that each
// rule reads exactly the kinds that it says it needs.
func Run(t *testing.T, family []*rules.Rule) {
	if len(family) == 0 {
		t.Fatal("no rules")
	}
	known := map[string]bool{}
	for _, r := range family {
		known[r.ID] = true
		t.Run(r.ID, func(t *testing.T) {
			metadata(t, r)
			examples(t, r)
		})
	}
	folders, _ := filepath.Glob("testdata/KM*")
	for _, f := range folders {
		if !known[filepath.Base(f)] {
			t.Errorf("%s belongs to no rule", f)
		}
	}
}

// metadata checks what a rule says of itself.
func metadata(t *testing.T, r *rules.Rule) {
	for name, text := range map[string]string{"Slug": r.Slug, "Short": r.Short, "Why": r.Why, "Fix": r.Fix, "Reference": r.Reference} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s is empty", name)
		}
	}
	if strings.HasSuffix(r.Short, ".") {
		t.Errorf("Short ends with a full stop: %q", r.Short)
	}
	if !strings.HasPrefix(r.Reference, "https://") {
		t.Errorf("Reference is no address: %q", r.Reference)
	}
	file := fmt.Sprintf("%s_%s.go", strings.ToLower(r.ID), strings.ReplaceAll(r.Slug, "-", "_"))
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the rule is expected in %s", file)
	}
}

// examples runs the worlds in a rule's testdata.
func examples(t *testing.T, r *rules.Rule) {
	dir := filepath.Join("testdata", r.ID)
	read := map[ref.GroupKind]bool{}
	bad, good := worlds(t, dir, "bad"), worlds(t, dir, "good")
	if len(bad) == 0 || len(good) == 0 {
		t.Fatalf("%s has %d bad and %d good worlds, expected at least one of each", dir, len(bad), len(good))
	}
	var want strings.Builder
	repaired := false
	for _, path := range bad {
		w, results := check(t, r, path, read)
		fmt.Fprintf(&want, "== %s\n", filepath.Base(path))
		if len(results) == 0 {
			t.Errorf("%s: no finding", path)
		}
		for _, f := range results {
			describe(&want, f)
			remedies(&want, w, r, f)
		}
		repaired = repair(t, r, path, results) || repaired
	}
	golden(t, filepath.Join(dir, "want.txt"), want.String())
	for _, path := range good {
		_, results := check(t, r, path, read)
		for _, f := range results {
			t.Errorf("%s: unexpected finding at %s: %s", path, f.Where, f.Message)
		}
	}
	if r.Repair != nil && !repaired {
		t.Error("no bad world has a repair")
	}
	if len(r.Needs) > 0 {
		needs(t, r, read)
	}
}

// worlds are the examples whose file names start with a word.
func worlds(t *testing.T, dir, word string) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{".*yaml", ".*txtar", "-*.yaml", "-*.txtar"} {
		found, err := filepath.Glob(filepath.Join(dir, word+pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	return out
}

func check(t *testing.T, r *rules.Rule, path string, read map[ref.GroupKind]bool) (*rules.World, []rules.Result) {
	t.Helper()
	w := World(t, path)
	for _, err := range w.Unread {
		if !strings.HasPrefix(r.ID, "KM00") && r.ID != "KM6006" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !r.Applies(w) {
		t.Fatalf("%s: the rule does not apply; name the world .live.yaml", path)
	}
	observed := *w
	observed.Snapshot = w.Observed(func(gk ref.GroupKind) { read[gk] = true })
	results := rules.Run(&observed, []*rules.Rule{r})
	for _, f := range results {
		if strings.HasSuffix(f.Message, ".") || f.Message == "" {
			t.Errorf("%s: the message ends with a full stop or is empty: %q", path, f.Message)
		}
	}
	return w, results
}

// describe writes all that a finding says.
func describe(b *strings.Builder, f rules.Result) {
	fmt.Fprintf(b, "%s %s %s %s %s\n  at %s\n  %s\n", f.ID, f.Severity, f.Confidence, f.State, f.Object, f.Where, f.Message)
	if f.Hint != "" {
		fmt.Fprintf(b, "  hint: %s\n", strings.ReplaceAll(f.Hint, "\n", "\n        "))
	}
	for _, e := range f.Evidence {
		fmt.Fprintf(b, "  %s %s: %s\n", e.Kind, e.Of, strings.ReplaceAll(e.Value, "\n", "\n    "))
	}
	for _, r := range f.Related {
		fmt.Fprintf(b, "  related: %s\n", r)
	}
	if len(f.Pods) > 0 {
		fmt.Fprintf(b, "  pods: %s of %d\n", strings.Join(f.Pods, " "), f.Of)
	}
	if !f.Since.IsZero() {
		fmt.Fprintf(b, "  since: %s\n", f.Since.UTC().Format("15:04:05"))
	}
}

// remedies writes the fixes of a finding.
func remedies(b *strings.Builder, w *rules.World, r *rules.Rule, f rules.Result) {
	if r.Repair == nil {
		return
	}
	for _, fix := range r.Repair(w, f) {
		fmt.Fprintf(b, "  fix (%s): %s\n", fix.Risk, fix.Title)
		if fix.Command != "" {
			fmt.Fprintf(b, "    $ %s\n", strings.ReplaceAll(fix.Command, "\n", "\n    $ "))
		}
	}
}

// needs compares what a rule declares with what it looked at.
func needs(t *testing.T, r *rules.Rule, read map[ref.GroupKind]bool) {
	t.Helper()
	declared := map[ref.GroupKind]bool{}
	for _, k := range r.Needs {
		declared[k.GroupKind] = true
		if !read[k.GroupKind] {
			t.Errorf("needs %s but never looks at it in the examples", k.GroupKind)
		}
	}
	for gk := range read {
		if !declared[gk] {
			t.Errorf("looks at %s but does not declare it in Needs", gk)
		}
	}
}
