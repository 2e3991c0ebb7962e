// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

var update = flag.Bool("update", false, "write the results into testdata")

// TestFiles merges the files of testdata: base, user and generated make merged and
// report. The name of the files decides whether they are YAML; a comment that is
// "crlf" gives the user's file the line endings of Windows, "generated" lets the
// generator win, "open" leaves out the user's last line break, "restore NAME"
// restores an object.
func TestFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content, report := run(t, a)
			if *update {
				a.Files = append(a.Files[:3], txtar.File{Name: "merged", Data: content}, txtar.File{Name: "report", Data: []byte(report)})
				if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[3].Data), string(content)); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(a.Files[4].Data), report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func run(t *testing.T, a *txtar.Archive) (content []byte, report string) {
	t.Helper()
	word, name, _ := strings.Cut(strings.TrimSpace(string(a.Comment)), " ")
	base, user, generated := a.Files[0].Data, a.Files[1].Data, a.Files[2].Data
	var o merge.Options
	switch word {
	case "crlf":
		user = []byte(strings.ReplaceAll(string(user), "\n", "\r\n"))
	case "open":
		user = bytes.TrimSuffix(user, []byte("\n"))
	case "generated":
		o.Generated = true
	case "restore":
		o.Restore = func(r ref.Ref) bool { return r.Name == name }
	}
	var result merge.Result
	if strings.HasSuffix(a.Files[0].Name, ".yaml") {
		var err error
		if result, err = merge.YAML("web.yaml", base, user, generated, o); err != nil {
			return user, "error: " + err.Error() + "\n"
		}
	} else {
		result = merge.Text("Dockerfile", base, user, generated, o)
	}
	content = result.Content
	if word == "open" && !bytes.HasSuffix(content, []byte("\n")) {
		content = append(content, '\n')
	}
	if word == "crlf" {
		text := string(content)
		content = []byte(strings.ReplaceAll(text, "\r\n", "\n"))
		if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
			t.Errorf("a line does not end as on Windows: %q", text)
		}
	}
	var out strings.Builder
	for _, c := range result.Conflicts {
		fmt.Fprintf(&out, "%s: %s %s: %s -> %s | %s %s\n", c.Where, c.Object, c.Field, c.Base, c.User, c.Generated, c.Why)
	}
	for _, r := range result.Kept {
		fmt.Fprintf(&out, "kept %s\n", r)
	}
	if result.Beside {
		out.WriteString("beside\n")
	}
	return content, out.String()
}
