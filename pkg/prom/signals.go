// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// atOnce bounds how many requests are under way.
const atOnce = 4

// Signals implements [signals.Source] with one request, or for one view with three:
// the buckets that would not be believed are left out, and counted meanwhile. Where one is more
// than the server may load (--query.max-samples), it is asked namespace by namespace.
func (c *Client) Signals(ctx context.Context, q signals.Query) (signals.Answer, error) {
	out := signals.Answer{At: c.at, Window: q.Window}
	if out.At.IsZero() {
		out.At = c.now()
	}
	requests, buckets, counts, apart := q.Parts()
	if !apart {
		err := c.whole(ctx, q, &out)
		return out, err
	}
	number := signals.Answer{At: out.At}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		// Buckets are nine tenths of the series. Those that would not be believed are
		// not read, which requests tell first.
		if err := c.whole(ctx, requests, &out); err != nil {
			return err
		}
		if only, ok := q.Believed(out.Vector); ok {
			buckets.Match = append(slices.Clone(buckets.Match), only)
		}
		return c.whole(ctx, buckets, &out)
	})
	if q.Count != signals.Uncounted {
		group.Go(func() error { return c.whole(ctx, counts, &number) })
	}
	err := group.Wait()
	out.Add(number)
	return out, err
}

// whole adds the answer to a query to another, asking for each namespace by itself
// if it is too much at once.
func (c *Client) whole(ctx context.Context, q signals.Query, to *signals.Answer) error {
	v, notes, err := c.query(ctx, q.PromQL(), to.At)
	if tooMany(err) {
		v, notes, err = c.apiece(ctx, q, *to, err)
	}
	to.Add(signals.Answer{Vector: v, Queries: []string{q.PromQL()}, Warnings: notes})
	return err
}

// tooMany reports whether a query was refused because it reads too much.
func tooMany(err error) bool {
	var answer *Answer
	return errors.As(err, &answer) && answer.Status == http.StatusUnprocessableEntity && strings.Contains(answer.Message, "too many samples")
}

// apiece asks for each namespace by itself. The refusal is the error if there is
// only one.
func (c *Client) apiece(ctx context.Context, q signals.Query, as signals.Answer, refusal error) (signals.Vector, []string, error) {
	label, namespaces := c.namespaces(ctx, q)
	if len(namespaces) < 2 {
		return nil, nil, refusal
	}
	// Series without the label are asked for as well.
	match := []signals.Matcher{signals.Equal(label)}
	for _, n := range namespaces {
		match = append(match, signals.Equal(label, n))
	}
	parts := make([]signals.Vector, len(match))
	notes := make([][]string, len(match))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, m := range match {
		group.Go(func() (err error) {
			one := q
			one.Match = append(slices.Clone(q.Match), m)
			parts[i], notes[i], err = c.query(ctx, one.PromQL(), as.At)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	said := slices.Concat(notes...)
	slices.Sort(said)
	said = append(slices.Compact(said), fmt.Sprintf(
		"%s may not load so many samples at once (--query.max-samples): asked for each of %d namespaces by itself; -n NAMESPACE asks for one", c.name, len(namespaces)))
	return slices.Concat(parts...), said, nil
}

// namespaces returns the first of the profile's namespace labels that has values,
// and these. It reads the index alone, no samples.
func (c *Client) namespaces(ctx context.Context, q signals.Query) (label string, values []string) {
	for _, label := range q.Profile.Keys.Namespace {
		form := url.Values{"start": {seconds(c.instant(q.Window, -1))}, "end": {seconds(c.instant(q.Window, 0))}}
		for _, name := range q.Metrics() {
			form.Add("match[]", selector(name, q.Match))
		}
		values, err := c.values(ctx, label, form)
		if err == nil && len(values) > 0 {
			return label, values
		}
	}
	return "", nil
}

// selector is one of PromQL that every server can read: the name of a metric may
// need quotes, and is matched like a label.
func selector(metric string, match []signals.Matcher) string {
	parts := []string{signals.Equal("__name__", metric).String()}
	for _, m := range match {
		parts = append(parts, m.String())
	}
	return "{" + strings.Join(parts, ",") + "}"
}
