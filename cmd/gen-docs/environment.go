// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
)

// environmentPage is docs/environment.md.
func environmentPage(commands []*cobra.Command) tree {
	var b bytes.Buffer
	b.WriteString(comment)
	b.WriteString("# Environment\n\nThe variables that the commands read. `kubectl micro help environment` tells the same in a terminal.\n\n")
	variables := func(system bool) {
		b.WriteString("| variable | use |\n|---|---|\n")
		for _, v := range cli.Environment() {
			if v.System == system {
				fmt.Fprintf(&b, "| `%s` | %s |\n", v.Name, prose(cell(v.Use)))
			}
		}
	}
	variables(false)
	b.WriteString("\n## What other programs read too\n\n")
	variables(true)
	b.WriteString(`
` + "`scaffold import compose --environment`" + ` takes values for the variables of a Compose file from the
environment, whatever their names; without the flag none of them is looked at.

## Flags

These flags can be set by a variable. The flag on the command line wins, then the variable,
then the [file of settings](schemas/Settings.json); ` + "`kubectl micro config view`" + ` shows which of them
it was. Flags that decide what is written, and where, cannot be set so.

| variable | flag | default | commands |
|---|---|---|---|
`)
	for _, name := range settings.Flags() {
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s |\n", settings.Variable(name), name, defaults(commands, name), takers(commands, name))
	}
	return tree{"docs/environment.md": b.Bytes()}
}

// defaults are those of a flag, which commands may give different ones.
func defaults(commands []*cobra.Command, flag string) string {
	var out []string
	seen := map[string]bool{}
	for _, c := range commands {
		if f := c.Flags().Lookup(flag); f != nil && cli.Settable(f) && initial(f) != "" && !seen[f.DefValue] {
			seen[f.DefValue] = true
			out = append(out, "`"+cell(f.DefValue)+"`")
		}
	}
	return strings.Join(out, ", ")
}

// takers are the commands that have a flag.
func takers(commands []*cobra.Command, flag string) string {
	if commands[0].PersistentFlags().Lookup(flag) != nil {
		return "all"
	}
	of := map[string][]*cobra.Command{} // by plugin
	var plugins []string
	for _, c := range commands {
		if f := c.Flags().Lookup(flag); f == nil || !cli.Settable(f) {
			continue
		}
		plugin, _, _ := strings.Cut(words(c), " ")
		if of[plugin] == nil {
			plugins = append(plugins, plugin)
		}
		of[plugin] = append(of[plugin], c)
	}
	var out []string
	for _, plugin := range plugins {
		if n := len(of[plugin]); n > 3 {
			out = append(out, fmt.Sprintf("%d of [%s](cli/%s.md)", n, plugin, plugin))
			continue
		}
		for _, c := range of[plugin] {
			out = append(out, fmt.Sprintf("[%s](%s)", words(c), strings.TrimPrefix(pageOf(c), "docs/")))
		}
	}
	return strings.Join(out, ", ")
}
