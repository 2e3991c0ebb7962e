// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

func newTopPods(f *cli.Factory) *cobra.Command {
	flags := newTopFlags()
	cmd := &cobra.Command{
		Use:     "pods [NAME...]",
		Aliases: []string{"pod", "po"},
		Short:   "See what pods or their containers use, ask for and may take",
		Long: cli.Doc(`
			One row for each pod that has not ended: what it uses, and how much that is of what
			it asks for (REQ) and of what it may take (LIM). A pod has a limit where each of its
			containers has one, or the pod as a whole; else it is "none".

			With -f nothing runs: templates stand in for pods.`),
		Example: `
			# What do the pods of a namespace use?
			kubectl micro monitor top pods -n shop

			# Which pods of the cluster are at risk, and why?
			kubectl micro monitor top pods -A --at-risk

			# The ten containers nearest to their memory limit
			kubectl micro monitor top pods -A --per-container --sort-by mem% --limit 10

			# Who is held back? This asks Prometheus
			kubectl micro monitor top pods -n shop --throttling`,
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := flags.start(f, cmd, args, false)
			if err != nil {
				return err
			}
			return flags.run(cmd, func(ctx context.Context) error { return t.pods(ctx) })
		},
		ValidArgsFunction: completeTopNames(f, &flags.world, model.Pods.Kind),
	}
	flags.addFlags(cmd, byName, byCPU, byMemory, byCPUShare, byMemoryShare, byRestarts)
	flags.addPodFlags(cmd)
	return cmd
}

func newTopWorkloads(f *cli.Factory) *cobra.Command {
	flags := newTopFlags()
	cmd := &cobra.Command{
		Use:     "workloads [KIND/NAME...]",
		Aliases: []string{"workload", "wl"},
		Short:   "See what the pods of workloads use, ask for and may take together",
		Long: cli.Doc(`
			One row for each workload that has pods: the sums over its pods. The percentages are
			of the pods whose usage is known; -o wide and -o json tell how many these are.

			-l selects pods. With -f nothing runs: the template of a workload stands in for its
			pods, as many as it has replicas.`),
		Example: `
			# What do the workloads of a namespace use?
			kubectl micro monitor top workloads -n shop

			# One workload, container by container
			kubectl micro monitor top workloads deploy/cart --per-container -n shop

			# What would these manifests ask for?
			kubectl micro monitor top workloads -f examples/shop-by-hand`,
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := flags.start(f, cmd, args, false)
			if err != nil {
				return err
			}
			return flags.run(cmd, func(ctx context.Context) error { return t.workloads(ctx) })
		},
		ValidArgsFunction: completeTopWorkloads(f, &flags.world),
	}
	flags.addFlags(cmd, byName, byCPU, byMemory, byCPUShare, byMemoryShare, byRestarts)
	flags.addPodFlags(cmd)
	return cmd
}

// addPodFlags adds what nodes do not have.
func (t *topFlags) addPodFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	t.scope.AddFlags(flags)
	flags.BoolVar(&t.containers, "per-container", false, "One row for each container, sidecars included")
	t.throttling.addFlags(cmd)
}

func (t *top) pods(ctx context.Context) error {
	seen, pods, err := t.see(ctx, false)
	if err != nil {
		return err
	}
	list := t.list(seen)
	for i := range pods {
		list.Items = append(list.Items, podUsage(&pods[i], seen.Time, t.containers))
	}
	return t.print(&list, false)
}

func (t *top) workloads(ctx context.Context) error {
	seen, pods, err := t.see(ctx, true)
	if err != nil {
		return err
	}
	list := t.list(seen)
	all := usage.Workloads(pods)
	for i := range all {
		list.Items = append(list.Items, workloadUsage(&all[i], seen.Time, t.containers))
	}
	return t.print(&list, true)
}

func (t *top) list(seen *world.Seen) api.UsageList {
	_, gap := unmeasured(seen.Snapshot, model.PodMetrics.Kind, t.world.Namespace)
	return api.UsageList{
		TypeMeta: api.Type("UsageList"), At: seen.Time.UTC().Truncate(time.Second), Items: []api.Usage{},
		Measured: !gap && len(seen.OfKind(model.PodMetrics.GroupKind)) > 0,
	}
}

// see reads the world and returns its pods that are meant. With owners, so much
// more is read that each pod's workload is known.
func (t *top) see(ctx context.Context, owners bool) (*world.Seen, []usage.Pod, error) {
	seen, err := t.world.Load(ctx, t.podRequest(owners))
	if err != nil {
		return nil, nil, err
	}
	if err := t.readable(seen, model.Pods.Kind); err != nil {
		return nil, nil, err
	}
	pods := usage.Pods(seen.Snapshot)
	pods = slices.DeleteFunc(pods, func(p usage.Pod) bool {
		return t.world.Namespace != "" && p.Ref.Namespace != t.world.Namespace || !t.selector.Matches(labels.Set(p.Labels))
	})
	if len(pods) == 0 {
		if err := t.world.Exists(seen.Snapshot); err != nil {
			return nil, nil, err
		}
	}
	if pods, err = t.named(pods, owners); err != nil {
		return nil, nil, err
	}
	t.tellUsage(seen, pods)
	return seen, pods, t.throttle(ctx, seen, pods)
}
