// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
)

// watchFlags make a table go on: as a screen on a terminal, as lines in a pipe.
type watchFlags struct {
	on       bool
	interval time.Duration
	count    int
	ascii    bool
}

func (w *watchFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&w.on, "watch", "w", false, "Go on: a screen with keys on a terminal (? explains them), a line for each row in a pipe")
	flags.DurationVar(&w.interval, "interval", 15*time.Second, "Time between two looks of --watch")
	flags.IntVar(&w.count, "count", 0, "End --watch after so many looks; 0 does not")
	flags.BoolVar(&w.ascii, "ascii", false, "Draw --watch without characters beyond ASCII")
}

// under runs a command within its timeout, which bounds each look of a watch and not
// the watch.
func (w *watchFlags) under(cmd *cobra.Command, g *golden, run func(context.Context) error) error {
	for _, name := range []string{"interval", "count", "ascii"} {
		if !w.on && cmd.Flags().Changed(name) {
			return fault.Usagef("--%s is about --watch, which is not given", name).Try("%s -w", cmd.CommandPath())
		}
	}
	if !w.on {
		return g.goldenFlags.world.Timeout.Run(cmd.Context(), run)
	}
	if err := w.validate(g); err != nil {
		return err
	}
	return run(cmd.Context())
}

// validate reports what cannot be watched.
func (w *watchFlags) validate(g *golden) error {
	files := g.goldenFlags.world.Files
	static := strings.HasPrefix(g.signals.Source, "file:") ||
		files.Given() && !g.goldenFlags.world.Overlay && g.signals.Prometheus == "none" && g.signals.Source != telemetry.Envoy
	switch {
	case w.interval < time.Second:
		return fault.Usagef("--interval %s: expected a second at least", w.interval)
	case w.count < 0:
		return fault.Usagef("--count %d: expected 0 for no end, or how often to look", w.count)
	case !slices.Contains([]string{"table", "wide", "jsonl"}, g.report.Output):
		return fault.Usagef("--watch writes line after line, and %s is one document", g.report.Output).Try("-o table | wide | jsonl")
	case static || g.goldenFlags.world.Snapshot != "":
		return fault.Usagef("--watch waits for what changes, and files do not").Try("leave -w out, or name a Prometheus: --prometheus URL")
	case slices.Contains(files.Files, "-"):
		return fault.Usagef("--watch reads manifests again and again, and standard input is there once").Try("-f FILE")
	}
	return nil
}

// terminal reports whether there is a person with keys.
func (w *watchFlags) terminal(g *golden) bool {
	return g.Streams.InTerminal && g.Streams.OutTerminal && g.report.Output != "jsonl"
}

// looks looks again and again. --at begins in the past and goes forward from there,
// without waiting for instants that are over. What fails later than the first time is
// told, and does not end the watch.
func (w *watchFlags) looks(ctx context.Context, g *golden, look func(context.Context) error) error {
	begin, err := telemetry.ParseInstant(g.signals.At, g.Now())
	if err != nil {
		return err
	}
	at := begin
	for i := 0; w.count == 0 || i < w.count; i++ {
		if i > 0 {
			at = at.Add(w.interval)
		}
		if err := pause(ctx, at.Sub(g.Now())); err != nil {
			return err
		}
		if now := g.Now(); g.signals.At == "" {
			at = now
		}
		g.next(at)
		err := g.goldenFlags.world.Timeout.Run(ctx, look)
		if i == 0 && err == nil {
			w.slow(ctx, g)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && (i == 0 || fault.KindOf(err) == fault.Usage):
			return err
		case err != nil:
			fmt.Fprintf(g.Streams.ErrOut, "warning: %s: %s\n", at.UTC().Format(time.RFC3339), render.Sanitise(err.Error()))
		}
	}
	return nil
}

// slow makes the time between two looks that between two scrapes at least: before the
// next one there is nothing new.
func (w *watchFlags) slow(ctx context.Context, g *golden) {
	if g.feed == nil || g.feed.Prometheus == nil {
		return
	}
	if scrape := g.feed.Prometheus.Interval(ctx); scrape > w.interval {
		g.note("--interval %s: %s is scraped every %s, and asked as often", w.interval, g.feed.Name, scrape)
		w.interval = scrape
	}
}

// pause waits, unless there is nothing to wait for.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// stat watches the rows of "stat".
func (w *watchFlags) stat(ctx context.Context, g *golden, s *statFlags) error {
	if w.terminal(g) {
		return w.screen(ctx, g, s.names)
	}
	lines := lines{out: g.Streams.Out, bare: g.report.NoHeaders}
	return w.looks(ctx, g, func(ctx context.Context) error {
		if err := g.ready(ctx); err != nil {
			return err
		}
		q, rows, measured, err := s.read(ctx, g)
		if err != nil {
			return err
		}
		if g.report.Output == "jsonl" {
			return timed(g, stat.Shape(rows, q.By(), g.measured(), s.buckets).Items, func(at time.Time, x api.Stat) any {
				return struct {
					At time.Time `json:"at"`
					api.Stat
				}{at, x}
			})
		}
		if !measured {
			g.tell([]string{"no data yet"})
		}
		header, cells := s.cells(g, q, rows)
		return lines.write(g.measured().At, header, cells)
	})
}

// status watches the rows of the status.
func (w *watchFlags) status(ctx context.Context, g *golden, s *statusFlags) error {
	if w.terminal(g) {
		return w.screen(ctx, g, nil)
	}
	lines := lines{out: g.Streams.Out, bare: g.report.NoHeaders}
	var columns []statusColumn
	return w.looks(ctx, g, func(ctx context.Context) error {
		s.notes = nil
		rows, err := s.read(ctx, g, points)
		if err != nil {
			return err
		}
		if g.report.Output == "jsonl" {
			return timed(g, s.shape(g, rows).Items, func(at time.Time, x api.Status) any {
				return struct {
					At time.Time `json:"at"`
					api.Status
				}{at, x}
			})
		}
		if columns == nil { // a pipe has one header, whatever turns up later
			columns = s.columns(g, rows)
		}
		header, cells := tabulate(columns, rows)
		return lines.write(g.measured().At, header, cells)
	})
}

// timed writes rows as JSON, each with when it was so.
func timed[T any](g *golden, items []T, with func(time.Time, T) any) error {
	at := g.measured().At
	var out []any
	for _, one := range items {
		out = append(out, with(at, one))
	}
	return render.JSONL(g.Streams.Out, out)
}

// lines are a table that goes on. Columns do not move, unless a cell is wider than
// any before it.
type lines struct {
	out    io.Writer
	bare   bool
	widths []int
}

// write writes the rows of one instant in one piece, the header before the first.
func (l *lines) write(at time.Time, header []string, rows [][]string) error {
	all := make([][]string, 0, len(rows)+1)
	if l.widths == nil && !l.bare {
		all = append(all, append([]string{"TIME"}, header...))
	}
	for _, r := range rows {
		all = append(all, append([]string{at.UTC().Format(time.RFC3339)}, r...))
	}
	if l.widths == nil {
		l.widths = make([]int, len(header)+1)
	}
	for _, cells := range all {
		for i := range cells {
			cells[i] = render.Sanitise(cells[i])
			l.widths[i] = max(l.widths[i], utf8.RuneCountInString(cells[i]))
		}
	}
	var b strings.Builder
	for _, cells := range all {
		var line strings.Builder
		for i, cell := range cells {
			line.WriteString(cell + strings.Repeat(" ", l.widths[i]-utf8.RuneCountInString(cell)+3))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(l.out, b.String())
	return err
}
