// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/tui"
)

// screenPoints are those of a sparkline on the screen.
const screenPoints = 60

// screen runs the full-screen program over what was started.
func (w *watchFlags) screen(ctx context.Context, g *golden, names []stat.Name) error {
	begin, err := telemetry.ParseInstant(g.signals.At, g.Now())
	if err != nil {
		return err
	}
	if names == nil {
		names = []stat.Name{{Word: "svc"}}
	}
	plain := !g.Colors().Enabled()
	heard := &heard{}
	defer g.Divert(heard)()
	s := &screen{golden: *g, names: names, heard: heard, begin: begin, past: g.signals.At != ""}
	defer func() { s.close() }()
	return tui.Run(ctx, tui.Options{
		// The terminal itself, which knows its size, and not what keeps the progress line off it.
		In: os.Stdin, Out: os.Stdout, Feed: s, View: g.view, Window: g.signals.Window, Interval: w.interval, Count: w.count,
		ASCII: w.ascii, NoColor: plain, Now: g.Now,
	})
}

// heard is what the verbs say to people on stderr, a line at a time: objects and
// signals are read at the same time.
type heard struct {
	mu    sync.Mutex
	lines []string
}

// Write implements io.Writer.
func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, strings.Split(strings.TrimRight(string(b), "\n"), "\n")...)
	return len(b), nil
}

// take returns the notes since the last time, each once. Queries, which
// --show-queries prints, are no notes: key y shows them.
func (h *heard) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, line := range h.lines {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "note: "), "warning: ")
		if line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	h.lines = nil
	return out
}

// screen feeds the screen with what the verbs show. What these say to people are the
// notes of a frame.
type screen struct {
	golden
	names []stat.Name
	heard *heard
	// begin is the first instant, which stays if past says so.
	begin time.Time
	past  bool
}

// Frame implements [tui.Feed].
func (s *screen) Frame(ctx context.Context, pane tui.Pane, focus, view string, window time.Duration) (tui.Frame, error) {
	s.heard.take()
	// One look has its own notes, and a view and window of the keys.
	g := s.golden
	flags := *s.goldenFlags
	flags.view, flags.signals.Window, flags.report = view, window, cli.NewReportFlags("table")
	g.goldenFlags, g.told = &flags, &told{}
	at := s.Now()
	if s.past {
		at = s.begin
	}
	g.next(at)
	var out tui.Frame
	err := s.goldenFlags.world.Timeout.Run(ctx, func(ctx context.Context) (err error) {
		out, err = s.pane(ctx, &g, pane, focus)
		return err
	})
	s.feed = cmp.Or(g.feed, g.silent)
	if err != nil {
		return out, err
	}
	g.tell(g.warned) // the source itself tells each warning only once
	out.At, out.Source = g.measured().At, g.measured().Source
	if out.Source == "" && g.world != nil {
		out.Source = g.world.Name()
	}
	slices.Sort(g.queries)
	out.Query = strings.Join(slices.Compact(g.queries), "\n\n")
	out.Notes = append(out.Notes, s.heard.take()...)
	return out, nil
}

func (s *screen) pane(ctx context.Context, g *golden, pane tui.Pane, focus string) (tui.Frame, error) {
	namespace, target, _ := strings.Cut(focus, "/")
	if namespace == "" {
		namespace = g.namespace
	}
	switch pane {
	case tui.Versions:
		return s.versions(ctx, g, namespace, target)
	case tui.Workloads:
		return s.workloads(ctx, g, namespace, target)
	case tui.Pods:
		return s.pods(ctx, g, namespace, target)
	case tui.Edges:
		return s.edges(ctx, g, namespace, target)
	case tui.Events:
		return s.events(ctx, g, namespace, target)
	case tui.Logs:
		return s.logs(ctx, namespace, target)
	}
	return s.services(ctx, g)
}

// key is the focus of a row: the namespace and what verbs call a target.
func key(namespace, target string) string { return namespace + "/" + target }

// called names what a pane is of.
func (s *screen) called(what, target string) string {
	if target != "" {
		return what + " of " + target
	}
	if s.namespace == "" {
		return what + " of all namespaces"
	}
	return what + " of " + s.namespace
}
