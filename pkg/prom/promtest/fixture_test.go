// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

type numbers = map[string]float64

// question is PromQL with the truth that a fixture documents.
type question struct {
	name, expr string
	at         time.Time // Now if zero
	want       numbers
	within     float64 // beyond the noise of floats
}

func prove(t *testing.T, fixture string, questions []question) {
	t.Helper()
	base := promtest.Shared(t, fixture)
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			if q.at.IsZero() {
				q.at = promtest.Now
			}
			if diff := cmp.Diff(q.want, vector(t, base, q.expr, q.at), cmpopts.EquateApprox(1e-9, 1e-9+q.within)); diff != "" {
				t.Errorf("%s (-documented +measured):\n%s", q.expr, diff)
			}
		})
	}
}

// Selectors of the client's and the server's view.
const (
	client = `reporter="source",destination_service_namespace="shop"`
	server = `reporter="destination",destination_service_namespace="shop"`
)

func TestShopRates(t *testing.T) {
	rates := func(selector string) string {
		return `sum by (destination_service_name) (rate(istio_requests_total{` + selector + `}[5m]))`
	}
	prove(t, "shop", []question{
		{name: "client", expr: rates(client), want: numbers{"api-gateway": 60, "user-service": 50, "order-service": 20, "catalog-service": 20}},
		{name: "server", expr: rates(server), want: numbers{"api-gateway": 60, "user-service": 50, "order-service": 18, "catalog-service": 20}},
		{name: "a long window", expr: `sum(rate(istio_requests_total{` + client + `}[30m]))`, want: numbers{"": 150}},
		{name: "a short window", expr: `sum(rate(istio_requests_total{` + client + `}[1m]))`, want: numbers{"": 150}},
		{name: "earlier", expr: `sum(rate(istio_requests_total{` + client + `}[5m]))`, at: promtest.Now.Add(-50 * time.Minute), want: numbers{"": 150}},
		{
			name: "versions", expr: `sum by (destination_canonical_revision) (rate(istio_requests_total{` + client + `,destination_service_name="user-service"}[5m]))`,
			want: numbers{"v1": 46, "v2": 4},
		},
		{
			name: "edges", expr: `sum by (source_workload,destination_service_name) (rate(istio_requests_total{reporter="source",source_workload_namespace="shop"}[5m]))`,
			want: numbers{
				"user-service api-gateway": 40, "order-service api-gateway": 20, "catalog-service api-gateway": 12,
				"user-service order-service": 10, "catalog-service order-service": 8, "ledger order-service": 5, "audit order-service": 0,
			},
		},
		{name: "waypoint", expr: `sum by (reporter) (rate(istio_requests_total{destination_service_name="ledger"}[5m]))`, want: numbers{"source": 5, "waypoint": 8}},
		{name: "quiet", expr: `sum by (reporter) (rate(istio_requests_total{destination_service_name="audit"}[5m]))`, want: numbers{"source": 0, "destination": 0}},
		{name: "nothing", expr: `istio_requests_total{destination_service_name="shop-ingress"}`, want: numbers{}},
		{
			name: "regex names", expr: `sum by (destination_service_name) (rate(istio_requests_total{reporter="source",destination_service_namespace="bookinfo"}[5m]))`,
			want: numbers{"reviews-v1": 1, "reviews-v10": 7, "reviews.v1": 3},
		},
		{name: "TCP sent", expr: `sum(rate(istio_tcp_received_bytes_total[5m]))`, want: numbers{"": 2000}},
		{name: "TCP received", expr: `sum(rate(istio_tcp_sent_bytes_total[5m]))`, want: numbers{"": 80_000}},
		// Why these fixtures are needed: what a naive query says.
		{name: "reset, rate after sum", expr: `rate(sum(istio_requests_total{` + server + `,destination_service_name="api-gateway"})[5m:15s])`, want: numbers{"": 762}, within: 50},
		{name: "both reporters", expr: `sum(rate(istio_requests_total{destination_service_name="user-service"}[5m]))`, want: numbers{"": 100}},
		{name: "prefix", expr: `sum(rate(istio_requests_total{reporter="source",destination_service_name=~"reviews.v1.*"}[5m]))`, want: numbers{"": 11}},
		// How far is extrapolated is a matter of versions.
		{name: "replaced pod", expr: `sum(rate(istio_requests_total{destination_service_name="mailer"}[5m]))`, want: numbers{"": 6.15}, within: 0.15},
	})
}

