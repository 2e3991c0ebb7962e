// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

// interval is at least four scrapes, and never less than the picture can show.
const interval = "$__rate_interval"

// of selects the series of the service, with more labels.
func (b Board) of(metric string, more ...string) string {
	keys := b.Profile.Keys
	all := []string{keys.Namespace[0] + `="$namespace"`, keys.Service[0] + "=" + signals.Quote(b.Service)}
	if b.Profile.Paired {
		all = append(all, `reporter="$reporter"`)
	}
	return metric + "{" + strings.Join(append(all, more...), ",") + "}"
}

func rate(series string) string { return "rate(" + series + "[" + interval + "])" }

func (b Board) total() string { return "sum(" + rate(b.of(b.Profile.Metrics[0].Requests)) + ")" }

// any are the rates of the requests that have one of several labels.
func (b Board) any(of []string) string {
	var all []string
	for _, m := range of {
		all = append(all, rate(b.of(b.Profile.Metrics[0].Requests, m)))
	}
	return strings.Join(all, " or ")
}

// failed is the share of failures, added up by some labels: 0 where there are requests
// and none has failed. Those that do not say how they ended are neither.
func (b Board) failed(sum string) string {
	told := sum + "(" + b.any(slo.Told(b.Profile.Name)) + ")"
	return "(" + sum + "(" + b.any(slo.Failed(b.Profile.Name, signals.ServerFaults)) + ") or 0 * " + told + ") / (" + told + " > 0)"
}

func (b Board) success() string { return "1 - " + b.failed("sum") }

func (b Board) quantile(q string, by ...string) string {
	return fmt.Sprintf("histogram_quantile(%s, sum by (%s) (%s))", q, strings.Join(append([]string{"le"}, by...), ", "), rate(b.of(b.Profile.Metrics[0].Buckets)))
}

// unit is that of the histogram.
func (b Board) unit() string {
	if b.Profile.Metrics[0].PerSecond == 1000 {
		return "ms"
	}
	return "s"
}

// objectives selects the recordings of the objectives of the service.
func (b Board) objectives() string {
	return `{namespace="$namespace",service=` + signals.Quote(b.Service) + `}`
}

func (b Board) numbers() []panel {
	good := []step{{0, "red"}, {0.99, "orange"}, {0.999, "green"}}
	return []panel{
		{kind: number, title: "Requests", what: "Requests a second.", unit: "reqps", width: 6, queries: []query{{b.total(), "requests"}}, steps: []step{{0, "blue"}}},
		{kind: number, title: "Success", what: "Share of the requests that did not fail; nothing where there are none.", unit: "percentunit", width: 6, queries: []query{{b.success(), "success"}}, steps: good, most: 1},
		{kind: number, title: "p99", what: "99 of 100 requests take at most so long, as exactly as the buckets tell.", unit: b.unit(), width: 6, queries: []query{{b.quantile("0.99"), "p99"}}, steps: []step{{0, "blue"}}},
		{kind: number, title: "Error budget left", what: "Of each objective; needs the rules of \"monitor generate slo\".", unit: "percentunit", width: 6, queries: []query{{slo.BudgetLeft + b.objectives(), "{{slo}}"}}, steps: []step{{-100, "red"}, {0, "orange"}, {0.25, "green"}}},
	}
}

func (b Board) requests() []panel {
	codes := b.Profile.Keys.Code
	if len(codes) == 0 {
		codes = b.Profile.Keys.GRPC
	}
	var legend []string
	for _, c := range codes {
		legend = append(legend, "{{"+c+"}}")
	}
	metric := b.Profile.Metrics[0].Requests
	return []panel{
		{kind: lines, title: "Requests by status", what: "Requests a second; 0 is no response at all.", unit: "reqps", width: 8, stacked: true,
			queries: []query{{fmt.Sprintf("sum by (%s) (%s)", strings.Join(codes, ", "), rate(b.of(metric))), strings.Join(legend, "")}}},
		{kind: lines, title: "Failures", what: "Share of the requests that failed; of gRPC the statuses that are the server's fault.", unit: "percentunit", width: 8,
			queries: []query{{b.failed("sum"), "failed"}}},
		{kind: lines, title: "Duration", what: "Quantiles, interpolated within the buckets.", unit: b.unit(), width: 8,
			queries: []query{{b.quantile("0.5"), "p50"}, {b.quantile("0.95"), "p95"}, {b.quantile("0.99"), "p99"}}},
	}
}

