// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package canary is `kubectl micro canary`: it shifts the traffic of a service
// between two versions. This package only reads flags, loads the world, asks
// pkg/canary what to do and prints or carries it out.
package canary

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// NewCommand returns the canary command with its verbs.
func NewCommand(f *cli.Factory) *cobra.Command {
	flags := newSetFlags()
	cmd := &cobra.Command{
		Use:     "canary [SERVICE] --weight PERCENT",
		GroupID: cli.GroupPlugins,
		Short:   "Shift traffic between two versions of a service",
		Long: cli.Doc(`
			Send a share of a service's traffic to its new version.

			The service's own VirtualService, HTTPRoute or GRPCRoute is changed, nothing is
			installed and no Deployment is touched. Only the weights change; comments, other
			routes and other destinations stay as they are. The routes remember what was
			before, so that "abort" takes back exactly what was done.

			Before anything is written, the new version must be reachable and ready; a
			refusal (exit code 6) says what to do about it.

			SERVICE may be a service, a route ("vs/NAME", "httproute/NAME"), or left out
			where only one service can be meant.

			With -f, files or standard input are changed and printed, and no cluster is
			contacted.`),
		Example: `
			# Send 10 % of the traffic to the new version
			kubectl micro canary user-service --weight 10

			# See what would change, as a diff
			kubectl micro canary user-service --weight 10 --diff

			# Take it back
			kubectl micro canary abort user-service

			# As a filter, without a cluster
			kubectl micro canary user-service --weight 10 -f examples/shop-by-hand -o yaml

			# Change the file in a git checkout, comments kept
			kubectl micro canary user-service --weight 10 -f examples/shop-by-hand --in-place`,
		Args: oneService,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := flags.options(f, cmd, args)
			if err != nil {
				return err
			}
			return flags.timeout.Run(cmd.Context(), o.run)
		},
	}
	flags.addFlags(cmd.Flags())
	flags.complete(f, cmd)
	cmd.AddCommand(newPlan(f), newStatus(f), newAbort(f))
	return cmd
}

// newPlan is the set command that writes nothing.
func newPlan(f *cli.Factory) *cobra.Command {
	flags := newSetFlags()
	cmd := &cobra.Command{
		Use:   "plan [SERVICE] --weight PERCENT",
		Short: "Check a shift and show its patch, without writing",
		Long: cli.Doc(`
			Run every check of "canary --weight" and show the exact patch. Nothing is written.
			The exit code is 0 when the shift could be made and 6 when it would be refused.`),
		Example: `
			# What would 10 % change?
			kubectl micro canary plan user-service --weight 10

			# The patch alone, for kubectl patch --type=json
			kubectl micro canary plan user-service --weight 10 -o patch`,
		Args: oneService,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.plan = true
			o, err := flags.options(f, cmd, args)
			if err != nil {
				return err
			}
			return flags.timeout.Run(cmd.Context(), o.run)
		},
	}
	flags.addFlags(cmd.Flags())
	flags.complete(f, cmd)
	flags.addSnapshot(cmd)
	for _, name := range []string{"dry-run", "in-place", "field-manager", "force-conflicts", "yes"} {
		_ = cmd.Flags().MarkHidden(name)
	}
	return cmd
}

// oneService accepts at most one argument and explains a second.
func oneService(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	err := fault.Usagef("expected one service, found %d: %q", len(args), args)
	if near := ref.Closest(args[0], verbs(cmd)); len(near) > 0 {
		return err.Try("did you mean %q?", cmd.CommandPath()+" "+near[0])
	}
	return err.Try("run it once for each: %s %s ...", cmd.CommandPath(), args[0])
}

// weightless explains a missing --weight: it may have been a verb that was meant.
func weightless(cmd *cobra.Command, args []string) error {
	err := fault.Usagef("expected --weight with the new version's share of the traffic")
	if len(args) > 0 {
		if near := ref.Closest(args[0], verbs(cmd)); len(near) > 0 {
			return err.Try("did you mean %q?", cmd.CommandPath()+" "+near[0])
		}
	}
	words := append([]string{cmd.CommandPath()}, args...)
	if n := cmd.Flag("namespace"); n.Changed {
		words = append(words, "-n", n.Value.String())
	}
	return err.Try("%s --weight 10", strings.Join(words, " "))
}

func verbs(cmd *cobra.Command) []string {
	var out []string
	for _, c := range cmd.Commands() {
		out = append(out, c.Name())
	}
	return out
}
