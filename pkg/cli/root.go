// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// GroupPlugins is the help group of the commands that do the work; a plugin's
// command joins it by its GroupID.
const GroupPlugins = "plugins"

// Plugin makes the command of one plugin.
type Plugin = func(*Factory) *cobra.Command

// NewRoot returns the command tree: the global flags, the plugins' commands,
// help as kubectl shows it and the same answer to every mistake on the command
// line (exit code 2, with what was perhaps meant).
func NewRoot(f *Factory, plugins []Plugin) *cobra.Command {
	root := &cobra.Command{
		Use:   binary,
		Short: "Work with microservices on Kubernetes and Istio: scaffold, release, diagnose, secure and watch them",
		Long: Doc(`
			Work with microservices on Kubernetes and Istio: scaffold, release, diagnose,
			secure and watch them.

			Every command works on the cluster of your kubeconfig, and offline on files (-f)
			wherever that makes sense. Commands that write show what they would do with
			--dry-run=client or --diff.`),
		Example: Doc(`
			# Find what is broken in files, without a cluster
			kubectl micro diagnose -f manifests/

			# Send 10 % of the traffic to the new version
			kubectl micro canary user-service --weight 10`),
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: Name},
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(f.Streams.In)
	root.SetOut(f.Streams.Out)
	root.SetErr(f.Streams.ErrOut)
	root.AddGroup(&cobra.Group{ID: GroupPlugins, Title: "Commands:"})
	f.addGlobalFlags(root)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(usage)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { f.unwritten = help(cmd) })

	for _, plugin := range plugins {
		root.AddCommand(plugin(f))
	}
	root.AddCommand(newOptions(), newTopic("exit-codes", "What the exit codes mean", exitCodes()),
		newTopic("environment", "Environment variables the commands read", environment()), newRights())
	addHelp(root)
	f.finish(root)
	return root
}

func (f *Factory) addGlobalFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	f.connection.AddFlags(flags)
	f.color.AddFlags(flags)
	flags.IntVarP(&f.verbosity, "v", "v", f.verbosity, "Number for the log level verbosity of the Kubernetes client")
	f.connection.complete(root)
}

// finish prepares a finished tree of commands: completion of flags and arguments
// that have none of their own, an answer to unknown sub-commands, and a note of
// which command runs.
func (f *Factory) finish(c *cobra.Command) {
	complete := func(flag *pflag.Flag) { f.completeFlag(c, flag) }
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = cobra.NoFileCompletions // but for its sub-commands
	}
	c.PersistentFlags().VisitAll(complete)
	c.LocalNonPersistentFlags().VisitAll(complete)
	for _, child := range c.Commands() {
		f.finish(child)
	}
	if c.HasAvailableSubCommands() && !c.Runnable() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = group
	}
	if run := c.RunE; run != nil {
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if err := f.begin(cmd); err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
}

// begin is called when a command line has proved sound.
func (f *Factory) begin(cmd *cobra.Command) error {
	f.command, f.typed = cmd.CommandPath(), cmd
	err := f.settle(cmd)
	if err != nil && explains(cmd) {
		for _, one := range fault.All(err) {
			fmt.Fprintf(f.Streams.ErrOut, "warning: %s\n", render.Sanitise(one.Error()))
		}
		err = nil
	}
	if err != nil || f.setLog == nil {
		return err
	}
	return fault.Wrap(fault.Usage, f.setLog(f.verbosity), "-v %d", f.verbosity)
}

// explains reports whether a command has to work with settings that are wrong: it is
// where somebody looks up what is right.
func explains(cmd *cobra.Command) bool {
	for cmd.Parent() != nil && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return slices.Contains([]string{"help", "options", "exit-codes", "environment", "rbac", "version", "completion"}, cmd.Name())
}

// group runs a command that only has sub-commands: alone it shows its help.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknown(cmd, args[0], cmd.CommandPath()+" ", (*cobra.Command).IsAvailableCommand)
}

