// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// commandFolder is where the pages of commands are, from the root.
const commandFolder = "docs/cli"

// pageOf is a command's page; the root's is the index.
func pageOf(c *cobra.Command) string {
	if !c.HasParent() {
		return commandFolder + "/README.md"
	}
	return commandFolder + "/" + strings.ReplaceAll(words(c), " ", "-") + ".md"
}

// commandPages are a page for each command.
func commandPages(commands []*cobra.Command) (tree, error) {
	out := tree{}
	for _, c := range commands {
		name := pageOf(c)
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("two commands want the page %s", name)
		}
		out[name] = commandPage(c, commands)
	}
	return out, nil
}

// commandPage tells what the help of a command tells, in its order but for the usage,
// which comes first.
func commandPage(c *cobra.Command, commands []*cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s# %s\n\n%s.\n", comment, c.CommandPath(), prose(strings.TrimSuffix(c.Short, ".")))
	block(&b, "sh", []byte(strings.Join(cli.UsageLines(c), "\n")))
	for _, p := range paragraphs(c.Long) {
		if p.literal {
			block(&b, "", []byte(strings.Join(p.lines, "\n")))
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", prose(strings.Join(p.lines, "\n")))
	}
	if c.Example != "" {
		b.WriteString("\n## Examples\n")
		block(&b, "sh", []byte(cli.Doc(c.Example)))
	}
	children := below(c)
	if !c.HasParent() {
		children = commands[1:]
	}
	listCommands(&b, children)
	if !c.HasParent() {
		b.WriteString("\n## Help topics\n\n| topic | |\n|---|---|\n")
		for _, t := range topics(c) {
			fmt.Fprintf(&b, "| `%s help %s` | %s |\n", cli.Name, t.Name(), prose(cell(t.Short)))
		}
	}
	listFlags(&b, c)
	listExits(&b, c)
	listLinks(&b, c)
	return b.Bytes()
}

func listCommands(b *bytes.Buffer, commands []*cobra.Command) {
	if len(commands) == 0 {
		return
	}
	b.WriteString("\n## Commands\n\n| command | |\n|---|---|\n")
	for _, c := range commands {
		fmt.Fprintf(b, "| [%s](%s) | %s |\n", words(c), path.Base(pageOf(c)), prose(cell(c.Short)))
	}
}

func listFlags(b *bytes.Buffer, c *cobra.Command) {
	flags := own(c)
	if len(flags) > 0 {
		title := "Options"
		if !c.HasParent() {
			title = "Global options"
		}
		fmt.Fprintf(b, "\n## %s\n\n| option | default | |\n|---|---|---|\n", title)
	}
	for _, f := range flags {
		value := ""
		if v := initial(f); v != "" {
			value = "`" + cell(v) + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", spelled(f), value, prose(cell(f.Usage)))
	}
	if c.HasParent() {
		b.WriteString("\n[Global options](README.md#global-options) say which cluster is meant, and as whom.\n")
	}
}

// spelled is how a flag is given, as code that does not break at its dashes.
func spelled(f *pflag.Flag) string {
	return "`" + strings.ReplaceAll(spelling(f), ", ", "`, `") + "`"
}

func listExits(b *bytes.Buffer, c *cobra.Command) {
	if !c.HasParent() {
		return
	}
	b.WriteString("\n## Exit codes\n\n")
	codes := exits(c)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(b, "- %d: %s\n", code, prose(codes[code]))
	}
	if len(codes) > 0 {
		b.WriteString("\nThe others mean [what they mean everywhere](../exit-codes.md).\n")
	} else {
		b.WriteString("They mean [what they mean everywhere](../exit-codes.md).\n")
	}
}

func listLinks(b *bytes.Buffer, c *cobra.Command) {
	b.WriteString("\n## See also\n\n")
	for _, other := range beside(c) {
		fmt.Fprintf(b, "- [%s](%s): %s\n", other.CommandPath(), path.Base(pageOf(other)), prose(other.Short))
	}
	if !c.HasParent() {
		b.WriteString("- [Exit codes](../exit-codes.md)\n- [Environment](../environment.md)\n- [Schemas of files and reports](../schemas/README.md)\n- [Rules](../rules/README.md)\n")
		return
	}
	if kinds := written(words(c)); len(kinds) > 0 {
		var links []string
		for _, k := range kinds {
			links = append(links, fmt.Sprintf("[%s](../schemas/%s.json)", k, k))
		}
		fmt.Fprintf(b, "- Schemas of `-o json`: %s\n", strings.Join(links, ", "))
	}
}

// prose is text that Markdown takes for nothing else.
func prose(s string) string {
	return strings.NewReplacer("<", `\<`, "*", `\*`, "~", `\~`).Replace(s)
}
