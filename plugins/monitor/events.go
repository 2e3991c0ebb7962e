// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// eventsFlags are those of "events".
type eventsFlags struct {
	world  world.Flags
	report *cli.ReportFlags
	all    bool
	target string
	since  time.Duration
	types  []string
	watch  bool
}

func newEvents(f *cli.Factory) *cobra.Command {
	flags := &eventsFlags{report: cli.NewReportFlags("table", "wide", "json", "yaml", "jsonl", "markdown")}
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Show what happened, in order: events folded, rollouts, scaling",
		Long: cli.Doc(`
			Show what happened in a namespace in the order of time, the newest last.

			Events that say the same of one object, but for numbers and hashes, are one line with
			their count, whether their reporter counted them or not. Beside them stand rollouts,
			with the images that changed from one revision to the next or back, and what
			autoscalers did, or why they cannot.

			--for narrows it to an object, with what it has made and what is behind it: of a
			Service its pods, their ReplicaSets and Deployments, and their autoscalers, also those
			that are gone, which only events remember.

			With --watch, events and rollouts are told as they come after those that there are,
			until the command is interrupted.

			The exit code is 0 also when nothing happened, with a note on stderr; 2 for a target
			that does not exist; 3 when nothing could be read.`),
		Example: `
			# What happened to a service in the last hour?
			kubectl micro monitor events --for svc/order-service --since 1h

			# Only what went wrong, in all namespaces
			kubectl micro monitor events --types Warning -A

			# As it happens
			kubectl micro monitor events -w --for deploy/order-service

			# For a report of an incident, from a saved snapshot
			kubectl micro monitor events --snapshot incident.gz -o markdown`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			if flags.watch && !cmd.Flags().Changed("timeout") {
				flags.world.Timeout.Timeout = 0
			}
			return flags.world.Timeout.Run(cmd.Context(), e.run)
		},
	}
	flags.world.AddFlags(cmd, "look at")
	flags.report.AddFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&flags.all, "all-namespaces", "A", false, "Look at all namespaces")
	cmd.Flags().StringVar(&flags.target, "for", "", "Only what happened to this object and to what belongs to it, such as svc/NAME")
	cmd.Flags().DurationVar(&flags.since, "since", 0, "Only what happened in this time, such as 1h; 0 is all that is known")
	cmd.Flags().StringSliceVar(&flags.types, "types", nil, "Only events of these types: Normal, Warning")
	cli.Offer(cmd.Flags(), "types", "Normal", "Warning")
	cmd.Flags().BoolVarP(&flags.watch, "watch", "w", false, "Go on with what happens later")
	_ = cmd.RegisterFlagCompletionFunc("for", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return checkup.CompleteTargets(f, &flags.world)(cmd, nil, typed)
	})
	return cmd
}

// events is one run.
type events struct {
	*cli.Factory
	*eventsFlags
	world *world.World
}

// start checks the flags.
func (x *eventsFlags) start(f *cli.Factory, cmd *cobra.Command) (*events, error) {
	if err := x.report.Validate(); err != nil {
		return nil, err
	}
	if err := x.world.Validate(); err != nil {
		return nil, err
	}
	for _, t := range x.types {
		if !slices.ContainsFunc([]string{"Normal", "Warning"}, func(known string) bool { return strings.EqualFold(known, t) }) {
			return nil, fault.Usagef("--types %q: expected Normal or Warning", t)
		}
	}
	switch {
	case x.since < 0:
		return nil, fault.Usagef("--since=%s: expected how long ago, such as 1h", x.since)
	case x.watch && (x.world.Files.Given() || x.world.Snapshot != ""):
		return nil, fault.Usagef("--watch waits for what happens in a cluster, and files do not change")
	case x.watch && !slices.Contains([]string{"table", "wide", "jsonl"}, x.report.Output):
		return nil, fault.Usagef("--watch writes line after line, and %s is one document", x.report.Output).Try("-o table | wide | jsonl")
	}
	w, err := world.New(f, cmd, &x.world, x.all)
	return &events{Factory: f, eventsFlags: x, world: w}, err
}

// kinds are what the timeline is made of; Services only where one may be meant.
func (e *events) kinds() []*model.Kind {
	out := slices.Concat([]*model.Kind{model.Events.Kind, model.HorizontalPodAutoscalers.Kind}, model.WorkloadKinds)
	if e.target != "" {
		out = append(out, model.Services.Kind)
	}
	return out
}

func (e *events) run(ctx context.Context) error {
	found, seen, o, err := e.read(ctx)
	if err != nil {
		return err
	}
	if err := e.print(found, seen); err != nil {
		return err
	}
	if e.watch {
		return e.goOn(ctx, seen, o, found)
	}
	if len(found) == 0 {
		fmt.Fprintln(e.Streams.ErrOut, e.nothing())
	}
	return nil
}

// read makes the timeline of what is known now.
func (e *events) read(ctx context.Context) (found []timeline.Entry, seen *world.Seen, o timeline.Options, err error) {
	want := source.Want{Kinds: e.kinds(), Namespace: e.world.Namespace, Tolerant: true, Slim: true}
	seen, err = e.world.Load(ctx, world.Request{Want: want}.WithHome(e.world.Namespace))
	if err == nil && e.world.Flags.Overlay {
		seen, err = e.world.Overlaid(ctx, seen)
	}
	if err != nil {
		return nil, nil, o, err
	}
	trace.Unread(e.Factory, seen.Unread)
	if g, gap := seen.Gap(model.Events.GroupKind, e.world.Namespace); gap && !g.Unasked {
		return nil, nil, o, fault.Failedf("events are unknown: %s", g.Reason)
	}
	if err = e.world.Exists(seen.Snapshot); err != nil {
		return nil, nil, o, err
	}
	if o, err = e.options(seen); err != nil {
		return nil, nil, o, err
	}
	return timeline.Build(seen.Snapshot, o), seen, o, nil
}

func (e *events) options(seen *world.Seen) (timeline.Options, error) {
	o := timeline.Options{Namespace: e.world.Namespace, Types: e.types}
	if e.since > 0 {
		o.Since = seen.Time.Add(-e.since)
	}
	if e.target == "" {
		return o, nil
	}
	found, err := checkup.Find(seen.Snapshot, e.target, e.world.Namespace)
	if gone, remembered := e.remembered(seen); err != nil && remembered {
		found, err = gone, nil
	}
	o.For = &found
	return o, err
}

// remembered is an object that is gone and that events still tell of.
func (e *events) remembered(seen *world.Seen) (ref.Ref, bool) {
	kind, name, typed := strings.Cut(e.target, "/")
	k, known := model.KindNamed(kind)
	if !typed || !known {
		return ref.Ref{}, false
	}
	for _, one := range timeline.Events(seen.Snapshot, e.world.Namespace) {
		if one.Object.GroupKind() == k.GroupKind && one.Object.Name == name {
			return one.Object, true
		}
	}
	return ref.Ref{}, false
}

// nothing is what is said when there is nothing to show.
func (e *events) nothing() string {
	out := "nothing happened"
	if e.target != "" {
		out += " to " + e.target
	}
	if e.world.Namespace != "" {
		out += " in namespace " + e.world.Namespace
	}
	if e.since > 0 {
		out += " in the last " + e.since.String()
	}
	if len(e.types) > 0 {
		out += " of type " + strings.Join(e.types, ", ")
	}
	if !e.world.Offline() {
		out += " that is still known (servers forget events after an hour)"
	}
	return render.Sanitise(out)
}
