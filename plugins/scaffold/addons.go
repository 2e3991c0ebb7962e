// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// listAddons is the word of --with that asks which others there are.
const listAddons = "help"

// asksForAddons reports whether the table of addons is wanted, and no service.
func asksForAddons(cmd *cobra.Command) bool {
	with, err := cmd.Flags().GetStringSlice("with")
	return err == nil && slices.Contains(with, listAddons)
}

// nameOrHelp is the check of the arguments of "scaffold NAME".
func nameOrHelp(cmd *cobra.Command, args []string) error {
	if asksForAddons(cmd) {
		return nil
	}
	return oneName(cmd, args)
}

// printAddons prints what --with, and "with" in a file, may name.
func printAddons(f *cli.Factory) error {
	table := f.Table("ADDON", "VARIANTS", "MAKES")
	for _, a := range app.Addons() {
		table.Rows = append(table.Rows, []string{a.Name, dashed(strings.Join(a.Variants, ", ")), a.Short})
	}
	return fault.Wrap(fault.Failed, table.Write(f.Streams.Out), "write the addons")
}

// addonWords are all that --with takes.
func addonWords() []string {
	out := []string{listAddons}
	for _, a := range app.Addons() {
		out = append(out, a.Name)
		for _, v := range a.Variants {
			out = append(out, a.Name+"="+v)
		}
	}
	return out
}
