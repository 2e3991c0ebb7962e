// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package config is `kubectl micro config`: which flags can be set once and for all,
// and where their values come from.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
)

// NewCommand returns the config command.
func NewCommand(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the values that flags have when they are not given",
		Long: cli.Doc(`
			Values for flags that are not given, in the order in which they win:

			  the flag itself                  --window 10m
			  its environment variable         KUBECTL_MICRO_WINDOW=10m
			  the file, for the context        contexts: {prod: {window: 10m}}
			  the file, for the command        commands: {monitor stat: {window: 10m}}
			  the file, for all commands       defaults: {window: 10m}
			  the default

			The file is ~/.kube/micro.yaml, or what KUBECTL_MICRO_CONFIG names, with
			apiVersion kubectl-micro.dev/v1alpha1 and kind Settings. Only flags about how to
			look and to show can be set: what is written, and where, is always on the command
			line.`),
		Example: cli.Doc(`
			# The timeout of every command, for this shell
			export KUBECTL_MICRO_TIMEOUT=1m

			# What is set, and where?
			kubectl micro config view`),
	}
	cmd.AddCommand(newView(f))
	return cmd
}

func newView(f *cli.Factory) *cobra.Command {
	report := cli.NewReportFlags("table", "json", "yaml")
	all := false
	cmd := &cobra.Command{
		Use:   "view [COMMAND]",
		Short: "Show which values are set, and where",
		Long: cli.Doc(`
			Show the flags that somebody has set, with their values and where these stand:
			an environment variable, or a line of the file. With a command, its flags only;
			with --all, those that nobody has set as well.`),
		Example: `
			# What is set?
			kubectl micro config view

			# Everything that can be set for a command
			kubectl micro config view monitor stat --all`,
		ValidArgsFunction: complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := report.Validate(); err != nil {
				return err
			}
			s, err := f.Settings()
			if err != nil {
				return err
			}
			commands := cli.Commands(cmd.Root())
			if err := s.Unknown(commands); err != nil {
				return err
			}
			of := cmd.Root()
			if len(args) > 0 {
				found, rest, err := of.Find(args)
				if err != nil || len(rest) > 0 {
					return fault.Usagef("no command %q", strings.Join(args, " ")).Try("kubectl micro --help")
				}
				of = found
			}
			found, wrong := rows(f, of, s, all)
			doubt(f)
			if len(found) == 0 {
				fmt.Fprintln(f.Streams.ErrOut, "nothing is set; --all shows what can be")
			}
			return errors.Join(write(f, report, found), wrong)
		},
	}
	report.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&all, "all", false, "Show the flags that nobody has set as well")
	return cmd
}

// rows are the settings of a command and of those below it. Flags that all commands
// take are shown once. The error is of the values that a command would refuse.
func rows(f *cli.Factory, of *cobra.Command, s settings.Settings, all bool) ([]api.Setting, error) {
	var out []api.Setting
	wrong := map[string]error{}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, one := range f.SettingsOf(c, s) {
			shown := c != of && c.InheritedFlags().Lookup(one.Flag.Name) != nil && !own(s, c, one.Flag.Name)
			if shown || one.From == "" && !all {
				continue
			}
			r := api.Setting{Command: strings.TrimPrefix(c.CommandPath(), cli.Name), Flag: one.Flag.Name, Value: one.Text}
			r.Command = cmp.Or(strings.TrimSpace(r.Command), "*")
			if one.From != "" {
				r.From = &one.From
				if err := one.Flag.Value.Set(one.Text); err != nil {
					refused := cli.BadSetting(one, err)
					wrong[refused.Error()] = refused
				}
			}
			out = append(out, r)
		}
		for _, child := range c.Commands() {
			if child.IsAvailableCommand() {
				walk(child)
			}
		}
	}
	walk(of)
	slices.SortFunc(out, func(a, b api.Setting) int {
		return cmp.Or(cmp.Compare(a.Command, b.Command), cmp.Compare(a.Flag, b.Flag))
	})
	var errs []error
	for _, text := range slices.Sorted(maps.Keys(wrong)) {
		errs = append(errs, wrong[text])
	}
	return out, errors.Join(errs...)
}

// doubt warns of variables that nobody reads.
func doubt(f *cli.Factory) {
	known := []string{}
	for _, v := range cli.Environment() {
		known = append(known, v.Name)
	}
	for _, flag := range settings.Flags() {
		known = append(known, settings.Variable(flag))
	}
	for _, one := range os.Environ() {
		name, value, _ := strings.Cut(one, "=")
		if value == "" || !strings.HasPrefix(name, settings.Variable("")) || slices.Contains(known, name) {
			continue
		}
		fmt.Fprintf(f.Streams.ErrOut, "warning: nothing reads %s\n", name)
		if near := ref.Closest(name, known); len(near) > 0 {
			fmt.Fprintf(f.Streams.ErrOut, "try: %s\n", near[0])
		}
	}
}

// own reports whether the file sets a flag for the very command.
func own(s settings.Settings, c *cobra.Command, flag string) bool {
	_, ok := s.Commands[strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), cli.Name))][flag]
	return ok
}

func write(f *cli.Factory, report *cli.ReportFlags, rows []api.Setting) error {
	if report.Output != "table" {
		return render.Report(f.Streams.Out, report.Output, api.SettingList{
			TypeMeta: api.Type("SettingList"), File: f.SettingsFile(), Settings: append([]api.Setting{}, rows...),
		})
	}
	t := f.Table("COMMAND", "FLAG", "VALUE", "FROM")
	t.NoHeaders = report.NoHeaders
	for _, r := range rows {
		from := "default"
		if r.From != nil {
			from = *r.From
		}
		t.Rows = append(t.Rows, []string{r.Command, "--" + r.Flag, r.Value, from})
	}
	return t.Write(f.Streams.Out)
}

// complete offers the commands, word by word.
func complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	of := cmd.Root()
	if len(args) > 0 {
		found, rest, err := of.Find(args)
		if err != nil || len(rest) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		of = found
	}
	var out []string
	for _, c := range of.Commands() {
		if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), typed) {
			out = append(out, c.Name())
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
