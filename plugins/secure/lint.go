// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
)

// traps are the rules about policies: of NetworkPolicy and its cluster-wide kin,
// of Istio's security, and the misspelt fields of both.
var traps = []string{"KM70*", "KM90*", "KM6006"}

// audited are the rules of hygiene that are about security.
func audited() []string {
	var out []string
	for _, r := range posture.Rules() {
		out = append(out, r.ID)
	}
	return out
}

func newLint(f *cli.Factory) *cobra.Command {
	flags := checkup.NewFlags(checkup.Defaults{Only: traps, FailOn: "warning"})
	cmd := &cobra.Command{
		Use:   "lint [TARGET]",
		Short: "Find policies that do not do what they seem to say",
		Long: cli.Doc(`
			Check policies for the traps of their semantics: rules that isolate nothing, ports
			that are those of the Service, identities that nobody has, HTTP fields on TCP ports,
			paths that match less or more than meant, policies that nobody meets. The rules are
			those of "diagnose" about NetworkPolicy and Istio's security.

			The exit code is 1 when something is found at --fail-on (warning) or above.`),
		Example: `
			# The policies of a directory
			kubectl micro secure lint -f examples/article

			# Those of a namespace, for a code review
			kubectl micro secure lint -n shop -o sarif`,
		Args:              checkup.OneTarget,
		ValidArgsFunction: checkup.CompleteTargets(f, &flags.World),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	return cmd
}

func newAudit(f *cli.Factory) *cobra.Command {
	flags := checkup.NewFlags(checkup.Defaults{Only: audited(), FailOn: "never", All: true})
	cmd := &cobra.Command{
		Use:   "audit [TARGET]",
		Short: "Show what could be locked down: pods, accounts, rights, exposure, mesh",
		Long: cli.Doc(`
			Look for what is weaker than it could be, though nothing is broken: the Pod Security
			level that a namespace reaches and the label that could be set without breaking a
			pod, accounts and rights that are wider than they need to be, secrets in plain
			sight, what the internet and every namespace can reach, workloads outside of the
			mesh, and policies that change nothing.

			All findings are notes; --fail-on info makes them fail the run.`),
		Example: `
			# A namespace
			kubectl micro secure audit -n shop

			# Manifests, in a pipeline
			kubectl micro secure audit -f examples/shop-by-hand --fail-on info -o github`,
		Args:              checkup.OneTarget,
		ValidArgsFunction: checkup.CompleteTargets(f, &flags.World),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	return cmd
}
