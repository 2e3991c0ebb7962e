// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// statFlags are those of "stat".
type statFlags struct {
	goldenFlags
	from, to         string
	selector         string
	sortBy, filter   string
	limit            int
	buckets          bool
	watch            watchFlags
	order            stat.Order
	filters          []stat.Filter
	names            []stat.Name
	matching         labels.Selector
	fromName, toName *stat.Name
}

func newStat(f *cli.Factory) *cobra.Command {
	flags := &statFlags{}
	flags.report = cli.NewReportFlags("table", "wide", "json", "yaml", "csv", "jsonl", "openmetrics", "markdown", "name")
	cmd := &cobra.Command{
		Use:   "stat [svc|deploy|sts|ds|pod|version|ns] [NAME...] | KIND/NAME...",
		Short: "Show requests, success and latency of services, workloads, versions, pods or namespaces",
		Long: cli.Doc(`
			Show golden signals: requests a second, the share that did not fail, and how long
			they took. Without a kind, services are shown.

			Of the proxies that report one request one is believed, per caller, and never their
			sum: --view client (the default) believes callers, who also see what never arrived,
			and --view server the called; both shows the two, and what was lost between them.
			gRPC counts by its status, not by its HTTP 200. 4xx are no failures. Pods are told by
			themselves, whatever the view.

			A quantile is interpolated in a bucket, which -o wide shows, and is left out ("-")
			when too few requests tell it. Only a success of exactly 1 prints as 100%. What
			exists and was not measured has "-" and the words "no data".

			--from shows only what some workload sends; --to turns the view round: its rows are
			the callers.

			The exit code is 4 if nothing at all was measured, and 2 for an unknown target.`),
		Example: cli.Doc(`
			# Services of a namespace, the slowest first
			kubectl micro monitor stat -n shop --sort-by -p99

			# One Deployment, as its callers and as it itself saw it
			kubectl micro monitor stat deploy/cart --view both

			# The versions of a service
			kubectl micro monitor stat version/cart

			# What one workload asks of others; who calls a service
			kubectl micro monitor stat --from deploy/frontend
			kubectl micro monitor stat deploy --to svc/cart

			# What is wrong anywhere, for a script
			kubectl micro monitor stat -A --filter 'success<99' -o json`),
		ValidArgsFunction: completeTargets(f, &flags.goldenFlags, stat.Words()...),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.complete(args); err != nil {
				return err
			}
			run, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.watch.under(cmd, run, func(ctx context.Context) error { return flags.run(ctx, run) })
		},
	}
	flags.addRowFlags(f, cmd)
	return cmd
}

// addRowFlags adds the flags that say which rows there are.
func (s *statFlags) addRowFlags(f *cli.Factory, cmd *cobra.Command) {
	s.addFlags(cmd, string(signals.Client), string(signals.Server), viewBoth)
	set := cmd.Flags()
	set.StringVar(&s.from, "from", "", "Only requests of this caller: deploy/NAME, or svc/NAME for all of its workloads")
	set.StringVar(&s.to, "to", "", "Show the callers of this service or workload: svc/NAME or deploy/NAME")
	set.StringVarP(&s.selector, "selector", "l", "", "Only objects with these labels (e.g. -l app=cart)")
	set.StringVar(&s.sortBy, "sort-by", "name", "Sort by name, rps, errors, success, client-errors, requests, p50, p95 or p99; with - in front descending")
	set.StringVar(&s.filter, "filter", "", "Only rows of which all these conditions hold (e.g. 'success<99,p99>300ms')")
	set.IntVar(&s.limit, "limit", 0, "At most so many rows; 0 for all")
	s.watch.addFlags(cmd)
	set.BoolVar(&s.buckets, "buckets", false, "Print the latency buckets in json, yaml and jsonl")
	cli.Offer(set, "sort-by", append([]string{"name", "-rps", "-errors", "success", "-p99"}, stat.Fields()...)...)
	for _, name := range []string{"from", "to"} {
		_ = cmd.RegisterFlagCompletionFunc(name, forFlag(completeTarget(f, &s.world, "svc", "deploy", "sts", "ds")))
	}
}

// complete reads what the flags mean.
func (s *statFlags) complete(args []string) (err error) {
	if s.to != "" && len(args) == 0 && s.from == "" {
		args = []string{"deploy"}
	}
	if s.names, err = stat.ParseNames(args); err != nil {
		return err
	}
	for _, end := range []struct {
		text string
		into **stat.Name
	}{{s.from, &s.fromName}, {s.to, &s.toName}} {
		if end.text == "" {
			continue
		}
		word := "deploy"
		if end.into == &s.toName {
			word = "svc"
		}
		n, err := stat.ParseName(end.text, word)
		if err != nil {
			return err
		}
		*end.into = &n
	}
	if s.toName != nil && s.fromName != nil && len(args) == 0 {
		s.names, s.toName = []stat.Name{*s.toName}, nil
	}
	if s.order, err = stat.ParseOrder(s.sortBy); err != nil {
		return err
	}
	if s.filters, err = stat.ParseFilters(s.filter); err != nil {
		return err
	}
	if s.limit < 0 {
		return fault.Usagef("--limit %d: expected 0 for all, or how many rows", s.limit)
	}
	if s.matching, err = labels.Parse(s.selector); err != nil {
		return fault.Usagef("--selector %q", s.selector).Because(err)
	}
	return s.question(nil).Validate()
}

// question is what the flags ask for.
func (s *statFlags) question(g *golden) stat.Question {
	q := stat.Question{Names: s.names, To: s.toName, View: signals.View(s.view)}
	if s.fromName != nil {
		q.From = []stat.Name{*s.fromName}
	}
	if g != nil {
		q.Namespace, q.GRPC, q.Owner = g.namespace, g.feed.Policy, g.owner
	}
	return q
}
