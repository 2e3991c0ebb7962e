// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// viewBoth shows the rows of both views.
const viewBoth = "both"

// goldenFlags are those of the verbs that tell golden signals.
type goldenFlags struct {
	world   world.Flags
	signals telemetry.Flags
	report  *cli.ReportFlags
	view    string
	all     bool
}

// addFlags adds the flags; views are the values of --view.
func (g *goldenFlags) addFlags(cmd *cobra.Command, views ...string) {
	g.world.AddFlags(cmd, "look at")
	g.signals.AddFlags(cmd)
	g.report.AddFlags(cmd.Flags())
	g.view = views[0]
	cli.EnumVar(cmd.Flags(), &g.view, "view", "", "Whose experience counts: what callers saw, or what the server saw of it", views...)
	cmd.Flags().BoolVarP(&g.all, "all-namespaces", "A", false, "Look at all namespaces")
}

// golden is one run of such a verb.
type golden struct {
	*cli.Factory
	*goldenFlags
	// world is nil where no cluster is known and none is needed.
	world *world.World
	// namespace is the one that is meant, empty for all.
	namespace string
	// seen is nil where nothing could be read.
	seen *world.Seen
	feed *telemetry.Feed
	// silent is a source that did not answer this time: the next look asks it again.
	silent *telemetry.Feed
	// at and window are those of the last answer: a file has its own.
	at     time.Time
	window time.Duration
	// instant is what is asked about; zero is what the flags say.
	instant time.Time
	// told are the notes and warnings that people have seen.
	told *told
	// queries are what was asked, warned what came with the answers.
	queries, warned []string
}

// next makes a run look anew, at another instant.
func (g *golden) next(instant time.Time) {
	g.seen, g.at, g.instant, g.queries, g.warned = nil, time.Time{}, instant, nil, nil
	if g.feed, g.silent = cmp.Or(g.feed, g.silent), nil; g.feed != nil {
		g.feed = g.feed.AsOf(instant)
	}
}

// without goes on without the source for this look. Finding one anew might find
// another, whose numbers are not to be compared with those before.
func (g *golden) without() { g.silent, g.feed = g.feed, nil }

// start checks the flags and finds out what is meant.
func (g *goldenFlags) start(f *cli.Factory, cmd *cobra.Command) (*golden, error) {
	for _, validate := range []func() error{g.report.Validate, g.world.Validate, g.signals.Validate} {
		if err := validate(); err != nil {
			return nil, err
		}
	}
	run := &golden{Factory: f, goldenFlags: g, told: &told{}}
	w, err := world.New(f, cmd, &g.world, g.all)
	switch {
	case err == nil:
		run.world, run.namespace = w, w.Namespace
	case run.alone() && fault.KindOf(err) != fault.Usage:
		run.note("no cluster is known, so only what was measured is shown")
		if n := cmd.Flag("namespace"); n.Changed && !g.all {
			run.namespace = n.Value.String()
		}
	default:
		return nil, err
	}
	return run, nil
}

// alone reports whether the source of signals is one that needs no cluster.
func (g *golden) alone() bool {
	return strings.Contains(g.signals.Prometheus, "://") || strings.HasPrefix(g.signals.Source, "file:")
}

// open finds the source of signals.
func (g *golden) open(ctx context.Context) (err error) {
	if g.feed, err = telemetry.Open(ctx, g.Factory, &g.signals, g.namespace); err == nil && !g.instant.IsZero() {
		g.feed = g.feed.AsOf(g.instant)
	}
	return err
}

// ready opens the source of signals unless it is open, for the window of the flags.
func (g *golden) ready(ctx context.Context) error {
	if g.feed == nil {
		return g.open(ctx)
	}
	feed, err := g.feed.Over(ctx, g.signals.Window)
	if err != nil {
		g.without()
		return err
	}
	g.feed = feed
	return nil
}

// close ends connections.
func (g *golden) close() {
	if feed := cmp.Or(g.feed, g.silent); feed != nil {
		feed.Close()
	}
}

