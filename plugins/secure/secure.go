// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package secure is `kubectl micro secure`: who may call whom, why, and the
// policies that make it so. This package only reads flags, loads the world, asks
// pkg/reach and pkg/policy, and prints or carries out what they answer.
package secure

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
)

// NewCommand returns the secure command with its verbs.
func NewCommand(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "secure",
		GroupID: cli.GroupPlugins,
		Short:   "See who may call whom and why, and write policies that lock nobody out",
		Long: cli.Doc(`
			One answer over every layer: network policies, mutual TLS, tokens and Istio's
			authorization policies, with the object and the rule that decide.

			"check" answers for one request, "map" for everybody, "diff" for what manifests
			would change, "mtls" for how it is encrypted. "allow", "deny-by-default" and "plan"
			write the smallest policies for what is meant, and refuse (exit code 6) what would
			cut DNS, probes, metrics, the control plane, ingress or a caller that is known.

			With -f, manifests are looked at and no cluster is contacted; with --overlay they
			are laid over the cluster.`),
		Example: "kubectl micro secure map -n shop",
	}
	cmd.AddCommand(newCheck(f), newMap(f), newDiff(f), newMTLS(f), newAllow(f), newDenyByDefault(f), newPlan(f), newLint(f), newAudit(f))
	return cmd
}

func newCheck(f *cli.Factory) *cobra.Command {
	flags := trace.NewFlags(trace.Short)
	cmd := &cobra.Command{
		Use:   "check A B",
		Short: "Say whether a request gets from A to B, and which object decides",
		Long: cli.Doc(`
			Follow one request from A to B: the network policies at both ends, mutual TLS, the
			token and the authorization policies, in the order of the packet. A denial names
			the object, the rule, file and line, the rule that comes nearest and what to change.

			A and B are "deploy/NAME" and other workloads, "pod/NAME", "svc/NAME[:PORT]",
			"sa/NAMESPACE/NAME", "gateway/NAME", an IP address, "internet", "prometheus" or
			"kubelet"; objects take "NAMESPACE/" in front.

			What is left open (--method, --path, --claims and so on) may be anything: an answer
			that hangs on it is "allowed in part", and the text says which requests get through.

			The exit code is 0 for allowed, 1 for denied and 4 for unknown.`),
		Example: `
			# May the frontend call the backend?
			kubectl micro secure check deploy/api-gateway svc/user-service -n shop

			# One request
			kubectl micro secure check deploy/api-gateway svc/user-service --method GET --path /users/1

			# The same on files, without a cluster
			kubectl micro secure check deploy/api-gateway svc/user-service -f examples/shop-by-hand

			# In a script, where 1 is no, and anything above a failure to tell
			kubectl micro secure check prometheus deploy/user-service-v1:9090 -q; [ $? -ne 1 ] || echo "not scraped"`,
		Args:              trace.Args,
		ValidArgsFunction: trace.CompleteEnds(f, &flags.World, 2),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	return cmd
}
