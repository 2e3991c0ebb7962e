// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package completion

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

func newInstall(f *cli.Factory) *cobra.Command {
	var dir string
	var preview bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Put the program beside kubectl-micro that kubectl asks on TAB",
		Long: cli.Doc(`
			Put kubectl_complete-micro beside the kubectl-micro that kubectl runs, which is the
			first on the PATH: a link to it (on Windows, a batch file). It stays right when the
			plugin is upgraded. A file of that name that is not ours is left alone.`),
		Example: `
			# After "kubectl krew install micro/micro"
			kubectl micro completion install

			# Only say what would be done
			kubectl micro completion install --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := beside(dir, f.Getenv("PATH"))
			if err != nil {
				return err
			}
			done, err := h.install(preview)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(f.Streams.Out, "%s %s\n", filepath.Join(h.dir, h.name()), done); err != nil {
				return err
			}
			if done == created {
				fmt.Fprintln(f.Streams.ErrOut, "TAB works where kubectl's own completion does: see `kubectl completion --help`")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "Directory to write to, which has to be on the PATH; that of kubectl-micro if empty")
	_ = cmd.MarkFlagDirname("dir") // it exists
	cli.PreviewVar(cmd.Flags(), &preview, "Only say what would be done")
	return cmd
}
