// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package scrape is where golden signals come from without a Prometheus: two
// scrapes of the sidecars, some seconds apart, or such answers in files. It reads
// the exposition formats of Prometheus (text 0.0.4) and OpenMetrics 1.0 line by line.
package scrape
