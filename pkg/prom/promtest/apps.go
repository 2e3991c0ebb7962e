// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import "time"

// lately is the length of the small histories.
const lately = 30 * time.Minute

// target are the labels that a scrape of a Service's pod adds.
func target(service, pod string) Labels {
	return Labels{"job": service, "service": service, "namespace": "shop", "pod": pod}
}

// HTTP is half an hour of two services that measure themselves in the way of
// Prometheus' client libraries:
//
//	orders  25 rps, 96 % success: 1 rps is 500, and 5 % are 404; p50 37.5 ms, p99 49.75 ms (25-50)
//	users   10 rps, 100 % success, counted by http_requests_total alone: no latency
func HTTP() History {
	h := NewHistory(lately, defaultInterval)
	orders := target("orders", "orders-6c9d8b7f5-q2w4e")
	for code, rate := range map[string]float64{"200": 22.75, "404": 1.25, "500": 1} {
		l := orders.With("code", code, "method", "GET", "handler", "/orders")
		h.Counter("http_requests_total", l, Steady(rate))
		h.Histogram("http_request_duration_seconds", l, Seconds, Steady(rate), All(0.03))
	}
	h.Counter("http_requests_total", target("users", "users-5b8c7d9f6-e3r5t").With("code", "200", "method", "GET"), Steady(10))
	return *h
}

// Spring is half an hour of two services with Micrometer:
//
//	catalog  12 rps, 75 % success: 3 rps are SERVER_ERROR; p50 75 ms, p99 99.5 ms (50-100)
//	billing   4 rps, 100 % success, without percentiles-histogram: no latency
func Spring() History {
	h := NewHistory(lately, defaultInterval)
	const name = "http_server_requests_seconds"
	catalog := target("catalog", "catalog-7d8b9c6f5-y6u8i").With("uri", "/catalog/{id}", "method", "GET", "exception", "none")
	for _, r := range []struct {
		status, outcome string
		rate            float64
	}{{"200", "SUCCESS", 9}, {"500", "SERVER_ERROR", 3}} {
		h.Histogram(name, catalog.With("status", r.status, "outcome", r.outcome), Seconds, Steady(r.rate), All(0.06))
	}
	billing := target("billing", "billing-5f7c9d8b6-o9p2a").With("uri", "/bills", "method", "GET", "exception", "none",
		"status", "200", "outcome", "SUCCESS")
	h.Counter(name+"_count", billing, Steady(4))
	h.Counter(name+"_sum", billing, Steady(4*0.06))
	h.Gauge(name+"_max", billing, 0.12)
	return *h
}

// GRPC is half an hour of one service with a gRPC interceptor: stock, 40 rps, 90 %
// success. 4 rps are Unavailable; 2 rps are NotFound, which is the client's.
// p50 7.5 ms, p99 9.95 ms (5-10).
func GRPC() History {
	h := NewHistory(lately, defaultInterval)
	l := target("stock", "stock-6b7d9c8f5-s4d6f").With("grpc_service", "shop.Stock", "grpc_method", "Reserve", "grpc_type", "unary")
	for code, rate := range map[string]float64{"OK": 34, "Unavailable": 4, "NotFound": 2} {
		h.Counter("grpc_server_handled_total", l.With("grpc_code", code), Steady(rate))
	}
	h.Histogram("grpc_server_handling_seconds", l, Seconds, Steady(40), All(0.008))
	return *h
}

// OTel is half an hour of one service with the stable HTTP conventions of
// OpenTelemetry: checkout, 16 rps, 87.5 % success. 1 rps is 500 and 1 rps a timeout
// without a status. p50 0.175 s, p99 0.2485 s (100-250 ms).
func OTel() History {
	h := NewHistory(lately, defaultInterval)
	l := target("checkout", "checkout-5c9b8d7f6-g7h9j").With("http_request_method", "POST", "http_route", "/checkout")
	const name = "http_server_request_duration_seconds"
	h.Histogram(name, l.With("http_response_status_code", "200"), Seconds, Steady(14), All(0.2))
	h.Histogram(name, l.With("http_response_status_code", "500", "error_type", "500"), Seconds, Steady(1), All(0.2))
	h.Histogram(name, l.With("error_type", "timeout"), Seconds, Steady(1), All(0.2))
	return *h
}
