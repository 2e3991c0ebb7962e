// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// newAbort takes a canary back.
func newAbort(f *cli.Factory) *cobra.Command {
	flags := &targetFlags{}
	print, write := cli.NewPrintFlags(), cli.NewWriteFlags("canary")
	var inPlace, unready bool
	headroom := 1.0
	cmd := &cobra.Command{
		Use:   "abort [SERVICE]",
		Short: "Take a canary back: the weights get what they had before",
		Long: cli.Doc(`
			Give every weight that "canary --weight" wrote what it had before, and end the
			session. All that others changed meanwhile stays. A weight that somebody else
			has written since is a conflict (exit code 5): nothing is written then. Where
			the new version had more traffic before, it must be ready for it (exit code 6).`),
		Example: `
			# Take the canary of user-service back
			kubectl micro canary abort user-service

			# See what that would change
			kubectl micro canary abort user-service --diff`,
		Args: oneService,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := flags.query(f, cmd, args)
			if err != nil {
				return err
			}
			set := setFlags{targetFlags: *flags, print: print, write: write, inPlace: inPlace, headroom: headroom}
			if err := set.validate(f); err != nil {
				return err
			}
			o := &options{
				Factory: f, world: world{Factory: f, flags: flags, managed: print.ShowManagedFields},
				again: newAgain(cmd, flags.files, ""), write: write, inPlace: inPlace, abort: true,
				intent: canary.Intent{Query: q, Tolerance: canary.Tolerance{Unready: unready, Headroom: headroom}},
			}
			if o.print, err = print.Objects(""); err != nil {
				return err
			}
			return flags.timeout.Run(cmd.Context(), o.run)
		},
	}
	flags.addFlags(cmd.Flags(), "change")
	flags.complete(f, cmd)
	print.AddFlags(cmd.Flags())
	write.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&inPlace, "in-place", false, "Write the change into the files of -f, comments kept")
	cmd.Flags().BoolVar(&unready, "allow-unready", false, unreadyUsage)
	cmd.Flags().Float64Var(&headroom, "headroom", headroom, headroomUsage)
	for _, name := range []string{"stable", "canary", "route"} { // the session says it
		_ = cmd.Flags().MarkHidden(name)
	}
	return cmd
}
