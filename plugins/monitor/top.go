// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// topFlags are those of the verbs of "top".
type topFlags struct {
	world  world.Flags
	scope  cli.ScopeFlags
	report *cli.ReportFlags
	// containers is --per-container, risky --at-risk.
	containers, risky bool
	sortBy            topKey
	limit             int
	throttling        throttleFlags
}

func newTop(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "top",
		Short: "See what pods, workloads and nodes use, ask for and may take, and which are at risk",
		Long: cli.Doc(`
			Usage comes from the metrics API (metrics-server). Where the cluster has none, all
			else is shown and usage is "-". Requests and limits count as the scheduler counts
			them: with sidecars, init containers, the overhead of a RuntimeClass, resources of
			the pod as a whole, and resizes under way.

			The column RISK, and --at-risk, name what should be looked at:
			  OOMKilled                 a container last ended for want of memory
			  memory N% of its limit    at 90% or above
			  memory N% of its request and no limit
			                            among the first to go when the node runs short
			  cpu N% of its limit       at 95% or above: it is held back
			  cpu throttled N%          in a quarter of all periods or more
			Nodes: not ready, under pressure, memory 90% or cpu 95% in use, or above.`),
		Example: "kubectl micro monitor top pods -n shop --at-risk",
	}
	cmd.AddCommand(newTopPods(f), newTopWorkloads(f), newTopNodes(f))
	return cmd
}

// newTopFlags returns the flags with their defaults.
func newTopFlags() *topFlags {
	return &topFlags{
		sortBy: byName,
		report: cli.NewReportFlags("table", "wide", "json", "yaml", "csv", "jsonl", "markdown"),
	}
}

// addFlags adds what all verbs have; keys are what they sort by.
func (t *topFlags) addFlags(cmd *cobra.Command, keys ...topKey) {
	flags := cmd.Flags()
	t.world.AddFlags(cmd, "look at")
	t.report.AddFlags(flags)
	flags.BoolVar(&t.risky, "at-risk", false, "Only what is at risk (see \"top --help\")")
	cli.EnumVar(flags, &t.sortBy, "sort-by", "", "Order of the rows: numbers from the greatest down, unknown ones last; ties by name", keys...)
	flags.IntVar(&t.limit, "limit", 0, "At most this many rows; 0 is all")
}

// top is one run.
type top struct {
	*cli.Factory
	*topFlags
	world    *world.World
	selector labels.Selector
	// names are those that were asked for; none means all.
	names []string
	notes []string
}

// start checks the flags. Nodes are in no namespace.
func (t *topFlags) start(f *cli.Factory, cmd *cobra.Command, names []string, everywhere bool) (*top, error) {
	if err := t.report.Validate(); err != nil {
		return nil, err
	}
	if err := t.world.Validate(); err != nil {
		return nil, err
	}
	switch {
	case t.world.Overlay:
		return nil, fault.Usagef("--overlay: what does not run yet uses nothing").Try("%s -f FILE shows what it asks for", cmd.CommandPath())
	case t.limit < 0:
		return nil, fault.Usagef("--limit %d: expected 0 or more", t.limit)
	}
	if cmd.Flag("throttling") != nil { // nodes have none
		if err := t.throttling.validate(cmd, t.world.Snapshot != "" || t.world.Files.Given()); err != nil {
			return nil, err
		}
	}
	selector, err := labels.Parse(t.scope.Selector)
	if err != nil {
		return nil, fault.Usagef("--selector %q", t.scope.Selector).Because(err)
	}
	w, err := world.New(f, cmd, &t.world, everywhere || t.scope.AllNamespaces)
	return &top{Factory: f, topFlags: t, world: w, selector: selector, names: names}, err
}

// run is what a verb does once its flags are right.
func (t *topFlags) run(cmd *cobra.Command, do func(context.Context) error) error {
	return t.world.Timeout.Run(cmd.Context(), do)
}
