// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

func newDiff(f *cli.Factory) *cobra.Command {
	flags := newFileFlags()
	cmd := &cobra.Command{
		Use:   "diff [-f FILE]",
		Short: "Show what update would change in the files",
		Long: cli.Doc(`
			Show what "update" would change, as a unified diff, which "git apply" and "patch -p1"
			read in the folder of the app file. Nothing is written.

			As with kubectl diff, the exit code is 0 without a difference, 1 with one, and above 1
			when it cannot be told. Conflicts are on stderr.`),
		Example: `
			# Is everything up to date? In a pipeline, say
			kubectl micro scaffold diff

			# What would be generated into a new folder?
			kubectl micro scaffold diff --output-dir k8s --layout kustomize`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, plan, err := flags.plan(f, cmd, false)
			if err != nil {
				return err
			}
			defer d.Close()
			var out bytes.Buffer
			for _, c := range plan.Changes {
				out.WriteString(unified(c))
			}
			flags.tell(f.Streams.ErrOut, plan)
			if _, err := out.WriteTo(f.Streams.Out); err != nil {
				return fault.Wrap(fault.Failed, err, "write the difference")
			}
			if len(plan.Changes) > 0 {
				return fault.Silently(fault.Negative)
			}
			return nil
		},
	}
	flags.addFlags(cmd)
	flags.addMergeFlags(cmd)
	return cmd
}

// unified is a change in the form of git diff.
func unified(c update.Change) string {
	before, after := "a/"+c.Path, "b/"+c.Path
	if c.Before == nil {
		before = "/dev/null"
	}
	if c.After == nil {
		after = "/dev/null"
	}
	return render.Unified(before, string(c.Before), after, string(c.After))
}
