// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
)

// compareFlags are those of "compare".
type compareFlags struct {
	goldenFlags
	judged        ruleFlags
	before, after string
	maxDrop       string
	maxRatio      float64
	slo           time.Duration
	drop          float64
	name          stat.Name
	versions      []string
	// ends are --before and --after.
	ends [2]time.Time
}

func newCompare(f *cli.Factory) *cobra.Command {
	flags := &compareFlags{}
	flags.report = cli.NewReportFlags("table", "json", "yaml")
	cmd := &cobra.Command{
		Use:   "compare SERVICE BASELINE CANDIDATE | SERVICE --before TIME --after TIME",
		Short: "Say whether a version, or a time, is worse than another",
		Long: cli.Doc(`
			Compare two versions of a service, or the service at two times, and say whether the
			second is worse: it is if the difference is significant and larger than what counts
			(--max-success-drop, --max-p99-ratio), so that neither chance nor a difference of
			0.01% in a million requests fails a release.

			Failures are compared by a two-proportion test, with the 95% interval of the
			difference; latency by the Kolmogorov-Smirnov test on the buckets, and by the share
			of requests beyond the 99th percentile of the first.

			Each arm needs --min-requests. The exit code is 0 for no worse, 1 for worse and 4
			if that cannot be told.

			A time is written 2026-03-01T12:00:00Z, in seconds since 1970, or as an age (1h30m).
			What is compared is the --window that ends there.`),
		Example: cli.Doc(`
			# Two versions of a service
			kubectl micro monitor compare svc/cart v1 v2

			# Before and after a deployment
			kubectl micro monitor compare svc/cart --before 2026-03-01T11:30:00Z --after 10m --window 10m

			# Stricter
			kubectl micro monitor compare cart v1 v2 --max-success-drop 0.5% --max-p99-ratio 1.1`),
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeCompare(f, &flags.world),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.complete(cmd, args, f.Now()); err != nil {
				return err
			}
			run, err := flags.start(f, cmd)
			if err != nil {
				return err
			}
			return flags.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, run) })
		},
	}
	flags.addFlags(cmd, string(signals.Client), string(signals.Server))
	flags.judged.addFlags(cmd)
	set := cmd.Flags()
	set.StringVar(&flags.before, "before", "", "End of the window that is the baseline")
	set.StringVar(&flags.after, "after", "", "End of the window that is the candidate")
	set.StringVar(&flags.maxDrop, "max-success-drop", "1%", "By how many percentage points success may fall; the sign is required")
	set.Float64Var(&flags.maxRatio, "max-p99-ratio", 1.3, "How many times as long the 99th percentile may be")
	set.DurationVar(&flags.slo, "slo", 0, "Also tell the share of requests that took longer than this")
	return cmd
}

// complete reads what is to be compared.
func (c *compareFlags) complete(cmd *cobra.Command, args []string, now time.Time) (err error) {
	if len(args) == 0 {
		return fault.Usagef("expected a service").Try("%s svc/NAME v1 v2", cmd.CommandPath())
	}
	if c.name, err = stat.ParseName(args[0], "svc"); err != nil {
		return err
	}
	if c.name.Word != "svc" {
		return fault.Usagef("%s cannot be compared: expected a service", c.name).Try("svc/%s", c.name.Name)
	}
	c.versions = args[1:]
	times := c.before != "" || c.after != ""
	switch {
	case times && len(c.versions) > 0, times && (c.before == "" || c.after == ""), !times && len(c.versions) != 2:
		return fault.Usagef("expected two versions, or --before and --after").
			Try("%s %s v1 v2\n%s %s --before 1h --after 5m", cmd.CommandPath(), c.name, cmd.CommandPath(), c.name)
	case !times && c.versions[0] == c.versions[1]:
		return fault.Usagef("%s is compared with itself: expected two versions", c.versions[0])
	case !(c.maxRatio > 0):
		return fault.Usagef("--max-p99-ratio %g: expected more than 0", c.maxRatio).Try("--max-p99-ratio 1.3")
	case c.slo < 0:
		return fault.Usagef("--slo %s: expected a time above 0", c.slo)
	}
	if times {
		if err := c.parseEnds(now); err != nil {
			return err
		}
	}
	if c.drop, err = compare.ParseDrop(c.maxDrop); err != nil {
		return ofFlag("max-success-drop", err)
	}
	return c.judged.validate()
}

