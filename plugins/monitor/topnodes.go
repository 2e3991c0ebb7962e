// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

func newTopNodes(f *cli.Factory) *cobra.Command {
	flags := newTopFlags()
	cmd := &cobra.Command{
		Use:     "nodes [NAME...]",
		Aliases: []string{"node", "no"},
		Short:   "See what nodes use, what their pods ask for, and which are under pressure",
		Long: cli.Doc(`
			One row for each node. Percentages are of what is allocatable: of what the node uses
			(CPU%, MEM%), and of what its pods ask for (REQ) and may take (LIM, -o wide).`),
		Example: `
			# Which nodes are full?
			kubectl micro monitor top nodes --sort-by mem%

			# Which are under pressure, not ready or nearly full?
			kubectl micro monitor top nodes --at-risk`,
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := flags.start(f, cmd, args, true)
			if err != nil {
				return err
			}
			return flags.run(cmd, func(ctx context.Context) error { return t.nodes(ctx) })
		},
		ValidArgsFunction: completeTopNames(f, &flags.world, model.Nodes.Kind),
	}
	flags.addFlags(cmd, byName, byCPU, byMemory, byCPUShare, byMemoryShare)
	cmd.Flags().StringVarP(&flags.scope.Selector, "selector", "l", "", "Label selector of nodes (e.g. -l node-role.kubernetes.io/worker)")
	return cmd
}

func (t *top) nodes(ctx context.Context) error {
	seen, err := t.world.Load(ctx, world.Request{Want: source.Want{
		Kinds:    []*model.Kind{model.Nodes.Kind, model.NodeMetrics.Kind, model.Pods.Kind},
		Tolerant: true, Slim: true,
		Scopes: map[*model.Kind]source.Scope{
			model.Nodes.Kind: {Labels: t.selector, Slim: true}, model.Pods.Kind: {Fields: alive, Slim: true},
		},
	}})
	if err != nil {
		return err
	}
	if err := t.readable(seen, model.Nodes.Kind); err != nil {
		return err
	}
	found := slices.DeleteFunc(usage.Nodes(seen.Snapshot, usage.Pods(seen.Snapshot)), func(n usage.Node) bool {
		return !t.selector.Matches(labels.Set(n.Labels))
	})
	if found, err = t.namedNodes(found); err != nil {
		return err
	}
	t.tellNodes(seen, found)
	_, gap := unmeasured(seen.Snapshot, model.NodeMetrics.Kind, "")
	list := api.NodeUsageList{
		TypeMeta: api.Type("NodeUsageList"), At: seen.Time.UTC().Truncate(time.Second), Items: []api.NodeUsage{}, Notes: t.notes,
		Measured: !gap && len(seen.OfKind(model.NodeMetrics.GroupKind)) > 0,
	}
	for i := range found {
		if one := nodeUsage(&found[i]); !t.risky || len(one.Risks) > 0 {
			list.Items = append(list.Items, one)
		}
	}
	slices.SortStableFunc(list.Items, t.sortBy.compareNodes)
	list.Items = firstRows(list.Items, t.limit)
	return t.printNodes(&list, len(found))
}

// namedNodes leaves the nodes that arguments name.
func (t *top) namedNodes(all []usage.Node) ([]usage.Node, error) {
	if len(t.names) == 0 {
		return all, nil
	}
	var names []string
	for _, n := range all {
		names = append(names, n.Ref.Name)
	}
	var asked []string
	for _, name := range t.names {
		name = strings.TrimPrefix(name, "node/")
		asked = append(asked, name)
		if slices.Contains(names, name) {
			continue
		}
		err := fault.Usagef("no node is called %q", name)
		if near := ref.Closest(name, names); len(near) > 0 {
			return nil, err.Try("did you mean %s?", near[0])
		}
		return nil, err
	}
	return slices.DeleteFunc(all, func(n usage.Node) bool { return !slices.Contains(asked, n.Ref.Name) }), nil
}

// tellNodes says what is unknown of nodes.
func (t *top) tellNodes(seen *world.Seen, nodes []usage.Node) {
	if g, gap := seen.Gap(model.Pods.GroupKind, ""); gap {
		t.note("what pods ask for is unknown: %s", g.Reason)
	}
	reason, gap := unmeasured(seen.Snapshot, model.NodeMetrics.Kind, "")
	var missing []string
	for _, n := range nodes {
		if n.Used.CPU == nil && n.Used.Memory == nil {
			missing = append(missing, n.Ref.Name)
		}
	}
	switch {
	case len(missing) == 0:
	case gap:
		t.note("usage is unknown: %s: %s (is metrics-server installed and ready?)", model.MetricsAPI, reason)
	case len(missing) == len(nodes):
		t.note("usage is unknown: there are no metrics of nodes")
	default:
		t.note("no metrics of %s", strings.Join(missing, ", "))
	}
}

