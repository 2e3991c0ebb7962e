// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Open finds the source and what it knows. Namespace "" is all.
func Open(ctx context.Context, f *cli.Factory, flags *Flags, namespace string) (*Feed, error) {
	if err := flags.Validate(); err != nil {
		return nil, err
	}
	at, err := ParseInstant(flags.At, f.Now())
	if err != nil {
		return nil, err
	}
	policy, err := signals.ParsePolicy(flags.GRPC)
	if err != nil {
		return nil, err
	}
	x := &Feed{Window: flags.Window, At: at.Truncate(time.Millisecond), Policy: policy, teller: flags.teller(f)}
	switch {
	case flags.Source == Envoy:
		err = x.sidecars(ctx, f, flags, namespace)
	case strings.HasPrefix(flags.Source, filePrefix):
		err = x.dumps(f, flags)
	case flags.Prometheus == none:
		return nil, fault.Usagef("--prometheus none leaves nothing to ask").
			Try("--source envoy asks the sidecars, --source file:BEFORE,AFTER reads two of their answers")
	default:
		err = x.prometheus(ctx, f, flags)
	}
	if err != nil {
		x.Close()
		return nil, err
	}
	x.show(fmt.Sprintf("%s at %s, window %s, %s", x.Name, x.At.Format(time.RFC3339), x.Window, titles(x.Profiles)))
	return x, nil
}

// prometheus opens Prometheus and looks which profiles it has.
func (x *Feed) prometheus(ctx context.Context, f *cli.Factory, flags *Flags) error {
	c, names, err := flags.find(ctx, f, x.teller, rank(flags.Profile), x.At)
	if err != nil {
		return err
	}
	x.Prometheus, x.Source, x.Name, x.close = c, c, c.Name(), c.Close
	var interval time.Duration
	group, within := errgroup.WithContext(ctx)
	group.Go(func() error {
		interval = c.Interval(within)
		return nil
	})
	group.Go(func() (err error) {
		if names == nil {
			names, err = c.Names(within, wanted())
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if x.Profiles = choose(flags.Profile, names); len(x.Profiles) == 0 {
		return x.nothing(ctx, flags.Profile, names)
	}
	return signals.CheckWindow(x.Window, interval)
}

// wanted selects the metrics of all profiles.
func wanted() string {
	var names []string
	for _, p := range signals.Profiles() {
		for _, m := range p.Metrics {
			names = append(names, m.Requests)
			if m.Buckets != "" {
				names = append(names, m.Buckets)
			}
		}
	}
	return "{" + signals.Equal("__name__", names...).String() + "}"
}

// choose returns the profiles that the names are of: all, or the one that is
// asked for.
func choose(profile string, names []string) []signals.Profile {
	found := signals.Detect(names)
	if profile == Auto {
		return found
	}
	return slices.DeleteFunc(found, func(p signals.Profile) bool { return p.Name != profile })
}

// rank prefers a Prometheus that has the profile asked for, then one that sees a
// mesh, then one that sees any requests.
func rank(profile string) func([]string) int {
	return func(names []string) int {
		best := 0
		for _, p := range signals.Detect(names) {
			switch {
			case p.Name == profile:
				return 3
			case p.Paired:
				best = 2
			default:
				best = max(best, 1)
			}
		}
		return best
	}
}

// nothing says that a Prometheus counts no requests, and what it has instead.
func (x *Feed) nothing(ctx context.Context, profile string, names []string) error {
	if others := titles(signals.Detect(names)); profile != Auto && len(names) > 0 {
		return fault.New(fault.Undecided, "expected metrics of --profile %s in %s, found %s", profile, x.Name, others).
			Try("leave --profile out, or name one that is there")
	}
	all, err := x.Prometheus.Names(ctx)
	if err != nil {
		return err
	}
	out := fault.New(fault.Undecided, "expected metrics of requests (%s) in %s, found %s", requests(profile), x.Name, sample(all))
	return out.Try("%s doctor says why a service is not scraped; --prometheus names another Prometheus, --source envoy needs none", "kubectl micro monitor")
}

func requests(profile string) string {
	var out []string
	for _, p := range signals.Profiles() {
		if len(p.Metrics) > 0 && (profile == Auto || profile == p.Name) {
			out = append(out, p.Metrics[0].Requests)
		}
	}
	if len(out) > 4 {
		out = append(out[:4], "...")
	}
	return strings.Join(out, ", ")
}

// few is how many names of metrics are shown.
const few = 8

// sample is some of the names, those that may be about requests first.
func sample(names []string) string {
	if len(names) == 0 {
		return "none at all in the last hour"
	}
	about := func(n string) bool {
		return strings.Contains(n, "request") || strings.Contains(n, "http") || strings.Contains(n, "rpc")
	}
	var first, rest []string
	for _, n := range names {
		if about(n) {
			first = append(first, n)
		} else {
			rest = append(rest, n)
		}
	}
	shown := append(first, rest...)
	if len(shown) > few {
		shown = append(shown[:few:few], "...")
	}
	return cli.Plural(len(names), "other metric") + ": " + strings.Join(shown, ", ")
}

func titles(profiles []signals.Profile) string {
	var out []string
	for _, p := range profiles { // one of which two ways to count exist is there twice
		if !slices.Contains(out, p.Name) {
			out = append(out, p.Name)
		}
	}
	return cli.Plural(len(out), "profile") + " " + strings.Join(out, ", ")
}

// teller of the flags.
func (c *Connection) teller(f *cli.Factory) *teller {
	return &teller{to: f.Streams.ErrOut, queries: c.ShowQueries}
}

// Connect finds the Prometheus that the flags mean, whatever it knows. At is the
// instant of its Signals; zero is now.
func Connect(ctx context.Context, f *cli.Factory, flags *Connection, at time.Time) (*prom.Client, error) {
	if err := flags.Validate(); err != nil {
		return nil, err
	}
	if flags.Prometheus == none {
		return nil, fault.Usagef("expected a Prometheus to ask, found --prometheus none")
	}
	c, _, err := flags.find(ctx, f, flags.teller(f), rank(Auto), at)
	return c, err
}
