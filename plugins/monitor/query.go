// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
)

const (
	queryPatience = 30 * time.Second
	// mostPoints is how many points Prometheus gives of a series, fewPoints how many
	// are asked for unless --step says otherwise.
	mostPoints, fewPoints = 11_000, 60
)

// queryFlags are those of "query".
type queryFlags struct {
	telemetry.Connection
	*cli.ReportFlags
	timeout cli.TimeoutFlag
	at      string
	span    string
	every   string
	// over and step are what span and every say; 0 is an instant.
	over, step time.Duration
}

func newQuery(f *cli.Factory) *cobra.Command {
	flags := &queryFlags{ReportFlags: cli.NewReportFlags("table", "json", "yaml", "csv")}
	flags.timeout.Timeout = queryPatience
	cmd := &cobra.Command{
		Use:   "query PROMQL",
		Short: "Ask Prometheus anything",
		Long: cli.Doc(`
			Evaluate an expression of PromQL at the Prometheus that the other verbs ask, found and
			reached in the same way. --range shows its values over time.

			Values that are no finite numbers are - in tables and null in JSON. An answer
			without series is exit code 4.`),
		Example: cli.Doc(`
			# Which targets are down
			kubectl micro monitor query 'up == 0'

			# The last hour of a rate, for a spreadsheet
			kubectl micro monitor query 'sum(rate(istio_requests_total[5m]))' --range 1h --step 1m -o csv

			# Ask a Prometheus that is not in the cluster
			kubectl micro monitor query 'up' --prometheus http://localhost:9090`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			return flags.timeout.Run(cmd.Context(), func(ctx context.Context) error { return flags.run(ctx, f, args[0]) })
		},
	}
	flags.Connection.AddFlags(cmd)
	flags.ReportFlags.AddFlags(cmd.Flags())
	flags.timeout.AddFlags(cmd.Flags(), "wait")
	cmd.Flags().StringVar(&flags.at, "at", "", "Instant to look at, or the end of --range: RFC 3339, seconds since 1970, or an age like 10m; the default is now")
	cmd.Flags().StringVar(&flags.span, "range", "", "Show values over so much time, like 1h or 7d")
	cmd.Flags().StringVar(&flags.every, "step", "", "Time between two values of --range; the default makes 60 of them")
	return cmd
}

func (q *queryFlags) complete() error {
	if err := q.ReportFlags.Validate(); err != nil {
		return err
	}
	for _, d := range []struct {
		name, text string
		to         *time.Duration
	}{{"range", q.span, &q.over}, {"step", q.every, &q.step}} {
		if d.text == "" {
			continue
		}
		var ok bool
		if *d.to, ok = prom.ParseDuration(d.text); !ok {
			return fault.Usagef("--%s %q: expected a duration", d.name, d.text).Try("--%s 1h, or 90s, 7d, 1h30m", d.name)
		}
	}
	switch {
	case q.over == 0 && q.step != 0:
		return fault.Usagef("--step is between the values of --range, which is missing").Try("add --range 1h")
	case q.over > 0 && q.step == 0:
		q.step = max(time.Second, (q.over / fewPoints).Truncate(time.Second))
	}
	if q.over > 0 && q.over/q.step > mostPoints {
		return fault.Usagef("--range %s in steps of %s is %d values of a series: Prometheus gives %d", q.span, q.step, q.over/q.step, mostPoints).
			Try("--step %s", (q.over/mostPoints + time.Second).Truncate(time.Second))
	}
	return nil
}