// see reads objects. That it cannot be done is a note where the source of signals
// needs no cluster, and an error else.
func (g *golden) see(ctx context.Context, want source.Want) error {
	if g.world == nil {
		return nil
	}
	want.Namespace, want.Tolerant, want.Slim = g.namespace, true, true
	for k, scope := range want.Scopes {
		if k.Namespaced && g.namespace != "" && len(scope.Namespaces) == 0 {
			scope.Namespaces = []string{g.namespace}
			want.Scopes[k] = scope
		}
	}
	seen, err := g.world.Load(ctx, world.Request{Want: want}.WithHome(g.namespace))
	if err == nil && g.world.Flags.Overlay {
		seen, err = g.world.Overlaid(ctx, seen)
	}
	if err != nil {
		if g.alone() && !g.world.Offline() && ctx.Err() == nil {
			g.note("the cluster cannot be read, so only what was measured is shown: %s", err)
			return nil
		}
		return err
	}
	if err := g.exists(seen); err != nil {
		return err
	}
	for _, unread := range seen.Unread {
		g.tell([]string{unread.Error()})
	}
	g.seen = seen
	return nil
}

// exists is an error for a namespace that is not there, if anybody knows.
func (g *golden) exists(seen *world.Seen) error {
	if g.alone() && !g.world.Offline() && len(seen.Objects()) == 0 {
		return nil // Prometheus may know more namespaces than this cluster has
	}
	return g.world.Exists(seen.Snapshot)
}

// snapshot is what exists, nil where nobody knows.
func (g *golden) snapshot() *model.Snapshot {
	if g.seen == nil {
		return nil
	}
	return g.seen.Snapshot
}

// both asks the source and reads the world at the same time.
func both(ask, see func() error) error {
	done := make(chan error, 1)
	go func() { done <- see() }()
	err := ask()
	return errors.Join(err, <-done)
}

// answer asks one query, and keeps of when its answer is.
func (g *golden) answer(ctx context.Context, q signals.Query) (signals.Answer, error) {
	a, err := g.feed.Ask(ctx, q)
	if err != nil {
		return a, err
	}
	g.queries, g.warned = append(g.queries, a.Queries...), append(g.warned, a.Warnings...)
	a.Window, a.At = cmp.Or(a.Window, g.feed.Window), cmp.Or(a.At, g.feed.At)
	g.at, g.window = a.At, a.Window
	return a, nil
}

// ask asks all profiles one question; answers are in the order of profiles.
func (g *golden) ask(ctx context.Context, q stat.Question) ([]signals.Answer, error) {
	var out []signals.Answer
	for _, p := range g.feed.Profiles {
		query := q.Query(p)
		if g.feed.Prometheus == nil {
			query.Match = nil // it has read all there is anyway
		}
		a, err := g.answer(ctx, query)
		if err != nil {
			return nil, err
		}
		if more, ok := q.Elsewhere(p, a); ok && g.feed.Prometheus != nil {
			b, err := g.answer(ctx, more)
			if err != nil {
				return nil, err
			}
			a.Add(b)
		}
		out = append(out, a)
	}
	return out, nil
}

// measured says where numbers come from.
func (g *golden) measured() api.Measured {
	out := api.Measured{At: cmp.Or(g.at, g.instant, g.Now()).UTC(), Window: cmp.Or(g.window, g.signals.Window).Seconds()}
	if g.feed != nil {
		out.Source = g.feed.Name
	}
	return out
}

// nobody is noData, unless the namespace is not there at all. A Prometheus that was
// named may know more namespaces than the cluster has.
func (g *golden) nobody(ctx context.Context, of string) error {
	if g.world != nil && (!g.alone() || g.world.Offline()) {
		if err := g.world.Absent(ctx); err != nil {
			return err
		}
	}
	return g.noData(of)
}

// noData is the error of a question to which there is no answer at all.
func (g *golden) noData(of string) error {
	where := " in all namespaces"
	if g.namespace != "" {
		where = " in namespace " + g.namespace
	}
	var names []string
	for _, p := range g.feed.Profiles {
		names = append(names, p.Metrics[0].Requests)
	}
	return fault.New(fault.Undecided, "no data: %s has no %s of %s%s in the last %s", g.feed.Name, strings.Join(names, " or "), of, where, signals.Span(cmp.Or(g.window, g.feed.Window))).
		Try("see why: kubectl micro monitor doctor")
}