func (k topKey) compareNodes(a, b api.NodeUsage) int {
	var x, y *float64
	switch k {
	case byCPU:
		x, y = a.CPU.Used, b.CPU.Used
	case byMemory:
		x, y = a.Memory.Used, b.Memory.Used
	case byCPUShare:
		x, y = a.CPU.UsedOfAllocatable, b.CPU.UsedOfAllocatable
	case byMemoryShare:
		x, y = a.Memory.UsedOfAllocatable, b.Memory.UsedOfAllocatable
	}
	return cmp.Or(greatestFirst(x, y), strings.Compare(a.Name, b.Name))
}

func (t *top) printNodes(list *api.NodeUsageList, all int) error {
	switch t.report.Output {
	case "json", "yaml":
		return render.Report(t.Streams.Out, t.report.Output, list)
	case "jsonl":
		type one struct {
			api.TypeMeta
			api.NodeUsage
		}
		var lines []one
		for _, n := range list.Items {
			lines = append(lines, one{api.Type("NodeUsage"), n})
		}
		return render.JSONL(t.Streams.Out, lines)
	case "csv":
		return t.csvNodes(list.Items)
	}
	switch {
	case len(list.Items) == 0 && all > 0:
		fmt.Fprintf(t.Streams.ErrOut, "nothing is at risk (%s)\n", cli.Plural(all, "node"))
	case all == 0:
		fmt.Fprintln(t.Streams.ErrOut, "no nodes found")
	}
	wide := t.report.Output == "wide"
	header := []string{"NAME", "CPU", "CPU%", "CPU/REQ", "MEM", "MEM%", "MEM/REQ", "PODS", "STATUS", "RISK"}
	if wide {
		header = []string{"NAME", "CPU", "CPU%", "CPU/REQ", "CPU/LIM", "CPU/ALLOC", "MEM", "MEM%", "MEM/REQ", "MEM/LIM", "MEM/ALLOC", "PODS", "STATUS", "RISK"}
	}
	table := t.Table(header...)
	for i := range list.Items {
		n := &list.Items[i]
		line := append([]string{n.Name}, nodeCells(n.CPU, usage.Cores, wide)...)
		line = append(line, nodeCells(n.Memory, usage.Bytes, wide)...)
		table.Rows = append(table.Rows, append(line, podsOn(n), nodeStatus(n), riskCell(n.Risks, false)))
	}
	return t.write(table)
}

// nodeCells are the cells of one resource.
func nodeCells(x api.NodeResource, text func(float64) string, wide bool) []string {
	out := []string{amountOf(x.Used, text), amountOf(x.UsedOfAllocatable, usage.Percent), shareOf(x.Requests, x.RequestsOfAllocatable, text)}
	if wide {
		out = append(out, shareOf(x.Limits, x.LimitsOfAllocatable, text), amountOf(x.Allocatable, text))
	}
	return out
}

// podsOn is "12/110".
func podsOn(n *api.NodeUsage) string {
	count, most := noValue, noValue
	if n.Pods != nil {
		count = strconv.Itoa(*n.Pods)
	}
	if n.MaxPods != nil {
		most = strconv.Itoa(*n.MaxPods)
	}
	return count + "/" + most
}

// nodeStatus is as kubectl get nodes has it.
func nodeStatus(n *api.NodeUsage) string {
	out := "Ready"
	switch {
	case n.Ready == nil:
		out = "Unknown"
	case !*n.Ready:
		out = "NotReady"
	}
	if n.Unschedulable {
		out += ",SchedulingDisabled"
	}
	return out
}

// csvNodes prints all that is known as numbers: cores, bytes and ratios of 1.
func (t *top) csvNodes(items []api.NodeUsage) error {
	table := render.Table{NoHeaders: t.report.NoHeaders, Header: []string{"name", "status", "pressure", "pods", "max_pods"}}
	for _, what := range []string{"cpu", "memory"} {
		table.Header = append(table.Header, what, what+"_allocatable", what+"_requests", what+"_limits", what+"_of_allocatable", what+"_requests_of_allocatable", what+"_limits_of_allocatable")
	}
	table.Header = append(table.Header, "risks")
	for i := range items {
		n := &items[i]
		count, most, _ := strings.Cut(strings.ReplaceAll(podsOn(n), noValue, ""), "/")
		line := []string{n.Name, nodeStatus(n), strings.Join(n.Pressure, " "), count, most}
		for _, x := range []api.NodeResource{n.CPU, n.Memory} {
			line = append(line, plainNumber(x.Used), plainNumber(x.Allocatable), plainNumber(x.Requests), plainNumber(x.Limits), plainNumber(x.UsedOfAllocatable), plainNumber(x.RequestsOfAllocatable), plainNumber(x.LimitsOfAllocatable))
		}
		var codes []string
		for _, r := range n.Risks {
			codes = append(codes, r.Code)
		}
		table.Rows = append(table.Rows, append(line, strings.Join(slices.Compact(codes), " ")))
	}
	return table.CSV(t.Streams.Out)
}
