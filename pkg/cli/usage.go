// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Doc removes the common indentation of a text literal and the empty lines
// around it, so that help can be written inside indented code.
func Doc(s string) string {
	lines := strings.Split(strings.Trim(s, "\n"), "\n")
	indent := math.MaxInt
	for _, line := range lines {
		if text := strings.TrimLeft(line, "\t "); text != "" {
			indent = min(indent, len(line)-len(text))
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(line[min(indent, len(line)):], "\t ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// help prints a command's long description and its usage.
func help(cmd *cobra.Command) error {
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	text = strings.TrimSpace(text) + "\n"
	if cmd.Runnable() || cmd.HasAvailableSubCommands() {
		text += "\n" + usageText(cmd)
	}
	_, err := io.WriteString(cmd.OutOrStdout(), text)
	return err
}

// usage prints what help does after the description.
func usage(cmd *cobra.Command) error {
	_, err := io.WriteString(cmd.OutOrStdout(), usageText(cmd))
	return err
}

// usageText is the rest of the help in kubectl's order: examples, commands,
// options, the usage line. Global flags are left to "kubectl micro options".
func usageText(cmd *cobra.Command) string {
	var parts []string
	add := func(title, text string) {
		if text = strings.TrimRight(text, "\n "); text != "" {
			parts = append(parts, title+"\n"+text+"\n")
		}
	}
	add("Examples:", indent(cmd.Example))
	for _, g := range cmd.Groups() {
		add(g.Title, commands(cmd, g.ID))
	}
	title := "Available Commands:"
	if len(cmd.Groups()) > 0 {
		title = "Other Commands:"
	}
	add(title, commands(cmd, ""))
	add("Help Topics:", topics(cmd))
	if cmd.HasParent() {
		add("Options:", flagUsages(cmd.LocalFlags()))
	}
	add("Usage:", "  "+strings.Join(UsageLines(cmd), "\n  "))
	if cmd.HasAvailableSubCommands() {
		parts = append(parts, fmt.Sprintf("Use %q for more about a command.\n", cmd.CommandPath()+" [command] --help"))
	}
	parts = append(parts, fmt.Sprintf("Use %q for the global flags, which every command takes.\n", Name+" options"))
	return strings.Join(parts, "\n")
}

// UsageLines are the ways to call a command: by itself, if its Use line names
// arguments of its own or it has no sub-commands, and by a sub-command.
func UsageLines(cmd *cobra.Command) []string {
	var lines []string
	if !cmd.HasSubCommands() || strings.Contains(cmd.Use, " ") {
		lines = append(lines, cmd.UseLine())
	}
	if cmd.HasSubCommands() {
		lines = append(lines, cmd.CommandPath()+" [command] [flags]")
	}
	return lines
}

// commands lists the available sub-commands of a group.
func commands(cmd *cobra.Command, group string) string {
	var b strings.Builder
	for _, c := range cmd.Commands() {
		if c.GroupID == group && (c.IsAvailableCommand() || c.Name() == "help") {
			fmt.Fprintf(&b, "  %-*s  %s\n", c.NamePadding(), c.Name(), c.Short)
		}
	}
	return b.String()
}

func topics(cmd *cobra.Command) string {
	var b strings.Builder
	for _, c := range cmd.Commands() {
		if c.IsAdditionalHelpTopicCommand() {
			fmt.Fprintf(&b, "  %-*s  %s\n", c.NamePadding(), c.Name(), c.Short)
		}
	}
	return b.String()
}

// flagUsages prints flags as kubectl does: every flag on a line of its own with
// its default, the explanation below it.
func flagUsages(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden || flag.Name == "help" {
			return
		}
		short := "    "
		if flag.Shorthand != "" {
			short = "-" + flag.Shorthand + ", "
		}
		value := flag.DefValue
		if flag.Value.Type() == "string" {
			value = "'" + value + "'"
		}
		fmt.Fprintf(&b, "    %s--%s=%s:\n%s\n\n", short, flag.Name, value, wrap(flag.Usage, "\t", 92))
	})
	return b.String()
}

// wrap breaks text at blanks into lines of at most width characters.
func wrap(text, prefix string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, prefix+line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, prefix+line), "\n")
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(Doc(text)) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}
