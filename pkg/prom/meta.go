// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"sigs.k8s.io/yaml"
)

// lookback is how far back names are looked for: those of series that ended
// long ago explain nothing.
const lookback = time.Hour

// instant is that of the client plus a number of durations.
func (c *Client) instant(d time.Duration, times int) time.Time {
	at := c.at
	if at.IsZero() {
		at = c.now()
	}
	return at.Add(d * time.Duration(times))
}

// Names returns the names of metrics that have had series in the last hour,
// sorted; all, or those that a selector matches.
func (c *Client) Names(ctx context.Context, match ...string) ([]string, error) {
	form := url.Values{"start": {seconds(c.instant(lookback, -1))}, "end": {seconds(c.instant(lookback, 0))}}
	if len(match) > 0 {
		form["match[]"] = match
	}
	return c.values(ctx, "__name__", form)
}

// values returns the values of a label, sorted.
func (c *Client) values(ctx context.Context, label string, form url.Values) ([]string, error) {
	var out []string
	notes, err := c.call(ctx, "label/"+label+"/values", form, func(s *scanner) { out = s.words() })
	c.tell(notes)
	slices.Sort(out)
	return out, err
}

// Target is one endpoint that is scraped.
type Target struct {
	// Labels are those of its series, Discovered those before relabelling.
	Labels, Discovered map[string]string
	// Health is "up", "down" or "unknown".
	Health, LastError, URL, Pool string
	LastScrape                   time.Time
	// Interval between two scrapes; 0 if it is not told.
	Interval time.Duration
}

// Targets returns the active targets, sorted by pool and URL.
func (c *Client) Targets(ctx context.Context) ([]Target, error) {
	var data struct {
		Active []struct {
			Labels         map[string]string
			Discovered     map[string]string `json:"discoveredLabels"`
			Health         string
			LastError      string
			ScrapeURL      string
			ScrapePool     string
			LastScrape     time.Time
			ScrapeInterval string
		} `json:"activeTargets"`
	}
	notes, err := c.call(ctx, "targets", url.Values{"state": {"active"}}, func(s *scanner) { s.into(&data) })
	c.tell(notes)
	if err != nil {
		return nil, err
	}
	out := make([]Target, len(data.Active))
	for i, t := range data.Active {
		interval, _ := ParseDuration(t.ScrapeInterval)
		out[i] = Target{t.Labels, t.Discovered, t.Health, t.LastError, t.ScrapeURL, t.ScrapePool, t.LastScrape, interval}
	}
	slices.SortStableFunc(out, func(a, b Target) int { return cmp.Or(cmp.Compare(a.Pool, b.Pool), cmp.Compare(a.URL, b.URL)) })
	return out, nil
}

// Build is which server it is.
type Build struct {
	Version, Revision, GoVersion string
}

// BuildInfo returns which server answers.
func (c *Client) BuildInfo(ctx context.Context) (Build, error) {
	var out Build
	_, err := c.call(ctx, "status/buildinfo", nil, func(s *scanner) { s.into(&out) })
	return out, err
}

// byDefault is Prometheus' scrape interval where nothing is configured.
const byDefault = time.Minute

// Interval returns the time between two scrapes, 0 if it is not known. Jobs may
// differ: it is what most of them have.
func (c *Client) Interval(ctx context.Context) time.Duration {
	var data struct{ YAML string }
	if _, err := c.call(ctx, "status/config", nil, func(s *scanner) { s.into(&data) }); err != nil || data.YAML == "" {
		return 0
	}
	type scraping struct {
		Interval string `json:"scrape_interval"`
	}
	var config struct {
		Global scraping   `json:"global"`
		Jobs   []scraping `json:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(data.YAML), &config); err != nil {
		return 0
	}
	global, ok := ParseDuration(config.Global.Interval)
	if !ok {
		global = byDefault
	}
	most, times := global, map[time.Duration]int{}
	for _, job := range config.Jobs {
		every, ok := ParseDuration(job.Interval)
		if !ok {
			every = global
		}
		times[every]++
		if times[every] > times[most] || (times[every] == times[most] && every < most) {
			most = every
		}
	}
	return most
}