func TestShopSuccess(t *testing.T) {
	success := func(selector string) string {
		return `100 * (1 - sum by (destination_service_name) (rate(istio_requests_total{` + selector + `,response_code=~"5..|0"}[5m]))
			/ sum by (destination_service_name) (rate(istio_requests_total{` + selector + `}[5m])))`
	}
	const reports = `reporter="source",destination_service_name="reports"`
	prove(t, "shop", []question{
		{name: "client", expr: success(client), want: numbers{"user-service": 99.6, "order-service": 90}},
		{name: "server", expr: success(server), want: numbers{"user-service": 99.6}},
		{
			name: "connections", expr: `sum by (destination_workload,reporter,response_code,response_flags) (rate(istio_requests_total{response_flags!="-"}[5m]))`,
			want: numbers{"unknown source 0 UF": 2},
		},
		{
			name: "gRPC", expr: `sum by (response_code,grpc_response_status) (rate(istio_requests_total{` + client + `,request_protocol="grpc"}[5m]))`,
			want: numbers{"0 200": 16, "14 200": 4},
		},
		{name: "v2", expr: success(client + `,destination_canonical_revision="v2"`), want: numbers{"user-service": 95}},
		{name: "almost all", expr: success(`reporter="source",destination_service_namespace="data",destination_service_name="search"`), want: numbers{"search": 99.996}},
		{name: "not found", expr: `sum(rate(istio_requests_total{` + client + `,response_code="404"}[5m]))`, want: numbers{"": 3}},
		{name: "incident", expr: success(reports), at: promtest.IncidentEnds, want: numbers{"reports": 50}},
		{name: "after it", expr: success(reports), want: numbers{"reports": 100}},
		{name: "before it", expr: success(reports), at: promtest.IncidentBegins, want: numbers{"reports": 100}},
	})
}

func TestShopLatency(t *testing.T) {
	quantile := func(q, selector string) string {
		return `histogram_quantile(` + q + `, sum by (le,destination_service_name) (rate(istio_request_duration_milliseconds_bucket{` + selector + `}[5m])))`
	}
	questions := []question{
		{name: "client p50", expr: quantile("0.5", client), want: numbers{"api-gateway": 75, "user-service": 38.5870, "order-service": 72.2222, "catalog-service": 7.5}},
		{name: "client p95", expr: quantile("0.95", client), want: numbers{"api-gateway": 97.5, "user-service": 343.75, "order-service": 97.2222, "catalog-service": 9.75}},
		{name: "client p99", expr: quantile("0.99", client), want: numbers{"api-gateway": 99.5, "user-service": 468.75, "order-service": 99.4444, "catalog-service": 9.95}},
		{name: "server p50", expr: quantile("0.5", server), want: numbers{"api-gateway": 37.5, "user-service": 18.1522, "order-service": 37.5, "catalog-service": 3}},
		{name: "server p99", expr: quantile("0.99", server), want: numbers{"api-gateway": 49.75, "user-service": 468.75, "order-service": 49.75, "catalog-service": 4.96}},
		{name: "v1 p95", expr: quantile("0.95", client+`,destination_canonical_revision="v1",destination_service_name="user-service"`), want: numbers{"user-service": 48.75}},
		{name: "v2 p99", expr: quantile("0.99", client+`,destination_canonical_revision="v2"`), want: numbers{"user-service": 497.5}},
		{name: "waypoint p99", expr: quantile("0.99", `reporter="waypoint"`), want: numbers{"ledger": 9.95}},
		{name: "search p99", expr: quantile("0.99", `reporter="source",destination_service_name="search"`), want: numbers{"search": 0.995}},
		{
			name: "mean", expr: `sum(rate(istio_request_duration_milliseconds_sum{` + client + `,destination_service_name="user-service"}[5m]))
				/ sum(rate(istio_request_duration_milliseconds_count{` + client + `,destination_service_name="user-service"}[5m]))`,
			want: numbers{"": 51.6},
		},
	}
	for i := range questions {
		questions[i].within = 0.0001 // the documented digits
	}
	prove(t, "shop", questions)
}