// addHelp adds cobra's command "help" with its completion, and with an error for
// what there is no help about: cobra shows the root's help then.
func addHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Run, c.RunE, c.ValidArgsFunction = nil, explainCommand, completeTopic
			c.Long = "Show the help of a command or of a topic, as COMMAND --help does."
			c.Example = "kubectl micro help canary status\nkubectl micro help exit-codes"
		}
	}
}

// explainCommand runs "help COMMAND".
func explainCommand(cmd *cobra.Command, args []string) error {
	about, rest, err := cmd.Root().Find(args)
	if err != nil {
		return misused(err)
	}
	if len(rest) == 0 {
		return about.Help()
	}
	path := cmd.CommandPath() + strings.TrimPrefix(about.CommandPath(), about.Root().CommandPath()) + " "
	if about.HasParent() && !about.Runnable() {
		err := fault.Usagef("no topic %q below %q", rest[0], strings.TrimSpace(path))
		var names, tries []string
		for _, c := range about.Commands() {
			names = append(names, c.Name())
		}
		if near := ref.Closest(rest[0], names); len(near) > 0 {
			names = near
		}
		for _, name := range names {
			tries = append(tries, path+name)
		}
		return err.Try("%s", strings.Join(tries, "\n"))
	}
	return unknown(about, rest[0], path, explained)
}

// explained reports whether there is a help about a command, or a topic.
func explained(c *cobra.Command) bool {
	return c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() || slices.ContainsFunc(c.Commands(), explained)
}

// completeTopic completes what "help" is asked about: commands and topics.
func completeTopic(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	about, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var offers []cobra.Completion
	for _, c := range about.Commands() {
		if explained(c) {
			offers = append(offers, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return Matching(offers, typed)
}

// unknown is the answer to a sub-command that cmd does not have. Prefix goes
// before those of its sub-commands, among the eligible, that were perhaps meant.
func unknown(cmd *cobra.Command, name, prefix string, eligible func(*cobra.Command) bool) error {
	var names []string
	for _, c := range cmd.Commands() {
		if eligible(c) {
			names = append(append(names, c.Name()), c.Aliases...)
		}
	}
	var tries []string
	for _, near := range ref.Closest(name, names) {
		tries = append(tries, prefix+near)
	}
	err := fault.Usagef("unknown command %q for %q", name, cmd.CommandPath())
	if len(tries) == 0 {
		return err.Try("%s --help", cmd.CommandPath())
	}
	return err.Try("%s", strings.Join(tries, "\n"))
}

// flagError adds the flags that were perhaps meant.
func flagError(cmd *cobra.Command, err error) error {
	out := fault.New(fault.Usage, "%s", err)
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "duration" {
		if _, err := strconv.ParseUint(invalid.GetValue(), 10, 32); err == nil {
			return out.Try("--%s=%ss", invalid.GetFlag().Name, invalid.GetValue()) // as kubectl takes it
		}
	}
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) || missing.GetSpecifiedShortnames() != "" {
		return out
	}
	var names, tries []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			names = append(names, flag.Name)
		}
	})
	for _, name := range ref.Closest(missing.GetSpecifiedName(), names) {
		tries = append(tries, "--"+name)
	}
	return out.Try("%s", strings.Join(tries, "\n"))
}

// misused makes an error that came before the command ran a usage error.
func misused(err error) error {
	var typed *fault.Error
	if errors.As(err, &typed) {
		return err
	}
	return fault.New(fault.Usage, "%s", strings.TrimSpace(err.Error()))
}

// advised adds to a usage error that offers nothing else where to read on.
func advised(cmd *cobra.Command, err error) error {
	if typed, ok := err.(*fault.Error); ok && typed.Kind == fault.Usage && typed.Hint == "" && !typed.Silent {
		return typed.Try("%s --help", cmd.CommandPath())
	}
	return err
}
