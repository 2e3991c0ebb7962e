// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// newStatus shows how traffic is split.
func newStatus(f *cli.Factory) *cobra.Command {
	o := &statusOptions{Factory: f, report: cli.NewReportFlags("table", "json", "yaml", "name")}
	cmd := &cobra.Command{
		Use:   "status [SERVICE]",
		Short: "Show how traffic is split and which canaries are running",
		Long: cli.Doc(`
			Show the weights of a service's routes, which leg is the canary and why, the ready
			endpoints behind each, and since when a canary is running. Without SERVICE, all
			services of the namespace whose traffic can be split.`),
		Example: `
			# One service
			kubectl micro canary status user-service

			# All canaries of the cluster
			kubectl micro canary status -A

			# From files
			kubectl micro canary status -f examples/shop-by-hand`,
		Args: oneService,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd, args); err != nil {
				return err
			}
			return o.flags.timeout.Run(cmd.Context(), o.run)
		},
	}
	o.flags.addFlags(cmd.Flags(), "read")
	o.flags.complete(f, cmd)
	o.flags.addSnapshot(cmd)
	o.scope.AddFlags(cmd.Flags())
	o.report.AddFlags(cmd.Flags())
	return cmd
}

type statusOptions struct {
	*cli.Factory
	flags  targetFlags
	report *cli.ReportFlags
	scope  cli.ScopeFlags
	// selector narrows the list to services with a route object that matches.
	selector labels.Selector
	// command is the path of the command, for hints.
	command string
	again   again
	query   canary.Query
}

func (o *statusOptions) complete(cmd *cobra.Command, args []string) error {
	if err := o.report.Validate(); err != nil {
		return err
	}
	if len(args) > 0 && (o.scope.AllNamespaces || o.scope.Selector != "") {
		return fault.Usagef("-A and -l list services, so that %q cannot be named too", args[0]).Try("leave %q out", args[0])
	}
	o.command, o.again = cmd.CommandPath(), newAgain(cmd, o.flags.files, "")
	var err error
	if o.selector, err = labels.Parse(o.scope.Selector); err != nil {
		return fault.Usagef("-l %q: %s", o.scope.Selector, err)
	}
	o.query, err = o.flags.query(o.Factory, cmd, args)
	if o.scope.AllNamespaces {
		o.query.Namespace = ""
	}
	return err
}

func (o *statusOptions) run(ctx context.Context) error {
	var found []api.CanaryStatus
	w := world{Factory: o.Factory, flags: &o.flags, tolerant: true}
	err := w.decide(ctx, o.query, func(s *model.Snapshot) (err error) {
		found, err = o.collect(s)
		return err
	})
	if err != nil && len(found) == 0 {
		return o.again.hints(err)
	}
	if len(found) == 0 && w.last != nil {
		if g, gap := w.last.Gap(model.VirtualServices.GroupKind, o.query.Namespace); gap {
			return fault.Failedf("whether there is a service whose traffic can be split is unknown: %s", g.Reason).
				Try("look at one namespace that you may read: %s -n NAMESPACE", o.command)
		}
	}
	w.unread()
	if len(found) == 0 {
		fmt.Fprintln(o.Streams.ErrOut, "no service whose traffic can be split was found")
		if o.report.Output == "table" {
			return nil
		}
	}
	return errors.Join(o.print(found), err)
}

func (o *statusOptions) collect(s *model.Snapshot) ([]api.CanaryStatus, error) {
	q := o.query
	if q.Name != "" {
		if q.Namespace == "" {
			var err error
			if q.Namespace, err = canary.Home(s, q); err != nil {
				return nil, err
			}
		}
		one, err := canary.Status(s, q, o.flags.choice())
		if err != nil {
			return nil, err
		}
		return []api.CanaryStatus{one}, nil
	}
	var out []api.CanaryStatus
	for _, t := range canary.List(s, q.Namespace) {
		if !slices.ContainsFunc(t.Routes, func(r traffic.Route) bool { return o.selector.Matches(labels.Set(r.Object.Meta().GetLabels())) }) {
			continue
		}
		one, err := canary.Status(s, canary.Query{Name: t.Name, Namespace: t.Namespace, Route: q.Route}, o.flags.choice())
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (o *statusOptions) print(found []api.CanaryStatus) error {
	out := o.Streams.Out
	switch {
	case o.report.Output == "table":
		return o.table(found)
	case o.report.Output == "name":
		for _, c := range found {
			if _, err := fmt.Fprintf(out, "service/%s\n", c.Service); err != nil {
				return err
			}
		}
		return nil
	case o.query.Name != "":
		return render.Report(out, o.report.Output, found[0])
	}
	return render.Report(out, o.report.Output, api.CanaryStatusList{TypeMeta: api.Type("CanaryStatusList"), Items: found})
}

func (o *statusOptions) table(found []api.CanaryStatus) error {
	table := o.Table("NAMESPACE", "SERVICE", "ROUTE", "WEIGHTS", "CANARY", "READY", "RUNNING")
	table.NoHeaders = o.report.NoHeaders
	for _, c := range found {
		for _, r := range c.Routes {
			table.Rows = append(table.Rows, []string{c.Namespace, c.Service, r.Object + " " + r.Route, weights(r), name(c.Canary), ready(c.Canary), o.running(c.Session)})
		}
	}
	if err := table.Write(o.Streams.Out); err != nil {
		return err
	}
	return notes(o.Streams.ErrOut, found)
}

func notes(w io.Writer, found []api.CanaryStatus) error {
	for _, c := range found {
		for _, n := range c.Notes {
			if _, err := fmt.Fprintf(w, "note: %s/%s: %s\n", c.Namespace, c.Service, render.Sanitise(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// weights renders a route's legs: "v1 90%, v2 10%".
func weights(r api.CanaryRoute) string {
	if r.Fixed != "" {
		return "(" + r.Fixed + ")"
	}
	var legs []string
	for _, w := range r.Weights {
		legs = append(legs, fmt.Sprintf("%s %s%%", w.Leg, strconv.FormatFloat(w.Percent, 'f', -1, 64)))
	}
	return strings.Join(legs, ", ")
}

func name(l *api.CanaryLeg) string {
	if l == nil {
		return "unknown"
	}
	return l.Name
}

func ready(l *api.CanaryLeg) string {
	if l == nil || l.Ready == nil {
		return "unknown"
	}
	return fmt.Sprintf("%d/%d", *l.Ready, *l.Total)
}

func (o *statusOptions) running(s *api.CanarySession) string {
	if s == nil {
		return "no"
	}
	return fmt.Sprintf("%s%% for %s", s.Weight, duration.HumanDuration(o.Now().Sub(s.Since).Truncate(time.Second)))
}
