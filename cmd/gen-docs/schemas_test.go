// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// judges are the schemas of the kinds, ready to use.
type judges map[string]*jsonschema.Schema

// newJudges compiles the schemas, which holds them against the one of JSON Schema. Those
// of reports are closed here: a field that a schema lacks is a field that nobody reads of.
func newJudges(t *testing.T) judges {
	t.Helper()
	files, err := schemas(root)
	if err != nil {
		t.Fatal(err)
	}
	out := judges{}
	for _, d := range documents() {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(files[schemaFolder+"/"+d.kind+".json"]))
		if err != nil {
			t.Fatal(err)
		}
		closed(value)
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2020)
		c.AssertFormat()
		id := schemaBase + "/" + d.kind + ".json"
		if err := c.AddResource(id, value); err != nil {
			t.Fatal(err)
		}
		if out[d.kind], err = c.Compile(id); err != nil {
			t.Fatalf("%s: %v", d.kind, err)
		}
	}
	return out
}

// closed forbids the fields that a schema does not have.
func closed(value any) {
	switch v := value.(type) {
	case map[string]any:
		if _, has := v["properties"].(map[string]any); has && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, one := range v {
			closed(one)
		}
	case []any:
		for _, one := range v {
			closed(one)
		}
	}
}

// judge holds a document against the schema of its kind.
func (j judges) judge(t *testing.T, where string, value any) {
	t.Helper()
	kind := kindOf(value)
	if j[kind] == nil {
		t.Errorf("%s: there is no schema of kind %q", where, kind)
		return
	}
	if err := j[kind].Validate(value); err != nil {
		t.Errorf("%s: %v", where, err)
	}
}

// kindOf is the kind of a document of ours, empty for others.
func kindOf(value any) string {
	fields, _ := value.(map[string]any)
	if fields["apiVersion"] != api.Version {
		return ""
	}
	kind, _ := fields["kind"].(string)
	return kind
}

// documentsIn are those of ours in a text: JSON, one after the other, or YAML.
func documentsIn(text []byte) []any {
	parts := [][]byte{text}
	if !bytes.HasPrefix(text, []byte("{")) {
		parts = nil
		for _, part := range regexp.MustCompile(`(?m)^---.*\n`).Split(string(text), -1) {
			if data, err := yaml.YAMLToJSON([]byte(part)); err == nil {
				parts = append(parts, data)
			}
		}
	}
	var out []any
	for _, part := range parts {
		stream := json.NewDecoder(bytes.NewReader(part))
		stream.UseNumber()
		var value any
		for stream.Decode(&value) == nil {
			if kindOf(value) != "" {
				out = append(out, value)
			}
			value = nil
		}
	}
	return out
}

// TestEveryKindHasASchema looks for shapes of pkg/api and for kinds that are printed.
func TestEveryKindHasASchema(t *testing.T) {
	kinds, types := map[string]bool{"Status": true}, map[string]bool{}
	for _, d := range documents() {
		kinds[d.kind], types[d.t.Name()] = true, true
	}
	headed, printed := 0, 0
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				s, is := n.Type.(*ast.StructType)
				if is && strings.Contains(path, "pkg/api/") && embeds(s, "TypeMeta") {
					headed++
					if !types[n.Name.Name] {
						t.Errorf("%s: %s has no schema", path, n.Name.Name)
					}
				}
			case *ast.CallExpr:
				f, is := n.Fun.(*ast.SelectorExpr)
				if !is || f.Sel.Name != "Type" || len(n.Args) != 1 {
					return true
				}
				kind, is := values{}.value(n.Args[0])
				if of, named := f.X.(*ast.Ident); is && named && of.Name == "api" {
					printed++
					// The lines of -o jsonl are items of the lists.
					if !kinds[kind] && !kinds[kind+"List"] {
						t.Errorf("%s: the kind %s has no schema", path, kind)
					}
				}
			}
			return true
		})
	}
	if headed < len(kinds)-3 || printed < 20 {
		t.Errorf("found only %d shapes and %d kinds", headed, printed)
	}
}

func embeds(s *ast.StructType, name string) bool {
	for _, f := range s.Fields.List {
		if id, is := f.Type.(*ast.Ident); is && len(f.Names) == 0 && id.Name == name {
			return true
		}
	}
	return false
}

// TestFilesFit holds what the repository has of our kinds against their schemas: files
// of examples, blocks in documents, and what tests expect commands to print.
func TestFilesFit(t *testing.T) {
	j := newJudges(t)
	seen := map[string]int{}
	look := func(where string, text []byte) {
		for _, value := range documentsIn(text) {
			seen[kindOf(value)]++
			j.judge(t, where, value)
		}
	}
	for _, folder := range []string{"examples", "docs", "pkg", "plugins", "test/e2e/testdata"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			switch {
			case err != nil:
			case strings.HasSuffix(path, ".yaml") && (folder == "examples" || strings.Contains(path, "/policy/testdata/generate/")):
				look(path, text)
			case strings.HasSuffix(path, ".md"):
				for _, m := range regexp.MustCompile("(?ms)^```yaml[^\n]*\n(.*?)^```").FindAllSubmatch(text, -1) {
					if !bytes.Contains(m[1], []byte("\n...")) {
						look(path, m[1])
					}
				}
			case strings.HasSuffix(path, "baseline.txtar"): // reports that are broken on purpose
			case strings.HasSuffix(path, ".txtar"):
				for _, f := range txtar.Parse(text).Files {
					if json.Valid(f.Data) || bytes.HasPrefix(f.Data, []byte(`{"apiVersion"`)) {
						look(path+" "+f.Name, unmasked(f.Data))
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range fileKinds() {
		if d.kind != api.KindSnapshot && d.kind != api.KindSettings && seen[d.kind] == 0 {
			t.Errorf("found no file of kind %s", d.kind)
		}
	}
	t.Log(seen)
}

// unmasked puts a time where a test's own name for one stands.
func unmasked(text []byte) []byte {
	return regexp.MustCompile(`<?TIME>?`).ReplaceAll(text, []byte("2026-03-01T12:00:00Z"))
}
