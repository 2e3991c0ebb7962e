// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package promtest runs a real Prometheus for tests, with a past that was
// written down instead of waited for: series are functions of time, so that for
// every number a test expects there is a line here that says why it is true.
//
// A [History] becomes OpenMetrics text, promtool makes blocks of that, and a
// Prometheus that scrapes nothing serves them on loopback. The last instant of
// every history is [Now]; ask with time=Now, or `--at 2026-03-01T12:00:00Z`.
//
// All flows are linear between scrapes and change only at one. The rate over any
// window that ends at a scrape is therefore exact, with the closed windows of
// Prometheus 2 as with the left-open ones of Prometheus 3.
//
// Blocks are made of text, and text has no stale markers: a series that ends is
// still there for the lookback of five minutes, as after a crash of Prometheus.
package promtest
