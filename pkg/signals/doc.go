// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package signals computes the golden signals of services from instant vectors:
// requests a second, failures, status codes, latency quantiles and TCP bytes, by
// service, workload, version, caller or namespace.
//
// It reads nothing itself. A Source answers a Query with a Vector; answers of
// Prometheus, two scrapes of the sidecars and OpenMetrics files look the same,
// and Fold makes groups of any of them. Four rules hold everywhere:
//
//   - of the proxies that report one edge one is believed, never their sum;
//   - what was not measured is nil, and 0/0 is not measured;
//   - a quantile is what Prometheus' histogram_quantile returns for the same
//     buckets, and comes with the bucket that holds it and the number of requests;
//   - a share is printed as 100 only when nothing at all is missing.
package signals
