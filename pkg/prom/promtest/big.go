// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import (
	"fmt"
	"time"
)

// The size of [Big].
const (
	BigServices = 200
	BigCallers  = 5
	BigPods     = 3
)

// Big is five minutes of a mesh for measurements, scraped once a minute: services
// app/svc-000 to app/svc-199, each with 5 callers and 3 pods. Both proxies report,
// which makes 120,000 series of buckets and 12,000 of requests. Every caller sends
// 3 rps to a service, 1 to each pod, all of which take 30 ms; 1 % are 503. A
// service has 15 rps and 99.00 % success; p50 is 37.5 ms and p99 49.75 ms.
func Big() History {
	h := NewHistory(5*time.Minute, time.Minute)
	for s := range BigServices {
		name := fmt.Sprintf("svc-%03d", s)
		for c := range BigCallers {
			caller := fmt.Sprintf("svc-%03d", (s+c+1)%BigServices)
			for p := range BigPods {
				pod := fmt.Sprintf("%s-7c9d8b6f5-%05d", name, p)
				for _, reporter := range []string{"source", "destination"} {
					bigSeries(h, reporter, caller, name, pod)
				}
			}
		}
	}
	return *h
}

// bigSeries adds what one proxy counts for one caller. Client proxies have a series
// for each pod called here, as in a mesh whose callers have as many pods.
func bigSeries(h *History, reporter, caller, service, pod string) {
	c := call{from: peer{"app", caller, pod}, to: peer{"app", service, pod}, service: service}
	l := c.labels(reporter, c.to)
	h.Counter("istio_requests_total", l, Steady(0.99))
	c.code = "503"
	h.Counter("istio_requests_total", c.labels(reporter, c.to), Steady(0.01))
	h.Buckets("istio_request_duration_milliseconds", l, Envoy, Steady(1), All(30))
}
