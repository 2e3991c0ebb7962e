// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/build"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// FuzzTexts: whatever a file holds, the rules get along with it, and what they
// find has a place in it.
func FuzzTexts(f *testing.F) {
	paths, err := filepath.Glob("testdata/KM*/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			f.Add(file.Name, string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		kind := model.TextNamed(name)
		if kind == "" {
			kind = model.TextLike([]byte(text))
		}
		s, err := model.NewBuilder(model.Options{Offline: true, Partial: true}).Build()
		if err != nil {
			t.Fatal(err)
		}
		w := &rules.World{Snapshot: s, Now: rulestest.Now, Texts: []*model.Text{{Path: "x", Kind: kind, Data: []byte(text)}}}
		lines := strings.Split(text, "\n")
		for _, r := range rules.Run(w, build.Rules()) {
			place := strings.Split(r.Where, ":")
			line, err := strconv.Atoi(place[1])
			column, err2 := strconv.Atoi(place[2])
			if err != nil || err2 != nil || line < 1 || line > len(lines) || column < 1 {
				t.Fatalf("%s at %s of %d lines", r.ID, r.Where, len(lines))
			}
		}
	})
}

// FuzzRules is about those that look at workloads too.
func FuzzRules(f *testing.F) { rulestest.Fuzz(f, build.Rules()) }
