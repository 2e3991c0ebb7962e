// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package prom asks Prometheus, and whatever speaks its HTTP API, over one of
// three ways: a URL, the API server's proxy of a Service, and a port-forward to a
// pod behind that Service. It also finds the Prometheus of a cluster.
//
// Queries are sent with GET as long as they fit into a URL: through the API
// server a POST needs the right to create services/proxy, which people who may
// only look do not have. Answers are read into [signals.Vector] by a scanner of
// its own: an answer has tens of thousands of series whose labels are nearly all
// alike, and decoding them into maps costs more than the query.
//
// Every error says who was asked, what was expected, what was found and what to
// type next. Credentials of a kubeconfig are sent to its API server alone.
package prom