func (q *queryFlags) run(ctx context.Context, f *cli.Factory, expr string) error {
	at, err := telemetry.ParseInstant(q.at, f.Now())
	if err != nil {
		return err
	}
	client, err := telemetry.Connect(ctx, f, &q.Connection, at)
	if err != nil {
		return err
	}
	defer client.Close()
	if q.ShowQueries {
		fmt.Fprintf(f.Streams.ErrOut, "# %s at %s\n# %s\n", render.Sanitise(client.Name()), at.Format(time.RFC3339), render.Sanitise(expr))
	}
	series, err := q.ask(ctx, client, expr, at)
	if prom.Rejected(err) {
		return fault.Wrap(fault.Usage, err, "expected an expression of PromQL")
	}
	if err != nil {
		return err
	}
	if err := q.print(f, &api.QueryList{TypeMeta: api.Type("QueryList"), Source: client.Name(), Query: expr, Items: series}); err != nil {
		return err
	}
	if len(series) == 0 {
		return q.nothing(ctx, client, expr)
	}
	return nil
}

// ask returns series: of one point each without --range.
func (q *queryFlags) ask(ctx context.Context, client *prom.Client, expr string, at time.Time) ([]api.QuerySeries, error) {
	out := []api.QuerySeries{}
	if q.over > 0 {
		all, err := client.Range(ctx, expr, at.Add(-q.over), at, q.step)
		for _, s := range all {
			one := api.QuerySeries{Labels: labelMap(s.Labels), Points: []api.QueryPoint{}}
			for _, p := range s.Points {
				one.Points = append(one.Points, api.QueryPoint{At: p.At, Value: finite(p.Value)})
			}
			out = append(out, one)
		}
		sortSeries(out)
		return out, err
	}
	all, err := client.Query(ctx, expr, at)
	for _, s := range all {
		value := finite(s.Value)
		if s.Native {
			value = nil
		}
		out = append(out, api.QuerySeries{Labels: labelMap(s.Labels), Points: []api.QueryPoint{{At: at, Value: value}}})
	}
	if !ordered.MatchString(expr) {
		sortSeries(out)
	}
	return out, err
}

// ordered are expressions whose answer has an order of its own.
var ordered = regexp.MustCompile(`^\s*(sort|sort_desc|sort_by_label|sort_by_label_desc|topk|bottomk)\b`)

func sortSeries(all []api.QuerySeries) {
	slices.SortStableFunc(all, func(a, b api.QuerySeries) int { return strings.Compare(seriesText(a.Labels), seriesText(b.Labels)) })
}

func labelMap(l signals.Labels) map[string]string {
	out := make(map[string]string, len(l))
	for _, label := range l {
		out[label.Name] = label.Value
	}
	return out
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// nothing says that there are no series, and which metric may have been meant.
func (q *queryFlags) nothing(ctx context.Context, client *prom.Client, expr string) error {
	unknown, near, err := client.Unknown(ctx, expr)
	switch {
	case err != nil || len(unknown) == 0:
		return fault.New(fault.Undecided, "no data: %s has no series for this", client.Name()).Try("another --at, or fewer matchers")
	case len(near) > 0:
		return fault.New(fault.Undecided, "no data: %s has no metric %s", client.Name(), strings.Join(unknown, ", ")).Try("there is %s", strings.Join(near, ", "))
	}
	return fault.New(fault.Undecided, "no data: %s has no metric %s", client.Name(), strings.Join(unknown, ", ")).
		Try("kubectl micro monitor query 'count by (__name__) ({__name__=~\".+\"})'")
}

// seriesText is a series as PromQL writes it.
func seriesText(labels map[string]string) string {
	var pairs []string
	for name, value := range labels {
		if name != "__name__" {
			pairs = append(pairs, name+"="+signals.Quote(value))
		}
	}
	slices.Sort(pairs)
	if len(pairs) == 0 && labels["__name__"] != "" {
		return labels["__name__"]
	}
	return labels["__name__"] + "{" + strings.Join(pairs, ",") + "}"
}

// number is a value with the digits that are certain: what a sum of floats adds in
// the last place is noise.
func number(v *float64) string {
	if v == nil {
		return signals.Absent
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(*v, 'g', 12, 64), 64)
	if err != nil {
		rounded = *v
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
