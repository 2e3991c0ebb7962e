// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

func TestInterval(t *testing.T) {
	for config, want := range map[string]time.Duration{
		"":                               0,
		"a: [":                           0,
		"global: {}":                     time.Minute,
		"global: {scrape_interval: 15s}": 15 * time.Second,
		"global: {scrape_interval: 1m}\nscrape_configs: [{scrape_interval: 30s}, {scrape_interval: 30s}, {}]": 30 * time.Second,
		"global: {scrape_interval: 1m}\nscrape_configs: [{scrape_interval: 30s}, {}]":                         30 * time.Second,
		"global: {scrape_interval: 1m}\nscrape_configs: [{scrape_interval: 5s}, {}, {}]":                      time.Minute,
	} {
		got := answering(t, 200, success(`{"yaml":`+strconv.Quote(config)+`}`)).Interval(t.Context())
		if got != want {
			t.Errorf("%q: %s, want %s", config, got, want)
		}
	}
	if got := answering(t, 403, "").Interval(t.Context()); got != 0 {
		t.Errorf("unknown is %s", got)
	}
}

func TestTargets(t *testing.T) {
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/targets" || r.URL.RawQuery != "state=active" {
			t.Errorf("asked %s", r.URL)
		}
		fmt.Fprint(w, success(`{"activeTargets":[
			{"discoveredLabels":{"__address__":"10.0.0.2:80"},"labels":{"job":"b"},"scrapePool":"b","scrapeUrl":"http://10.0.0.2/metrics",
			 "lastError":"server returned HTTP status 404","lastScrape":"2026-03-01T12:00:00Z","health":"down","scrapeInterval":"1m30s"},
			{"labels":{"job":"a"},"scrapePool":"a","health":"up"}],"droppedTargets":[]}`))
	}, prom.Options{})
	got, err := c.Targets(t.Context())
	want := []prom.Target{
		{Labels: map[string]string{"job": "a"}, Pool: "a", Health: "up"},
		{
			Labels: map[string]string{"job": "b"}, Discovered: map[string]string{"__address__": "10.0.0.2:80"}, Health: "down",
			LastError: "server returned HTTP status 404", URL: "http://10.0.0.2/metrics", Pool: "b",
			LastScrape: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Interval: 90 * time.Second,
		},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1d12h": 36 * time.Hour, "1w": 7 * 24 * time.Hour, "100ms": 100 * time.Millisecond, "5m30s": 330 * time.Second,
		"": 0, "0s": 0, "1s1m": 0, "1.5h": 0, "5": 0, "999999999y": 0, "292y365d": 0,
	} {
		got, ok := prom.ParseDuration(text)
		if ok != (want > 0) || (ok && got != want) {
			t.Errorf("%q: %s %v, want %s", text, got, ok, want)
		}
	}
}