func TestApps(t *testing.T) {
	prove(t, "http", []question{
		{name: "orders", expr: `sum by (code) (rate(http_request_duration_seconds_count{service="orders"}[5m]))`, want: numbers{"200": 22.75, "404": 1.25, "500": 1}},
		{name: "users", expr: `sum by (service) (rate(http_requests_total[5m]))`, want: numbers{"orders": 25, "users": 10}},
		{name: "p99", expr: `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))`, want: numbers{"": 0.04975}},
	})
	prove(t, "spring", []question{
		{name: "rates", expr: `sum by (service,outcome) (rate(http_server_requests_seconds_count[5m]))`, want: numbers{"SUCCESS catalog": 9, "SERVER_ERROR catalog": 3, "SUCCESS billing": 4}},
		{name: "p50", expr: `histogram_quantile(0.5, sum by (service,le) (rate(http_server_requests_seconds_bucket[5m])))`, want: numbers{"catalog": 0.075}},
	})
	prove(t, "grpc", []question{
		{name: "rates", expr: `sum by (grpc_code) (rate(grpc_server_handled_total[5m]))`, want: numbers{"OK": 34, "Unavailable": 4, "NotFound": 2}},
		{name: "p99", expr: `histogram_quantile(0.99, sum by (le) (rate(grpc_server_handling_seconds_bucket[5m])))`, want: numbers{"": 0.00995}},
	})
	prove(t, "otel", []question{
		{name: "rates", expr: `sum by (http_response_status_code,error_type) (rate(http_server_request_duration_seconds_count[5m]))`, want: numbers{"200": 14, "500 500": 1, "timeout": 1}},
		{name: "p99", expr: `histogram_quantile(0.99, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))`, want: numbers{"": 0.2485}},
	})
}

// What Prometheus makes of sums that should not be made.
func TestOdd(t *testing.T) {
	prove(t, "odd", []question{
		{name: "twice", expr: `sum by (destination_workload) (rate(istio_requests_total{destination_workload="cart"}[5m]))`, want: numbers{"cart": 20}},
		{name: "too slow", expr: `histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{destination_service_name="search"}[5m])))`, want: numbers{"": 10_000}},
	})
}

func TestUsage(t *testing.T) {
	const gateway, orders = "api-gateway-6d4b75cb6d-hkxp4", "order-service-79c8b6d4f5-mm9pl"
	prove(t, "usage", []question{
		{
			name: "cpu", expr: `sum by (pod,container) (rate(container_cpu_usage_seconds_total{container!="",container!="POD",image!=""}[5m]))`,
			want: numbers{"app " + gateway: 0.15, "istio-proxy " + gateway: 0.05, "app " + orders: 0.4},
		},
		{
			name: "memory", expr: `sum by (pod) (container_memory_working_set_bytes{container!="",image!=""}) / 1024 / 1024`,
			want: numbers{gateway: 160, orders: 192},
		},
		{
			name: "throttled", expr: `sum by (container) (increase(container_cpu_cfs_throttled_periods_total[5m]) / (increase(container_cpu_cfs_periods_total[5m]) > 0))`,
			want: numbers{"app": 0.25, "istio-proxy": 0},
		},
		{
			name: "requests", expr: `max by (pod,container) (kube_pod_container_resource_requests{resource="cpu"} or kube_pod_init_container_resource_requests{resource="cpu"})`,
			want: numbers{"app " + gateway: 0.1, "istio-proxy " + gateway: 0.1, "app " + orders: 0.2},
		},
		{name: "limits", expr: `count by (pod) ({__name__=~"kube_pod_(init_)?container_resource_limits",resource="cpu"})`, want: numbers{gateway: 2}},
		{name: "restarts", expr: `round(sum by (pod) (increase(kube_pod_container_status_restarts_total[30m])))`, want: numbers{orders: 3}},
		{name: "killed", expr: `sum by (reason) (kube_pod_container_status_last_terminated_reason)`, want: numbers{"OOMKilled": 1}},
	})
}
