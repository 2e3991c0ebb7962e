// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetry turns flags into a source of golden signals, as pkg/world
// turns them into a model: Prometheus, the sidecars themselves, or files.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Feed is a source that was found.
type Feed struct {
	// Source is asked through Ask, which sets the window.
	Source signals.Source
	// Name is for people: "prometheus monitoring/prometheus-k8s:web", "envoy".
	Name string
	// Profiles has at least one, detected or chosen.
	Profiles []signals.Profile
	// Window is what rates are taken over, At the instant of all answers.
	Window time.Duration
	At     time.Time
	// Prometheus is nil for other sources. Its Signals are those of At.
	Prometheus *prom.Client
	// Policy says which gRPC statuses are failures.
	Policy signals.Policy

	*teller
	close func()
}

// Ask answers a query over the feed's window. What the source warns of, and with
// --show-queries the query, go to stderr.
func (x *Feed) Ask(ctx context.Context, q signals.Query) (signals.Answer, error) {
	q.Window = x.Window
	a, err := x.Source.Signals(ctx, q)
	if len(a.Queries) == 0 {
		a.Queries = []string{q.PromQL()}
	}
	for _, sent := range a.Queries {
		x.show(sent)
	}
	for _, w := range a.Warnings {
		x.warn(w)
	}
	return a, err
}

// AsOf returns the feed at another instant. Only Prometheus knows others: of any
// other source it is the feed itself.
func (x *Feed) AsOf(at time.Time) *Feed {
	if x.Prometheus == nil {
		return x
	}
	out := *x
	out.At, out.Prometheus = at, x.Prometheus.AsOf(at)
	out.Source = out.Prometheus
	return &out
}

// Over returns the feed over another window, or why that is too short for a rate. Only
// Prometheus knows others: of any other source it is the feed itself.
func (x *Feed) Over(ctx context.Context, window time.Duration) (*Feed, error) {
	if x.Prometheus == nil || x.Window == window {
		return x, nil
	}
	if err := signals.CheckWindow(window, x.Prometheus.Interval(ctx)); err != nil {
		return nil, err
	}
	out := *x
	out.Window = window
	return &out, nil
}

// Close ends connections.
func (x *Feed) Close() {
	if x.close != nil {
		x.close()
	}
}

// teller writes what is not data to stderr, each sentence once.
type teller struct {
	to      io.Writer
	queries bool

	mu   sync.Mutex
	told map[string]bool
}

func (t *teller) warn(message string) { t.once("warning: " + render.Sanitise(message)) }

// show prints what is only wanted with --show-queries.
func (t *teller) show(message string) {
	if t.queries {
		t.once("# " + render.Sanitise(message))
	}
}

func (t *teller) once(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told[line] {
		return
	}
	if t.told == nil {
		t.told = map[string]bool{}
	}
	t.told[line] = true
	fmt.Fprintln(t.to, line)
}
