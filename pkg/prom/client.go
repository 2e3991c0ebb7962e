// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Client asks one Prometheus. It implements [signals.Source] and is safe for
// concurrent use.
type Client struct {
	*shared
	at time.Time
}

// shared is what all views of one Prometheus have in common.
type shared struct {
	name    string
	base    *url.URL
	http    *http.Client
	now     func() time.Time
	warn    func(string)
	service *Service
	close   func()

	// getOnly is set when a POST was refused.
	getOnly atomic.Bool
	clocks  sync.Once
}

// Options describe a client.
type Options struct {
	// Name is what people call it; the default is the URL, without a password.
	Name string
	// Transport sends the requests; the default is [http.DefaultTransport].
	Transport http.RoundTripper
	// Now is the clock, to tell whether the server's is far from it.
	Now func() time.Time
	// Warn is told what the server warns of, nil if nobody is. What Signals is
	// warned of is in its answer instead.
	Warn func(message string)

	service *Service
	close   func()
}

// New returns a client for a base URL: what comes before /api/v1.
func New(base string, o Options) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fault.Usagef("expected the URL of a Prometheus, found %q", base).
			Try("--prometheus http://localhost:9090, or --prometheus NAMESPACE/SERVICE:PORT for one in the cluster")
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/api/v1")
	s := &shared{name: cmp.Or(o.Name, u.String()), base: u, now: o.Now, warn: o.Warn, service: o.service, close: o.close}
	if s.now == nil {
		s.now = time.Now
	}
	if s.warn == nil {
		s.warn = func(string) {}
	}
	// A redirect leads to a login page at best, and must not take credentials along.
	s.http = &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{shared: s}, nil
}

// Name is what people call this Prometheus.
func (c *Client) Name() string { return c.name }

// AsOf returns a client whose Signals are those of an instant; of now, if it is
// zero.
func (c *Client) AsOf(at time.Time) *Client { return &Client{shared: c.shared, at: at} }

// Close ends connections that are kept.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	if c.close != nil {
		c.close()
	}
}

// Query evaluates an expression at an instant, which is now if it is zero. A
// scalar is one sample without labels.
func (c *Client) Query(ctx context.Context, expr string, at time.Time) (signals.Vector, error) {
	v, notes, err := c.query(ctx, expr, at)
	c.tell(notes)
	return v, err
}

func (c *Client) query(ctx context.Context, expr string, at time.Time) (signals.Vector, []string, error) {
	form := url.Values{"query": {expr}}
	if !at.IsZero() {
		form.Set("time", seconds(at))
	}
	var r result
	notes, err := c.call(ctx, "query", form, r.read)
	if err != nil {
		return nil, notes, err
	}
	switch r.kind {
	case "vector", "scalar":
		return r.samples, notes, nil
	case "matrix":
		return nil, notes, fault.Usagef("expected an expression with one value for each series, found a range of them: %s", expr).
			Try("rate(...[5m]) or another function makes one value of a range")
	}
	return nil, notes, fault.Usagef("expected an expression whose values are numbers, found a %s: %s", r.kind, expr)
}

// Range evaluates an expression at every step between two instants.
func (c *Client) Range(ctx context.Context, expr string, from, to time.Time, step time.Duration) ([]Series, error) {
	form := url.Values{
		"query": {expr}, "start": {seconds(from)}, "end": {seconds(to)},
		"step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	}
	var r result
	notes, err := c.call(ctx, "query_range", form, r.read)
	c.tell(notes)
	return r.series, err
}

func (c *Client) tell(notes []string) {
	for _, n := range notes {
		c.warn(n)
	}
}

// seconds is an instant as the API reads it.
func seconds(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', -1, 64)
}
