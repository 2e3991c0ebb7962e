// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plugins_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
	"github.com/kubectl-micro/kubectl-micro/plugins"
)

// A variable has one meaning for all commands that take it: what it sets is of one
// type everywhere, and is no part of what a command writes.
func TestSettableFlags(t *testing.T) {
	f := cli.NewFactory(cli.Streams{}, cli.Build{})
	root := cli.NewRoot(f, plugins.All())
	about := []string{ // how to look and to show, also where something is written
		"cache-dir", "chunk-size", "cluster-domain", "color", "no-headers", "request-timeout", "root-namespace", "timeout", "v", "warnings-as-errors",
	}
	types, seen := map[string]string{}, map[string]bool{}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.TrimPrefix(c.CommandPath(), root.CommandPath()+" ")
		for _, one := range f.SettingsOf(c, settings.Settings{}) {
			name, of := one.Flag.Name, one.Flag.Value.Type()
			seen[name] = true
			if was, known := types[name]; known && was != of {
				t.Errorf("%s: --%s is a %s, and a %s elsewhere", path, name, of, was)
			}
			types[name] = of
			if writes(path) && !slices.Contains(about, name) {
				t.Errorf("%s: --%s can be set by %s, expected it to be marked by cli.Written", path, name, settings.Variable(name))
			}
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
	for _, name := range settings.Flags() {
		if !seen[name] {
			t.Errorf("--%s can be set, and no command has it", name)
		}
	}
}

// writes reports whether the flags of a command decide what is written.
func writes(path string) bool {
	if path == "scaffold lint" { // which only looks
		return false
	}
	return slices.ContainsFunc([]string{"scaffold", "monitor generate", "canary", "secure allow", "secure deny-by-default"}, func(of string) bool {
		return path == of || strings.HasPrefix(path, of+" ")
	})
}
