// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// target are the labels that a scrape adds and that say which service it is;
// service comes from a ServiceMonitor, job from everything else.
func target() Keys {
	return Keys{
		Service: []string{"service", "job"}, Namespace: []string{"namespace", "kubernetes_namespace"},
		Pod: []string{"pod", "kubernetes_pod_name"}, WorkloadNamespace: []string{"namespace", "kubernetes_namespace"},
	}
}

// own is the reporter of metrics that an application makes of itself.
func own(string) Reporter { return ByApplication }

// generic is what Prometheus' documentation and most client libraries, promhttp
// and .NET among them, name HTTP metrics: prometheus.io/docs/practices/naming.
func generic() Profile {
	keys := target()
	keys.Code = []string{"code", "status", "status_code"}
	const buckets = "http_request_duration_seconds_bucket"
	return Profile{
		Name: "http", Title: "Prometheus HTTP",
		Metrics: []Metrics{
			{Requests: "http_request_duration_seconds_count", Buckets: buckets, PerSecond: 1},
			{Requests: "http_requests_total", Buckets: buckets, PerSecond: 1},
		},
		Keys: keys, NoBuckets: "make the duration a histogram, not a summary",
		reporter: own,
		outcome:  func(o observed, _ Policy) Outcome { return ofHTTP(o.code) },
	}
}
