// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
)

// noDataAnswer is what --no-data makes of nothing.
type noDataAnswer string

const (
	noDataInconclusive noDataAnswer = "inconclusive"
	noDataPass         noDataAnswer = "pass"
)

// ruleFlags are what verdicts are made with.
type ruleFlags struct {
	minRequests float64
	noData      noDataAnswer
}

func (r *ruleFlags) addFlags(cmd *cobra.Command) {
	r.noData = noDataInconclusive
	cmd.Flags().Float64Var(&r.minRequests, "min-requests", 100, "Fewer requests than this decide nothing")
	cli.EnumVar(cmd.Flags(), &r.noData, "no-data", "", "What no data, or too little of it, means", noDataInconclusive, noDataPass)
}

func (r *ruleFlags) validate() error {
	if !(r.minRequests > 0) {
		return fault.Usagef("--min-requests %g: expected more than 0", r.minRequests)
	}
	return nil
}

// rules are those of package compare.
func (r *ruleFlags) rules(g *golden) compare.Rules {
	return compare.Rules{
		MinRequests: r.minRequests, NoDataPasses: r.noData == noDataPass, View: signals.View(g.view),
		Window: cmp.Or(g.window, g.signals.Window),
	}
}

// outcome is the exit code of a verdict; what there was to say has been printed.
func outcome(v compare.Verdict) error {
	switch v {
	case compare.Fail:
		return fault.Silently(fault.Negative)
	case compare.Inconclusive:
		return fault.Silently(fault.Undecided)
	}
	return nil
}

// ofFlag says which flag a value was for that could not be read.
func ofFlag(name string, err error) error {
	var told *fault.Error
	if errors.As(err, &told) {
		return told.At("--" + name)
	}
	return err
}

// asOf is a feed at another instant: of what keeps no history, now.
func asOf(x *telemetry.Feed, at time.Time) *telemetry.Feed {
	then := *x
	then.At = at
	if x.Prometheus != nil {
		then.Prometheus = x.Prometheus.AsOf(at)
		then.Source = then.Prometheus
	}
	return &then
}

// results are lines of verdicts with all that they are made of.
func results(all []api.GateResult) [][]string {
	var out [][]string
	for _, r := range all {
		out = append(out, []string{r.Verdict, r.Reason})
	}
	return out
}

// writeGates prints the report of a check.
func writeGates(g *golden, report api.GateReport) error {
	out := g.Streams.Out
	switch g.report.Output {
	case "json", "yaml":
		return render.Report(out, g.report.Output, report)
	case "junit":
		return gatesJUnit(out, report)
	}
	t := g.Table("VERDICT", "REASON")
	t.NoHeaders, t.Rows, t.Width = g.report.NoHeaders, results(report.Results), 0
	if err := t.Write(out); err != nil {
		return err
	}
	rounds := ""
	if report.Needed > 1 {
		rounds = fmt.Sprintf(", passed %d of %d times", report.Passes, report.Needed)
	}
	_, err := fmt.Fprintf(g.Streams.ErrOut, "%s: %s%s\n", render.Sanitise(report.Target), report.Verdict, rounds)
	return err
}

type (
	gateSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Suite    gateSuite
	}
	gateSuite struct {
		XMLName   xml.Name `xml:"testsuite"`
		Name      string   `xml:"name,attr"`
		Timestamp string   `xml:"timestamp,attr"`
		Tests     int      `xml:"tests,attr"`
		Failures  int      `xml:"failures,attr"`
		Skipped   int      `xml:"skipped,attr"`
		Cases     []gateCase
	}
	gateCase struct {
		XMLName xml.Name     `xml:"testcase"`
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Failure *gateMessage `xml:"failure"`
		Skipped *gateMessage `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
	}
	gateMessage struct {
		Message string `xml:"message,attr"`
	}
)

// gatesJUnit writes a test report with a case for each criterion: what cannot be
// told is skipped, which is neither a pass nor a failure there either.
func gatesJUnit(w io.Writer, report api.GateReport) error {
	suite := gateSuite{Name: "kubectl micro monitor check", Timestamp: report.At.UTC().Format("2006-01-02T15:04:05"), Tests: len(report.Results)}
	for _, r := range report.Results {
		c, reason := gateCase{Class: report.Target, Name: r.Metric + " " + r.Threshold}, render.Sanitise(r.Reason)
		switch compare.Verdict(r.Verdict) {
		case compare.Fail:
			suite.Failures++
			c.Failure = &gateMessage{reason}
		case compare.Inconclusive:
			suite.Skipped++
			c.Skipped = &gateMessage{reason}
		default:
			c.Out = reason
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(gateSuites{Tests: suite.Tests, Failures: suite.Failures, Skipped: suite.Skipped, Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
