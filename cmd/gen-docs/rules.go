// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/page"
)

// ruleFolder is where the pages of rules are, from the root.
const ruleFolder = "docs/rules"

const ruleComment = "<!-- " + signature + " from the rule and its examples; make generate writes it. -->\n"

// rulePages are a page for each rule, with the examples that it is tested with, and
// an index.
func rulePages(root string) (tree, error) {
	out := tree{ruleFolder + "/README.md": ruleIndex()}
	for _, r := range catalog.Rules() {
		text, err := rulePage(root, r)
		if err != nil {
			return nil, err
		}
		out[ruleFolder+"/"+r.ID+".md"] = text
	}
	return out, nil
}

// rulePage is a rule's page with its examples.
func rulePage(root string, r *rules.Rule) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(ruleComment)
	b.WriteString(page.Markdown(r))
	for _, e := range []struct{ word, title string }{{"bad", "Found here"}, {"good", "Not found here"}} {
		file, err := example(root, r.ID, e.word)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		note := ""
		if strings.HasSuffix(file, ".live.yaml") {
			note = ", in a cluster"
		}
		fmt.Fprintf(&b, "\n## %s%s\n", e.title, note)
		if filepath.Ext(file) != ".txtar" {
			block(&b, "yaml", text)
			continue
		}
		for _, f := range txtar.Parse(text).Files {
			fmt.Fprintf(&b, "\n`%s`:\n", f.Name)
			block(&b, language(f.Name), f.Data)
		}
	}
	return b.Bytes(), nil
}

// language is what the block of a file is marked with.
func language(file string) string {
	switch kind := model.TextNamed(file); {
	case kind == model.Dockerfile:
		return "dockerfile"
	case kind == model.Script:
		return "sh"
	case kind == model.Pipeline && !strings.HasSuffix(file, "ml"):
		return "groovy"
	case kind == model.IgnoreFile:
		return ""
	}
	return "yaml"
}

func block(b *bytes.Buffer, language string, text []byte) {
	fmt.Fprintf(b, "\n```%s\n%s\n```\n", language, bytes.TrimRight(text, "\n"))
}

// example is the first file of a rule's testdata that begins with a word, the
// plain one before those of special cases.
func example(root, id, word string) (string, error) {
	for _, pattern := range []string{word + ".yaml", word + ".live.yaml", word + ".complete.yaml", word + ".txtar", word + "-*.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, "pkg/rules/*/testdata", id, pattern))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("rule %s has no %s example", id, word)
}

// families are the titles of the index, by the digit after KM.
var families = map[byte]string{
	'0': "Engine", '1': "Pods", '2': "Workloads", '3': "Service and DNS", '4': "Ingress and gateways", '5': "Nodes and storage",
	'6': "Configuration, RBAC and APIs", '7': "NetworkPolicy", '8': "Istio traffic", '9': "Istio security and injection",
}

func ruleIndex() []byte {
	var b bytes.Buffer
	b.WriteString(ruleComment)
	b.WriteString("# Rules\n\nWhat `kubectl micro diagnose` checks. `kubectl micro diagnose rules ID` tells the same in a terminal.\n")
	var family byte
	for _, r := range catalog.Rules() {
		if r.ID[2] != family {
			family = r.ID[2]
			fmt.Fprintf(&b, "\n## %s\n\n| rule | severity | finds | elsewhere |\n|---|---|---|---|\n", families[family])
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.ID, r.ID, r.Severity, cell(r.Short), cell(strings.Join(r.Aliases, ", ")))
	}
	return b.Bytes()
}

// cell is text for a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