// parseEnds reads the two times, ages before --at. The later one is when the source
// has to know metrics at all.
func (c *compareFlags) parseEnds(now time.Time) error {
	at, err := telemetry.ParseInstant(c.signals.At, now)
	if err != nil {
		return ofFlag("at", err)
	}
	for i, end := range [][2]string{{"before", c.before}, {"after", c.after}} {
		if c.ends[i], err = telemetry.ParseInstant(end[1], at); err != nil {
			return ofFlag(end[0], err)
		}
	}
	if c.ends[0].Equal(c.ends[1]) {
		return fault.Usagef("--before %s is --after %s: expected two times", c.before, c.after).Try("--before 1h --after 5m")
	}
	if c.ends[0].After(c.ends[1]) {
		return fault.Usagef("--before %s is later than --after %s", c.before, c.after).Try("--before 1h --after 5m")
	}
	if apart := c.ends[1].Sub(c.ends[0]); apart < c.signals.Window {
		return fault.Usagef("--before and --after are %s apart, less than --window %s: the same requests would be in both",
			signals.PromDuration(apart), signals.PromDuration(c.signals.Window)).
			Try("--window %s", signals.PromDuration(apart))
	}
	c.signals.At = c.ends[1].Format(time.RFC3339Nano)
	return nil
}

func (c *compareFlags) run(ctx context.Context, g *golden) error {
	defer g.close()
	if err := g.open(ctx); err != nil {
		return err
	}
	arms, err := c.arms(ctx, g)
	if err != nil {
		return err
	}
	rules := c.judged.rules(g)
	rules.View = arms[1].group.Side(rules.View)
	results := []compare.Result{
		c.dropped(arms[0], arms[1], rules),
		compare.Slower(arms[0].of(), arms[1].of(), 0.99, c.maxRatio, c.slo.Seconds(), rules),
	}
	verdict := stat.Worst(results)
	report := api.CompareReport{
		TypeMeta: api.Type("CompareReport"), Source: g.feed.Name, Service: c.name.Name, Namespace: g.namespace, View: g.view,
		Verdict: string(verdict), Baseline: arms[0].shape(), Candidate: arms[1].shape(), Results: stat.ShapeResults(results, rules),
	}
	if c.name.Namespace != "" {
		report.Namespace = c.name.Namespace
	}
	if err := c.write(g, report, arms); err != nil {
		return err
	}
	return outcome(verdict)
}

// dropped compares success. If what reached no version would make the candidate worse,
// nobody knows.
func (c *compareFlags) dropped(baseline, candidate arm, r compare.Rules) compare.Result {
	known := compare.Drop(baseline.of(), candidate.of(), c.drop, r)
	if len(candidate.lost) == 0 || known.Verdict != compare.Pass {
		return known
	}
	worst := candidate
	worst.group = stat.With(candidate.group, candidate.lost)
	return stat.InDoubt(known, compare.Drop(baseline.of(), worst.of(), c.drop, r), candidate.name)
}

// write prints the report.
func (c *compareFlags) write(g *golden, report api.CompareReport, arms []arm) error {
	out := g.Streams.Out
	if g.report.Output != "table" {
		return render.Report(out, g.report.Output, report)
	}
	t := g.Table("ARM", "AT", "N", "RPS", "SUCCESS", "P50", "P95", "P99", "WHY")
	t.NoHeaders = g.report.NoHeaders
	for _, a := range arms {
		s := a.group
		t.Rows = append(t.Rows, []string{
			a.name, a.at.UTC().Format(time.RFC3339), about(s.Requests()), rps(s.Rate), share(s.Success()),
			estimate(s.Latency, 0.5), estimate(s.Latency, 0.95), estimate(s.Latency, 0.99), (stat.Row{Group: &s}).Why(),
		})
	}
	if err := t.Write(out); err != nil {
		return err
	}
	if _, err := io.WriteString(out, "\n"); err != nil {
		return err
	}
	v := g.Table("VERDICT", "REASON")
	v.NoHeaders, v.Rows, v.Width = g.report.NoHeaders, results(report.Results), 0
	return v.Write(out)
}