// edges are what only a mesh knows.
func (b Board) edges() []panel {
	metric := b.Profile.Metrics[0].Requests
	by := func(keys string) string { return fmt.Sprintf("sum by (%s) (%s)", keys, rate(b.of(metric))) }
	failedBy := func(keys string) string { return b.failed("sum by (" + keys + ") ") }
	const caller, version = "source_workload_namespace, source_workload", "destination_workload, destination_canonical_revision"
	return []panel{
		{kind: lines, title: "Requests by caller", what: "Who calls how often.", unit: "reqps", width: 8, stacked: true, queries: []query{{by(caller), "{{source_workload_namespace}}/{{source_workload}}"}}},
		{kind: lines, title: "Failures by caller", what: "For whom it fails.", unit: "percentunit", width: 8, queries: []query{{failedBy(caller), "{{source_workload_namespace}}/{{source_workload}}"}}},
		{kind: lines, title: "p99 by caller", what: "For whom it is slow.", unit: b.unit(), width: 8, queries: []query{{b.quantile("0.99", caller), "{{source_workload_namespace}}/{{source_workload}}"}}},
		{kind: lines, title: "Requests by version", what: "Which version answers.", unit: "reqps", width: 8, stacked: true, queries: []query{{by(version), "{{destination_workload}} {{destination_canonical_revision}}"}}},
		{kind: lines, title: "Failures by version", what: "Which version fails.", unit: "percentunit", width: 8, queries: []query{{failedBy(version), "{{destination_workload}} {{destination_canonical_revision}}"}}},
		{kind: lines, title: "Response flags", what: "Why proxies answered themselves: UF could not connect, UH no healthy pod, UO circuit breaker, NR no route, UT timeout, DC the caller hung up.", unit: "reqps", width: 8, stacked: true,
			queries: []query{{fmt.Sprintf("sum by (response_flags) (%s)", rate(b.of(metric, `response_flags!="-"`))), "{{response_flags}}"}}},
	}
}

func (b Board) budget() []panel {
	return []panel{
		{kind: lines, title: "Burn rate", what: "How many times faster than allowed the budget burns: at 1 it lasts exactly for the period, at 14.4 two of a hundred parts are gone in an hour.", unit: "short", width: 12,
			queries: []query{{slo.BudgetSpeed + b.objectives(), "{{slo}}"}}, steps: []step{{0, "green"}, {1, "orange"}, {6, "red"}}},
		{kind: lines, title: "Error budget left", what: "Of the period of each objective.", unit: "percentunit", width: 12, most: 1, queries: []query{{slo.BudgetLeft + b.objectives(), "{{slo}}"}}},
	}
}

const (
	// made is how controllers end the names of pods: what the API server makes up, after
	// a hash where a ReplicaSet is between (k8s.io/apimachinery/pkg/util/rand), or a number.
	made = `-(?:(?:[bcdfghjklmnpqrstvwxz2456789]{1,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}|[0-9]+)`
	// longest is the name with which pods still have all of that: longer ones are cut.
	longest = 46
)

// ofPods is a pattern of the names of the pods of the workloads, and of no others that
// begin alike: those of cart-worker are none of cart's.
func (b Board) ofPods() string {
	var names []string
	for _, w := range b.workloads() {
		end := made
		if len(b.Workloads) == 0 || len(w) > longest {
			end = "-.+"
		}
		names = append(names, w+end)
	}
	return strings.Join(names, "|")
}

// pods are use, saturation and errors of what runs.
func (b Board) pods() []panel {
	where := `namespace="$namespace",pod=~` + signals.Quote(b.ofPods())
	running := where + `,container!="",container!="POD"`
	limit := func(kind, resource string) string {
		return fmt.Sprintf(`sum by (pod) (max by (pod, container) (kube_pod_container_resource_%s{%s,resource=%q} or kube_pod_init_container_resource_%s{%s,resource=%q,container="istio-proxy"}))`, kind, where, resource, kind, where, resource)
	}
	return []panel{
		{kind: lines, title: "CPU", what: "Cores in use, and asked for.", unit: "none", width: 12, queries: []query{
			{fmt.Sprintf(`sum by (pod) (rate(container_cpu_usage_seconds_total{%s,image!=""}[%s]))`, running, interval), "{{pod}}"}, {limit("requests", "cpu"), "{{pod}} asks for"},
		}},
		{kind: lines, title: "Memory", what: "Bytes that cannot be given back, and the limit at which the pod is killed.", unit: "bytes", width: 12, queries: []query{
			{fmt.Sprintf(`sum by (pod) (container_memory_working_set_bytes{%s,image!=""})`, running), "{{pod}}"}, {limit("limits", "memory"), "{{pod}} may take"},
		}},
		{kind: lines, title: "Held back", what: "Share of the periods in which a container had to wait for CPU, because of its limit.", unit: "percentunit", width: 12, most: 1, queries: []query{
			{fmt.Sprintf(`sum by (pod, container) (increase(container_cpu_cfs_throttled_periods_total{%s}[%s])) / (sum by (pod, container) (increase(container_cpu_cfs_periods_total{%s}[%s])) > 0)`, running, interval, running, interval), "{{pod}} {{container}}"},
		}},
		{kind: lines, title: "Restarts", what: "Restarts of containers in an hour.", unit: "short", width: 12, queries: []query{
			{fmt.Sprintf(`max by (pod, container) (increase(kube_pod_container_status_restarts_total{%s}[1h]))`, where), "{{pod}} {{container}}"},
		}},
	}
}
