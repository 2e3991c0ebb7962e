// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// operation is an entry of ops.json: an operation on the n-th object of the stream.
type operation struct {
	Object int
	patch.Op
	// Single stands for an edit that leaves one of several entries.
	Single string
}

// TestEdit runs testdata/edit/*.txtar: in.yaml, ops.json and out.yaml or error.
// The comment may hold the lines "crlf" (the stream has these line breaks),
// "bom", "no final newline" and "tolerant" (of repeated keys).
func TestEdit(t *testing.T) {
	files, err := filepath.Glob("testdata/edit/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			section := map[string][]byte{}
			for _, f := range archive.Files {
				section[f.Name] = f.Data
			}
			traits := string(archive.Comment)
			out, message := runEdit(t, shape(section["in.yaml"], traits), section["ops.json"], strings.Contains(traits, "tolerant"))
			if *update {
				rewrite(t, file, archive, traits, out, message)
				return
			}
			if diff := cmp.Diff(string(section["error"]), message); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(shape(section["out.yaml"], traits)), string(out)); diff != "" {
				t.Errorf("out.yaml (-want +got):\n%s", diff)
			}
		})
	}
}

// shape gives text, which txtar keeps with plain line breaks, the traits of the stream.
func shape(data []byte, traits string) []byte {
	if data == nil {
		return nil
	}
	if strings.Contains(traits, "no final newline") {
		data = bytes.TrimSuffix(data, []byte("\n"))
	}
	if strings.Contains(traits, "crlf") {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if strings.Contains(traits, "bom") {
		data = append([]byte("\uFEFF"), data...)
	}
	return data
}

// unshape undoes shape; it fails on line breaks that do not fit the stream's.
func unshape(t *testing.T, data []byte, traits string) []byte {
	plain := bytes.TrimPrefix(data, []byte("\uFEFF"))
	plain = bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n"))
	if strings.Contains(traits, "no final newline") {
		plain = append(plain, '\n')
	}
	if !bytes.Equal(shape(plain, traits), data) {
		t.Errorf("the line breaks do not fit the stream's: %q", data)
	}
	return plain
}

func runEdit(t *testing.T, in, opsJSON []byte, tolerant bool) (out []byte, message string) {
	t.Helper()
	var ops []operation
	d := json.NewDecoder(bytes.NewReader(opsJSON))
	if err := d.Decode(&ops); err != nil {
		t.Fatal(err)
	}
	read := (*manifest.Document).Objects
	if tolerant {
		read = (*manifest.Document).Tolerant
	}
	s, all := readAll(t, in, read)
	var edits []manifest.Edit
	for _, op := range ops {
		if op.Single != "" {
			edits = append(edits, manifest.Edit{Object: all[op.Object], Single: []string{op.Single}})
			continue
		}
		edits = append(edits, manifest.Edit{Object: all[op.Object], Ops: []patch.Op{op.Op}})
	}
	out, err := s.Edit(edits...)
	if err != nil {
		return nil, err.Error() + "\n"
	}
	return out, ""
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, traits string, out []byte, message string) {
	t.Helper()
	var files []txtar.File
	for _, f := range archive.Files {
		if f.Name == "in.yaml" || f.Name == "ops.json" {
			files = append(files, f)
		}
	}
	if message != "" {
		files = append(files, txtar.File{Name: "error", Data: []byte(message)})
	} else {
		files = append(files, txtar.File{Name: "out.yaml", Data: unshape(t, out, traits)})
	}
	archive.Files = files
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
