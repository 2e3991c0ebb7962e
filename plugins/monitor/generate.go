// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

func newGenerate(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write what has to exist for services to be seen: monitors, SLO rules, dashboards, log collectors, rights",
		Long: cli.Doc(`
			Read a service and what is around it, from the cluster or from -f files, and print
			objects that fit: real names of ports, labels by which a Prometheus of the cluster
			selects, the TLS that pods demand. Nothing is written to a cluster.

			Why something is as it is stands above it as a comment; what has to be done besides
			is told on stderr, with the command that does it. The same input gives the same
			bytes.`),
		Example: "kubectl micro monitor generate servicemonitor order-service -n shop",
	}
	cmd.AddCommand(newGenerateServiceMonitor(f), newGeneratePodMonitor(f), newGenerateSLO(f), newGenerateDashboard(f), newGenerateLogging(f), newGenerateRBAC(f))
	return cmd
}

// generateFlags are those of all its verbs.
type generateFlags struct {
	world world.Flags
	// dir is --output-dir, force lets files there be replaced.
	dir   string
	force bool
}

func (g *generateFlags) addFlags(cmd *cobra.Command) {
	g.world.AddFlags(cmd, "read the services of")
	cmd.Flags().StringVar(&g.dir, "output-dir", "", "Write files into this directory instead of printing")
	_ = cmd.MarkFlagDirname("output-dir")
	cmd.Flags().BoolVar(&g.force, "force", false, "Replace files of --output-dir that say something else")
}

// generation is one run of one of its verbs.
type generation struct {
	*cli.Factory
	*generateFlags
	world *world.World
}

func (g *generateFlags) start(f *cli.Factory, cmd *cobra.Command) (*generation, error) {
	if err := g.validate(); err != nil {
		return nil, err
	}
	w, err := world.New(f, cmd, &g.world, false)
	return &generation{Factory: f, generateFlags: g, world: w}, err
}

// startApart is start for a verb that was told all it needs, and asks no cluster.
func (g *generateFlags) startApart(f *cli.Factory, namespace string) (*generation, error) {
	w := &world.World{Factory: f, Flags: &g.world, Namespace: namespace}
	return &generation{Factory: f, generateFlags: g, world: w}, g.validate()
}

func (g *generateFlags) validate() error {
	if err := g.world.Validate(); err != nil {
		return err
	}
	if g.force && g.dir == "" {
		return fault.Usagef("--force is about the files of --output-dir: expected it").Try("--output-dir k8s")
	}
	return nil
}

// generateKinds are what services are known by.
var generateKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{
	model.Namespaces.Kind, model.Services.Kind, model.Prometheuses.Kind, model.PrometheusAgents.Kind, model.PeerAuthentications.Kind,
})

// see reads one namespace, and of the others who selects and who demands TLS.
func (g *generation) see(ctx context.Context) (*world.Seen, error) {
	everywhere := map[*model.Kind]source.Scope{}
	for _, k := range []*model.Kind{model.Prometheuses.Kind, model.PrometheusAgents.Kind, model.PeerAuthentications.Kind} {
		everywhere[k] = source.Scope{}
	}
	seen, err := g.world.Load(ctx, world.Request{Want: source.Want{
		Kinds: generateKinds, Namespace: g.world.Namespace, Scopes: everywhere, Tolerant: true, Slim: true,
	}})
	if err != nil {
		return nil, err
	}
	if g.generateFlags.world.Overlay {
		if seen, err = g.world.Overlaid(ctx, seen); err != nil {
			return nil, err
		}
	}
	if err := g.world.Exists(seen.Snapshot); err != nil {
		return nil, err
	}
	trace.Unread(g.Factory, seen.Unread)
	return seen, nil
}

// target reads the world and finds what a verb is about.
func (g *generation) target(ctx context.Context, name string) (*observe.Target, error) {
	seen, err := g.see(ctx)
	if err != nil {
		return nil, err
	}
	return observe.Find(seen.Snapshot, g.world.Namespace, name)
}

// oneService is the check of the arguments.
func oneService(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return fault.Usagef("expected one service, svc/NAME, found none").Try("%s svc/NAME", cmd.CommandPath())
	case 1:
		return nil
	}
	return fault.Usagef("expected one service, svc/NAME, found %d: %q", len(args), args).Try("%s %s", cmd.CommandPath(), cli.Quote(args[0]))
}
