// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// writeFlags are those of the verbs that do nothing but write policies.
type writeFlags struct {
	lookFlags
	change changeFlags
	mesh   string
	layers []string
}

func newWriteFlags() writeFlags {
	w := writeFlags{change: newChangeFlags(), mesh: "detect"}
	w.report = cli.NewReportFlags("table", "yaml", "json")
	return w
}

func (w *writeFlags) addFlags(cmd *cobra.Command) {
	w.lookFlags.addFlags(cmd)
	w.change.addFlags(cmd.Flags())
	cli.EnumVar(cmd.Flags(), &w.mesh, "mesh", "", "How the workloads' traffic meets the mesh; what pods and labels say by default", "detect", "none", "sidecar", "ambient")
	cmd.Flags().StringSliceVar(&w.layers, "layers", []string{"network", "authorization"}, "Kinds of policies to write: network, authorization, mtls")
	cli.Offer(cmd.Flags(), "layers", "network", "authorization", "mtls")
}

var (
	layers = map[string]policy.Layers{"network": policy.Network, "authorization": policy.Authorization, "mtls": policy.MTLS}
	meshes = map[string]policy.Dataplane{"detect": policy.Detect, "none": policy.NoMesh, "sidecar": policy.Sidecar, "ambient": policy.Ambient}
)

// options are what the flags tell about how to write policies.
func (w *writeFlags) options() (policy.Options, error) {
	o := policy.Options{TrustDomain: w.engine.TrustDomain(), Mesh: meshes[w.mesh]}
	for _, name := range w.layers {
		layer, known := layers[name]
		if !known {
			return o, fault.Usagef("--layers %q: expected network, authorization or mtls", name)
		}
		o.Layers |= layer
	}
	return o, nil
}

// run reads the world, has policies made of it and carries them out.
func (w *writeFlags) run(f *cli.Factory, cmd *cobra.Command, print bool, generate func(*world.World, *world.Seen, *made) error) error {
	if err := w.change.validate(f.Streams); err != nil {
		return err
	}
	o, err := w.options()
	if err != nil {
		return err
	}
	l, err := w.start(f, cmd)
	if err != nil {
		return err
	}
	return w.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
		seen, err := l.see(ctx)
		if err != nil {
			return err
		}
		m := made{options: o}
		if err := generate(l.world, seen, &m); err != nil {
			return err
		}
		return l.carry(ctx, &w.change, seen, m, print)
	})
}

func newAllow(f *cli.Factory) *cobra.Command {
	flags := newWriteFlags()
	var r policy.Request
	cmd := &cobra.Command{
		Use:   "allow A B",
		Short: "Let A call B, by the smallest change of policies",
		Long: cli.Doc(`
			Write what is missing for A to call B: a rule of the NetworkPolicy at each end that
			is closed, and of the AuthorizationPolicy where B has one. Only policies written by
			this command are changed; where somebody else's policy would have to be, the patch
			is offered and not applied.

			The policies are shown first, and checked on the world that they would make.
			Without --yes a question is asked before they are written; with -f, -o yaml, --diff
			and --dry-run nothing is.`),
		Example: `
			# Let the order service call the user service
			kubectl micro secure allow deploy/order-service svc/user-service -n shop

			# Only GET of one path, as YAML for a pull request
			kubectl micro secure allow deploy/order-service svc/user-service --methods GET --paths '/users/{*}' -f examples/shop-by-hand -o yaml`,
		Args:              trace.Args,
		ValidArgsFunction: trace.CompleteEnds(f, &flags.world, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, to, err := trace.Ends(cmd, args)
			if err != nil {
				return err
			}
			return flags.run(f, cmd, false, func(w *world.World, seen *world.Seen, m *made) (err error) {
				r.From, r.To, r.Namespace = from, to, w.Home(seen.Snapshot)
				m.Set, err = policy.Allow(seen.Snapshot, r, m.options)
				for _, offer := range m.Offers {
					fmt.Fprintf(f.Streams.ErrOut, "%s closes this too and is not ours: see -o json for the patch, or ask who manages it\n", offer.Object)
				}
				return err
			})
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringSliceVar(&r.Methods, "methods", nil, "HTTP methods to let through; all by default")
	cli.Offer(cmd.Flags(), "methods", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	cmd.Flags().StringSliceVar(&r.Paths, "paths", nil, "Paths to let through, such as /users/* or /users/{*}; all by default")
	cmd.Flags().Int32SliceVar(&r.Ports, "port", nil, "Ports of B's pods; those of its Service by default")
	return cmd
}

func newDenyByDefault(f *cli.Factory) *cobra.Command {
	flags := newWriteFlags()
	egress := false
	cmd := &cobra.Command{
		Use:   "deny-by-default",
		Short: "Close a namespace but for the callers that are known",
		Long: cli.Doc(`
			Write policies that let in who is known to call (by environment variables,
			arguments, ConfigMaps, routes, Ingresses and monitors) and close everything else.
			Workloads without a known caller are listed, and refused (exit code 6, INV-SELF)
			unless that is what is meant.

			Allows are written before denials, and a workload's policies are one object for
			each layer, so that it is closed at once.`),
		Example: `
			# What would be written for a namespace?
			kubectl micro secure deny-by-default -n shop --diff

			# As YAML
			kubectl micro secure deny-by-default -f examples/shop-by-hand -n shop -o yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.run(f, cmd, false, func(w *world.World, seen *world.Seen, m *made) (err error) {
				m.options.Egress = egress
				namespace := w.Home(seen.Snapshot)
				if namespace == "" {
					return fault.Usagef("expected one namespace to close").Try("%s -n NAMESPACE", cmd.CommandPath())
				}
				m.Set, err = policy.DenyByDefault(seen.Snapshot, namespace, m.options)
				return err
			})
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().BoolVar(&egress, "egress", false, "Close what goes out too")
	return cmd
}

// demand writes the PeerAuthentication of "mtls --strict".
func (m *mtlsFlags) demand(ctx context.Context, l *look, workload string) error {
	if err := m.change.validate(l.Streams); err != nil {
		return err
	}
	seen, err := l.see(ctx)
	if err != nil {
		return err
	}
	out := made{options: policy.Options{TrustDomain: m.engine.TrustDomain()}}
	if out.Set, err = policy.Strict(seen.Snapshot, l.world.Home(seen.Snapshot), workload, out.options); err != nil {
		return err
	}
	return l.carry(ctx, &m.change, seen, out, false)
}
