// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// checkFlags are those of "check".
type checkFlags struct {
	goldenFlags
	judged   ruleFlags
	gates    map[string]*string
	stays    time.Duration
	poll     time.Duration
	criteria []stat.Criterion
	name     stat.Name
}

func newCheck(f *cli.Factory) *cobra.Command {
	flags := &checkFlags{gates: map[string]*string{}}
	flags.report = cli.NewReportFlags("table", "json", "yaml", "junit")
	cmd := &cobra.Command{
		Use:   "check TARGET",
		Short: "Gate a pipeline on success, latency, requests or restarts of a service",
		Long: cli.Doc(`
			Judge a service or workload by criteria, for pipelines. The exit code is 0 if all
			hold, 1 if one is violated, 4 if that cannot be told (no data, too few requests, or
			numbers too close to the threshold), and 3 if the source did not answer.

			Shares pass only when their whole 95% interval is on the right side of the
			threshold; 99.5, 99.5% and 0.995 are the same, and a gate at 100% is about there
			being any failure. A quantile is judged by its bucket: a threshold inside of it is
			inconclusive, and the reason says at which values the buckets can be judged.

			--for asks again every --poll and needs all answers in that time to pass; the first
			that does not ends it.`),
		Example: cli.Doc(`
			# After a deployment
			kubectl micro monitor check svc/cart --success '>=99.5' --p99 '<250ms'

			# It has to stay well for five minutes
			kubectl micro monitor check svc/cart --success '>=99.9' --restarts '==0' --for 5m

			# A service that nobody calls at night is fine
			kubectl micro monitor check svc/cart --success '>=99' --no-data pass -o junit`),
		Args:              oneTarget,
		ValidArgsFunction: completeTarget(f, &flags.world, "svc", "deploy", "sts", "ds"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.complete(args[0]); err != nil {
				return err
			}
			run, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.run(cmd.Context(), run)
		},
	}
	flags.addFlags(cmd, string(signals.Client), string(signals.Server))
	flags.judged.addFlags(cmd)
	set := cmd.Flags()
	for _, m := range stat.Metrics() {
		flags.gates[m] = set.String(m, "", gateUsage[m])
	}
	set.DurationVar(&flags.stays, "for", 0, "How long it has to pass, asking again every --poll")
	set.DurationVar(&flags.poll, "poll", 15*time.Second, "How long to wait before asking again")
	return cmd
}

// gateUsage says what the gates are about.
var gateUsage = map[string]string{
	"success":           "Share of requests that did not fail, such as '>=99.5'",
	"client-errors":     "Share of requests answered with 4xx, such as '<5%'",
	"p50":               "Median of the time that requests took, such as '<50ms'",
	"p95":               "95th percentile of the time that requests took, such as '<250ms'",
	"p99":               "99th percentile of the time that requests took, such as '<500ms'",
	"rps":               "Requests a second, such as '>1'",
	stat.RestartsMetric: "Restarts of its containers so far, such as '==0'",
}

// oneTarget takes exactly one target.
func oneTarget(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return fault.Usagef("expected one target, found %d", len(args)).Try("%s svc/NAME", cmd.CommandPath())
}

// complete reads what is to be checked.
func (c *checkFlags) complete(target string) (err error) {
	if c.name, err = stat.ParseName(target, "svc"); err != nil {
		return err
	}
	if c.name.Word != "svc" && !c.name.Workload() {
		return fault.Usagef("%s cannot be checked: expected svc, deploy, sts or ds", c.name).Try("svc/%s", c.name.Name)
	}
	for _, m := range stat.Metrics() {
		if *c.gates[m] == "" {
			continue
		}
		criterion, err := stat.ParseCriterion(m, *c.gates[m])
		if err != nil {
			return ofFlag(m, err)
		}
		c.criteria = append(c.criteria, criterion)
	}
	switch {
	case len(c.criteria) == 0:
		return fault.Usagef("nothing to check: expected one of --%s", strings.Join(stat.Metrics(), ", --")).Try("--success '>=99.5'")
	case c.stays < 0 || c.stays > 0 && c.poll <= 0:
		return fault.Usagef("--for %s --poll %s: expected times above 0", c.stays, c.poll).Try("--for 5m --poll 15s")
	case c.stays > 0 && strings.HasPrefix(c.signals.Source, "file:"):
		return fault.Usagef("--for waits for what is to come, and files do not change").Try("leave --for out")
	case c.stays > 0 && c.signals.At != "":
		return fault.Usagef("--for waits for what is to come, and --at is about the past: expected one of them")
	}
	return c.judged.validate()
}

// needed is how many times in a row it has to pass.
func (c *checkFlags) needed() int {
	if c.stays == 0 {
		return 1
	}
	return 1 + int((c.stays+c.poll-1)/c.poll)
}

