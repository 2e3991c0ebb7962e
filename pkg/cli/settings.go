// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
)

// settingsVar names the file of settings; it is ~/.kube/micro.yaml otherwise.
const settingsVar = "KUBECTL_MICRO_CONFIG"

// SettingsFile is the name of the user's file of settings, which need not exist.
func (f *Factory) SettingsFile() string {
	if file := f.Getenv(settingsVar); file != "" {
		return file
	}
	home := f.Getenv("HOME")
	if home == "" {
		home = f.Getenv("USERPROFILE") // Windows
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".kube", "micro.yaml")
}

// Settings reads the user's file. One that is named has to exist, the usual one
// need not.
func (f *Factory) Settings() (settings.Settings, error) {
	file := f.SettingsFile()
	if file == "" {
		return settings.Settings{}, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && f.Getenv(settingsVar) == "" {
		return settings.Settings{}, nil
	}
	if err != nil {
		return settings.Settings{}, noSettings(file, err)
	}
	return settings.Read(file, data)
}

// noSettings is the error of a file of settings that cannot be read.
func noSettings(file string, err error) error {
	err = fault.Unreadable(file, err)
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	e.Message = "cannot read the settings"
	if errors.Is(err, fs.ErrNotExist) {
		return e.Try("unset %s, or have it name the file of settings; the one of --config is another", settingsVar)
	}
	return err
}

// Setting is a flag that can be set, with its value for one command.
type Setting struct {
	Flag *pflag.Flag
	// Value is where nobody has set it the default, with From empty.
	settings.Value
}

// writtenAnnotation is on flags that decide what is written.
const writtenAnnotation = "kubectl-micro.dev/written"

// Written marks flags that decide what a command writes, of which some have the name
// of one that can be set elsewhere: nothing but the command line sets these.
func Written(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		annotate(flags.Lookup(name), writtenAnnotation, "true")
	}
}

// Settable reports whether a variable or the file may set a flag.
func Settable(flag *pflag.Flag) bool {
	return slices.Contains(settings.Flags(), flag.Name) && flag.Annotations[writtenAnnotation] == nil
}

// SettingsOf returns the flags of a command that can be set, by name. Flags that
// were given on the command line are not among them.
func (f *Factory) SettingsOf(cmd *cobra.Command, s settings.Settings) []Setting {
	command := strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().CommandPath()), " ")
	context := ""
	if len(s.Contexts) > 0 {
		context = f.context()
	}
	var out []Setting
	for _, name := range settings.Flags() {
		flag := cmd.Flags().Lookup(name)
		if flag == nil {
			flag = cmd.InheritedFlags().Lookup(name)
		}
		if flag == nil || flag.Changed || !Settable(flag) {
			continue
		}
		value, ok := s.Find(f.Getenv, context, command, name)
		if !ok {
			value.Text = flag.DefValue
		}
		out = append(out, Setting{flag, value})
	}
	return out
}

// context is the name of the kubeconfig's context that is meant; empty without one.
// It is read by a loader of its own: that of the connection keeps the flags as they
// are at its first use, before they are settled.
func (f *Factory) context() string {
	if name := *f.connection.Context; name != "" {
		return name
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = *f.connection.KubeConfig
	config, err := rules.Load()
	if err != nil { // who needs a connection says so
		return ""
	}
	return config.CurrentContext
}

// settle gives the flags that were not given the values that the user has set. They
// stay as if not given: who asks whether a flag was typed means the command line.
func (f *Factory) settle(cmd *cobra.Command) error {
	s, err := f.Settings()
	if err != nil {
		return err
	}
	if err := s.Unknown(Commands(cmd.Root())); err != nil {
		return err
	}
	for _, one := range f.SettingsOf(cmd, s) {
		if one.From == "" {
			continue
		}
		if err := one.Flag.Value.Set(one.Text); err != nil {
			return BadSetting(one, err)
		}
	}
	return nil
}

// BadSetting is the error of a value that a flag does not take.
func BadSetting(one Setting, cause error) *fault.Error {
	return fault.Usagef("expected a value for --%s, found %q", one.Flag.Name, one.Text).At(one.From).Because(cause)
}

// Commands returns the names of all commands below one: "monitor", "monitor stat".
func Commands(root *cobra.Command) []string {
	var out []string
	for _, c := range root.Commands() {
		out = append(out, c.Name())
		for _, below := range Commands(c) {
			out = append(out, c.Name()+" "+below)
		}
	}
	return out
}
