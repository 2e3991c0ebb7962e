// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
)

var update = flag.Bool("update", false, "rewrite the goldens")

func rendered(t *testing.T, format string, d *api.Diagnosis, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Render(&b, format, d, o); err != nil {
		t.Fatalf("-o %s: %v", format, err)
	}
	return b.String()
}

// TestGolden renders every case in every format; testdata has an archive a case
// with a file a format, and some of text with other options.
func TestGolden(t *testing.T) {
	for name, d := range diagnoses() {
		t.Run(name, func(t *testing.T) {
			got := &txtar.Archive{}
			add := func(name, format string, o report.Options) {
				o.Version = "v1.2.3"
				got.Files = append(got.Files, txtar.File{Name: name, Data: []byte(rendered(t, format, d, o))})
			}
			for _, format := range report.Formats() {
				add(format, format, report.Options{})
			}
			add("text all", "text", report.Options{All: true})
			add("text 80", "text", report.Options{Width: 80, Again: "kubectl micro diagnose --show all"})
			add("text color", "text", report.Options{Width: 100, Palette: render.Colors(render.ColorAlways, nil)})
			add("wide 120", "wide", report.Options{Width: 120})

			file := filepath.Join("testdata", name+".txtar")
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(txtar.Format(want)), string(txtar.Format(got))); diff != "" {
				t.Errorf("-want +got; run with -update if that is meant\n%s", diff)
			}
		})
	}
}