func (c *checkFlags) run(ctx context.Context, g *golden) error {
	defer g.close()
	report := api.GateReport{TypeMeta: api.Type("GateReport"), Target: c.name.String(), View: g.view, Needed: c.needed()}
	for {
		var results []compare.Result
		err := g.round(ctx, func(ctx context.Context) (err error) {
			results, err = c.judge(ctx, g)
			return err
		})
		if err != nil {
			return err
		}
		verdict := stat.Worst(results)
		report.Measured, report.Verdict = g.measured(), string(verdict)
		report.Results = stat.ShapeResults(results, c.judged.rules(g))
		if verdict == compare.Pass {
			report.Passes++
		}
		if verdict != compare.Pass || report.Passes >= report.Needed {
			break
		}
		if err := pause(ctx, c.poll); err != nil {
			return err
		}
	}
	if err := writeGates(g, report); err != nil {
		return err
	}
	return outcome(compare.Verdict(report.Verdict))
}

// round bounds one round of asking by --timeout.
func (g *golden) round(ctx context.Context, do func(context.Context) error) error {
	return g.goldenFlags.world.Timeout.Run(ctx, do)
}

// judge asks once and applies the gates.
func (c *checkFlags) judge(ctx context.Context, g *golden) ([]compare.Result, error) {
	if !slices.ContainsFunc(stat.Metrics(), func(m string) bool { return m != stat.RestartsMetric && stat.Needs(c.criteria, m) }) {
		restarts, err := c.restarts(ctx, g) // which the API server alone knows
		return stat.Check(c.criteria, stat.Target{Restarts: restarts}, c.judged.rules(g)), err
	}
	if g.feed == nil {
		switch err := g.open(ctx); {
		case fault.KindOf(err) == fault.Undecided:
			g.note("%s", err) // it answered, and has no metrics of requests at all
			return stat.Check(c.criteria, stat.Target{}, c.judged.rules(g)), nil
		case err != nil:
			return nil, err
		}
	} else {
		g.feed = asOf(g.feed, g.Now())
	}
	q := stat.Question{Names: []stat.Name{c.name}, Namespace: g.namespace, View: signals.View(g.view), GRPC: g.feed.Policy, Owner: g.owner}
	rows, err := (&statFlags{names: q.Names}).rows(ctx, g, q)
	if err != nil {
		return nil, err
	}
	target, rules := stat.Target{Group: signals.Group{Window: g.window}}, c.judged.rules(g)
	if len(rows) == 1 && rows[0].Group != nil {
		target.Group = *rows[0].Group
		rules.View = target.Group.Side(rules.View)
	} else if len(rows) > 1 {
		return nil, ambiguous(c.name, rows)
	}
	if stat.Needs(c.criteria, stat.RestartsMetric) {
		if target.Restarts, err = c.restarts(ctx, g); err != nil {
			return nil, err
		}
	}
	lost, err := c.lost(ctx, g, target, rules)
	if err != nil || len(lost) == 0 {
		return stat.Check(c.criteria, target, rules), err
	}
	return stat.CheckLost(c.criteria, target, lost, c.name.Name, rules), nil
}

// ambiguous is the error of a target that is there more than once.
func ambiguous(n stat.Name, rows []stat.Row) error {
	var found []string
	for _, r := range rows {
		found = append(found, stat.Name{Word: n.Word, Namespace: r.Namespace, Name: r.Name}.String())
	}
	return fault.Usagef("%s is there %d times: expected one", n, len(rows)).Try("%s", strings.Join(found, " or "))
}

// restarts counts those of the target's pods, nil where they cannot be read.
func (c *checkFlags) restarts(ctx context.Context, g *golden) (*float64, error) {
	kinds := []*model.Kind{
		model.Services.Kind, model.Pods.Kind, model.ReplicaSets.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind,
	}
	g.seen = nil
	if err := g.see(ctx, source.Want{Kinds: kinds}); err != nil || g.seen == nil {
		return nil, err
	}
	if _, gap := g.seen.Gap(model.Pods.GroupKind, g.namespace); gap {
		return nil, nil
	}
	names := []stat.Name{c.name}
	if c.name.Word == "svc" {
		var err error
		if names, err = callers(g, c.name); err != nil {
			return nil, err
		}
	}
	var n float64
	pods := 0
	for _, name := range names {
		if err := c.exists(g, name); err != nil {
			return nil, err
		}
		for _, p := range usage.Pods(g.seen.Snapshot) {
			switch {
			case c.name.Workload() && p.Owner.Kind != name.Kind().Kind: // a Job may have the same name
			case p.Owner.Name != name.Name || name.Namespace != "" && p.Owner.Namespace != name.Namespace:
			case p.Template: // what runs nowhere has not restarted, and not stayed up
				return nil, nil
			default:
				pods++
				n += float64(p.Restarts)
			}
		}
	}
	if pods == 0 {
		g.note("restarts are unknown: %s has no pods", c.name)
		return nil, nil
	}
	return &n, nil
}

// exists is an error for a workload that is not there.
func (c *checkFlags) exists(g *golden, n stat.Name) error {
	namespace := cmp.Or(n.Namespace, g.namespace)
	k := n.Kind()
	if k == nil {
		return nil
	}
	if _, found := g.seen.Object(k.Ref(namespace, n.Name)); found || c.name.Word == "svc" {
		return nil
	}
	return stat.Unknown(n, namespace, "the "+g.world.Name(), g.seen.Names(k, namespace))
}
