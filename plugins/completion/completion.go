// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package completion is `kubectl micro completion`: it makes TAB work after
// `kubectl micro`, which takes a second file that Krew does not install.
package completion

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// NewCommand returns the completion command.
func NewCommand(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "Make TAB complete commands, services, routes and rules",
		Long: cli.Doc(`
			Make TAB work.

			kubectl completes the arguments of a plugin by a second program beside it,
			kubectl_complete-micro. "make install" writes it, Krew cannot: "install" does.

			The other sub-commands print a script for the program under its own name,
			kubectl-micro, for those who call it without kubectl.`),
		Example: "kubectl micro completion install",
	}
	cmd.AddCommand(newInstall(f))
	for _, s := range shells {
		cmd.AddCommand(newScript(s))
	}
	return cmd
}

// shell is one that scripts can be made for.
type shell struct {
	name string
	// load is how to use the script in a running shell.
	load  string
	write func(root *cobra.Command, w io.Writer) error
}

var shells = []shell{
	{"bash", "source <(kubectl-micro completion bash)",
		func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", "source <(kubectl-micro completion zsh)", (*cobra.Command).GenZshCompletion},
	{"fish", "kubectl-micro completion fish | source",
		func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
	{"powershell", "kubectl-micro completion powershell | Out-String | Invoke-Expression", (*cobra.Command).GenPowerShellCompletionWithDesc},
}

func newScript(s shell) *cobra.Command {
	return &cobra.Command{
		Use:   s.name,
		Short: "Print the script that completes kubectl-micro in " + s.name,
		Long: cli.Doc(`
			Print the script that completes kubectl-micro, called by that name, in ` + s.name + `.
			For "kubectl micro" see "kubectl micro completion install".`),
		Example: "# In this shell\n" + s.load,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// The script asks the program by the name it is found under.
			root := cmd.Root()
			delete(root.Annotations, cobra.CommandDisplayNameAnnotation)
			return s.write(root, cmd.OutOrStdout())
		},
	}
}
