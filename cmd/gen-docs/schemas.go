// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/cmd/internal/shape"
)

// schemaFolder is where the schemas are, from the root; schemaBase is where they can be
// had from, which makes their $id.
const (
	schemaFolder = "docs/schemas"
	schemaBase   = "https://raw.githubusercontent.com/kubectl-micro/kubectl-micro/main/" + schemaFolder
)

// schemas are a JSON Schema for each kind of document, and an index.
func schemas(root string) (tree, error) {
	out := tree{schemaFolder + "/README.md": schemaIndex()}
	comments := &shape.Comments{Root: root}
	for _, d := range documents() {
		about, err := comments.Type(d.t)
		if err != nil {
			return nil, err
		}
		head := map[string]any{
			"$comment": signature + " from the Go types; make generate writes it.",
			"$schema":  "https://json-schema.org/draft/2020-12/schema",
			"$id":      schemaBase + "/" + d.kind + ".json",
			"title":    d.kind, "description": about,
		}
		text, err := d.make(comments).Document(d.t, d.kind, head)
		if err != nil {
			return nil, err
		}
		out[schemaFolder+"/"+d.kind+".json"] = text
	}
	return out, nil
}

func schemaIndex() []byte {
	var b bytes.Buffer
	b.WriteString(comment)
	b.WriteString(`# Schemas

JSON Schemas (2020-12) of the files that the suite reads and of the reports that it prints
with ` + "`-o json`" + ` and ` + "`-o yaml`" + `. They are made of the types in [pkg/api](../../pkg/api).

Reports: fields are added and never renamed, so that a schema allows those it does not know;
null means unknown. Files: a field that is not in the schema is an error.

## Files

| kind | file |
|---|---|
`)
	for _, d := range fileKinds() {
		fmt.Fprintf(&b, "| [%s](%s.json) | %s |\n", d.kind, d.kind, d.file)
	}
	fmt.Fprintf(&b, `
An editor with the YAML language server checks a file that begins with

%s

## Reports

| kind | printed by |
|---|---|
`, "```yaml\n# yaml-language-server: $schema="+schemaBase+"/Config.json\n```")
	for _, d := range reportKinds() {
		var by []string
		for _, words := range d.by {
			by = append(by, fmt.Sprintf("[%s](../cli/%s.md)", words, strings.ReplaceAll(words, " ", "-")))
		}
		if len(by) == 0 {
			by = []string{"each line of `-o jsonl` where `-o json` prints a Diagnosis"}
		}
		fmt.Fprintf(&b, "| [%s](%s.json) | %s |\n", d.kind, d.kind, strings.Join(by, ", "))
	}
	b.WriteString(`
Elsewhere a line of ` + "`-o jsonl`" + ` is one of the items of the list, with its schema in ` + "`$defs`" + `.
Where a command prints objects of Kubernetes, as ` + "`canary`" + ` and ` + "`scaffold generate`" + ` do, they are
what the API server takes. ` + "`-o sarif`" + ` is SARIF 2.1.0, ` + "`-o patch`" + ` JSON Patches (RFC 6902).
`)
	return b.Bytes()
}
