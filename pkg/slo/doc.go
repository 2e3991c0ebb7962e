// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package slo turns a promise about a service into Prometheus rules: recordings of
// requests and of what went wrong over the windows of "Alerting on SLOs" in the Site
// Reliability Workbook (https://sre.google/workbook/alerting-on-slos/), and alerts
// when the error budget burns too fast.
//
// Five things go wrong in such rules, and are what the package is about:
//
//   - a series of failures comes into being with the first failure. Until then its
//     absence is zero failures, not nothing;
//   - nothing divided by nothing is not a number, and poisons what is made of it;
//   - an average of ratios is not the ratio: a failure at night does not weigh more
//     than one at noon. Budgets are made of counts;
//   - both proxies of a call count it, and only the caller's knows of the calls that
//     never arrived. Each edge is counted once, as its reporter of choice saw it,
//     which is the choice of package signals;
//   - what says nothing of how it ended, or is in no bucket of the promise, did not go
//     well for that. It is left out, and an alert tells of it.
//
// With the rules comes a test for promtool, whose expectations are made by counting
// events, not of the rules' expressions.
package slo
