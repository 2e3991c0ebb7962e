// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/plugins"
)

// newRoot is the command tree of the program, talking to nobody.
func newRoot() *cobra.Command {
	streams := cli.Streams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard}
	return cli.NewRoot(cli.NewFactory(streams, cli.Build{Version: "devel"}), plugins.All())
}

// known are the commands that a user can run, each after the one it belongs to: the
// root first.
func known() []*cobra.Command {
	var out []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		out = append(out, c)
		for _, child := range c.Commands() {
			if child.IsAvailableCommand() {
				walk(child)
			}
		}
	}
	walk(newRoot())
	return out
}

// words are a command's name without the program's: "canary status", empty for the root.
func words(c *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), cli.Name))
}

// topics are the help topics: commands that have nothing but a help.
func topics(root *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range root.Commands() {
		if c.IsAdditionalHelpTopicCommand() {
			out = append(out, c)
		}
	}
	return out
}

// below are the available commands right below one.
func below(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, child := range c.Commands() {
		if child.IsAvailableCommand() {
			out = append(out, child)
		}
	}
	return out
}

// beside are the commands to read on at: the one above and those next to it.
func beside(c *cobra.Command) []*cobra.Command {
	if !c.HasParent() {
		return nil
	}
	out := []*cobra.Command{c.Parent()}
	if c.Parent().HasParent() {
		for _, other := range below(c.Parent()) {
			if other != c {
				out = append(out, other)
			}
		}
	}
	return out
}

// own are the flags that the help of a command shows; those of every command are left
// to the root.
func own(c *cobra.Command) []*pflag.Flag {
	flags := c.LocalFlags()
	if !c.HasParent() {
		flags = c.PersistentFlags()
	}
	var out []*pflag.Flag
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			out = append(out, f)
		}
	})
	return out
}

// spelling is how a flag is given: "-n, --namespace".
func spelling(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}

// initial is a flag's default; empty where it is nothing.
func initial(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "[]", "false", "<nil>":
		return ""
	}
	return f.DefValue
}

// paragraph is a part of a long text: prose, or lines that stand as they are.
type paragraph struct {
	literal bool
	lines   []string
}

// paragraphs splits help at empty lines. Indented lines are literal; the indentation
// that they share is taken off.
func paragraphs(text string) []paragraph {
	var out []paragraph
	gap := true
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if strings.TrimSpace(line) == "" {
			gap = true
			continue
		}
		literal := strings.HasPrefix(line, "  ")
		n := len(out) - 1
		switch {
		case n < 0 || out[n].literal != literal || gap && !literal:
			out = append(out, paragraph{literal, []string{line}})
		case gap:
			out[n].lines = append(out[n].lines, "", line)
		default:
			out[n].lines = append(out[n].lines, line)
		}
		gap = false
	}
	for i, p := range out {
		if p.literal {
			out[i].lines = strings.Split(cli.Doc(strings.Join(p.lines, "\n")), "\n")
		}
	}
	return out
}
