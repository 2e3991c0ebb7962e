// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The objective is that 99.5 % of the requests do not fail. What may be lost in 30
// days is gone in two of them at 14.4 times the rate that may last, and in five at
// 6 times: these are the windows and rates of "Alerting on SLOs" in the Site
// Reliability Workbook (https://sre.google/workbook/alerting-on-slos/), with each
// short window for the alert to end soon after the failures.
const (
	// allowed is the share of requests that may fail.
	allowed = 0.005
	// fewest is how many requests must have failed in the long window: one failure
	// of the ten requests of a quiet night is no outage.
	fewest = 10
	// slowMilliseconds is a bound of Envoy's buckets. Only there the number of
	// requests below is counted and not guessed.
	slowMilliseconds = 1000
)

// burns are the alerts of the workbook that wake somebody up.
var burns = []struct {
	factor             float64
	long, short        string
	seconds            int
	name, hold, budget string
}{
	{14.4, "1h", "5m", 3600, "BudgetBurnsFast", "2m", "two days"},
	{6, "6h", "30m", 6 * 3600, "BudgetBurns", "15m", "five days"},
}

// spokenRequests are the protocols of which a mesh counts requests. In https it
// sees connections only.
var spokenRequests = []string{"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"}

// requestPorts are the ports of which a mesh counts requests.
func (s *service) requestPorts() []port {
	return slices.DeleteFunc(s.serving(), func(p port) bool { return !slices.Contains(spokenRequests, p.spoken) })
}

// measured reports whether a proxy counts the requests to a service. In an ambient
// mesh that is the waypoint, or the gateway for what comes from outside.
func (s *service) measured() bool {
	if len(s.requestPorts()) == 0 || s.Kind == kindJob || s.Kind == kindCronJob {
		return false
	}
	switch s.of.Platform.Mesh {
	case meshSidecar:
		return true
	case meshAmbient:
		return s.behindWaypoint() || s.Expose != nil && s.of.Platform.Ingress.API != edgeIngress
	}
	return false
}

// requestRules count requests and failures over the windows, and tell of too many.
func (s *service) requestRules(labels map[string]string) monitoringv1.RuleGroup {
	group := monitoringv1.RuleGroup{Name: s.name + ".requests"}
	record := func(name, expr string) {
		group.Rules = append(group.Rules, monitoringv1.Rule{Record: name, Expr: intstr.FromString(expr), Labels: labels})
	}
	for _, window := range []string{"5m", "30m", "1h", "6h"} {
		record(requestsOver(window), s.requests(window))
		record(failuresOver(window), s.failures(window))
	}
	for _, a := range append(s.burnAlerts(), s.slowAlerts()...) {
		group.Rules = append(group.Rules, a.rule(labels))
	}
	return group
}

func requestsOver(window string) string { return "service:micro_requests:rate" + window }
func failuresOver(window string) string { return "service:micro_failures:rate" + window }

// reporters are the proxies that may have seen a request, who knows best first:
// the caller's knows of those that never arrived. Each edge is counted by the first
// that knows it, as both ends count most of them.
func (s *service) reporters() []string {
	if s.of.Platform.Mesh == meshAmbient {
		return []string{"source", "waypoint"}
	}
	return []string{"source", "destination"}
}

// edges are the callers of a service, each with the rate of one metric as one
// reporter has it. Selectors with other matchers are of other series, so that
// "or" joins them.
func (s *service) edges(metric, reporter, window string, more ...string) string {
	if len(more) == 0 {
		more = []string{""}
	}
	var rates []string
	for _, m := range more {
		which := matchers("destination_service_name", s.name, "destination_service_namespace", s.of.Metadata.Namespace, "reporter", reporter) + m
		rates = append(rates, fmt.Sprintf("rate(%s{%s}[%s])", metric, which, window))
	}
	return "sum by (source_workload, source_workload_namespace) (" + strings.Join(rates, " or ") + ")"
}

// total adds up what is said of each edge by its first reporter.
func total(edges []string) string { return "sum(" + strings.Join(edges, " or ") + ")" }

// counted adds up a metric of all edges.
func (s *service) counted(metric, window string, more ...string) string {
	var all []string
	for _, r := range s.reporters() {
		all = append(all, s.edges(metric, r, window, more...))
	}
	return total(all)
}

func (s *service) requests(window string) string { return s.counted("istio_requests_total", window) }

// failures are the requests that the service or the way to it is to blame for. One
// without an answer has the code 0, which it has too when the caller hung up. gRPC
// says 200 and tells in its own status. Counters of failures come into being with
// the first one: until then, requests times nothing stand for them.
func (s *service) failures(window string) string {
	failed := []string{`,response_code=~"5..|0",response_flags!="DC"`}
	if slices.ContainsFunc(s.requestPorts(), func(p port) bool { return strings.HasPrefix(p.spoken, "grpc") }) {
		failed = append(failed, `,grpc_response_status=~"2|4|13|14|15",response_code!~"5..|0"`)
	}
	var all []string
	for _, r := range s.reporters() {
		all = append(all, s.edges("istio_requests_total", r, window, failed...), "0 * "+s.edges("istio_requests_total", r, window))
	}
	return total(all)
}

func (s *service) burnAlerts() []alert {
	which := "{" + matchers("namespace", s.of.Metadata.Namespace, "service", s.name) + "}"
	share := func(window string) string {
		return fmt.Sprintf("%s%s / (%s%s > 0)", failuresOver(window), which, requestsOver(window), which)
	}
	var out []alert
	for _, b := range burns {
		out = append(out, alert{
			name: b.name, hold: b.hold, severity: critical,
			expr: fmt.Sprintf("%s > %.3g and %s > %.3g and %s%s * %d >= %d",
				share(b.long), b.factor*allowed, share(b.short), b.factor*allowed, failuresOver(b.long), which, b.seconds, fewest),
			summary: "{{ $value | humanizePercentage }} of the requests to " + s.name + " fail",
			what: fmt.Sprintf("At this rate of the last %s, what may fail in 30 days has failed in %s. Look: kubectl micro diagnose service/%s -n %s",
				b.long, b.budget, s.name, s.of.Metadata.Namespace),
		})
	}
	return out
}

// slowAlerts leave out gRPC and web sockets, where a long request may be a stream
// that is well.
func (s *service) slowAlerts() []alert {
	if slices.ContainsFunc(s.requestPorts(), func(p port) bool { return p.spoken != "http" && p.spoken != "http2" }) {
		return nil
	}
	const window, seconds, least = "10m", 600, 100
	// Prometheus 3 writes the bound of a bucket with a decimal point.
	fast := s.counted("istio_request_duration_milliseconds_bucket", window, fmt.Sprintf(`,le=~"%d(\\.0)?"`, slowMilliseconds))
	all := s.counted("istio_request_duration_milliseconds_count", window)
	return []alert{{
		name: "RequestsSlow", hold: "10m", severity: warning,
		expr:    fmt.Sprintf("1 - %s / (%s > 0) > 0.05 and %s * %d >= %d", fast, all, all, seconds, least),
		summary: "{{ $value | humanizePercentage }} of the requests to " + s.name + " take longer than a second",
		what:    "More than one of twenty. See whether its pods wait for CPU, or for those it calls.",
	}}
}
