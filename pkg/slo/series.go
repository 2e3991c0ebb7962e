// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// input is one series of a test, in the notation of promtool
// (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series).
type input struct {
	labels map[string]string
	metric string
	// step is how much it grows in a step of a phase.
	step func(phase) int64
	// exists tells by growing that the series is there at all: all buckets of a
	// histogram are there together.
	exists func(phase) int64
	// still and late are as of an edge.
	still, late bool
}

// inputs are the series that an edge leaves behind.
func (o *Objective) inputs(e edge) []input {
	if !o.profile.Paired {
		if e.blind == everywhere {
			return o.blind(o.ownLabels(), func(p phase) int64 { return p.requests })
		}
		return o.counted(o.ownLabels(), o.ownOutcomes(), func(p phase) int64 { return p.requests - p.bad }, func(p phase) int64 { return p.bad + p.retried })
	}
	sides := []signals.Reporter{signals.BySource, signals.ByDestination}
	if e.outside {
		sides = sides[1:]
	}
	var out []input
	for _, side := range sides {
		for _, in := range o.reported(e, side) {
			in.still, in.late = e.still == side, e.late == side
			out = append(out, in)
		}
	}
	return out
}

// reported are the series of an edge in a mesh that one end leaves behind.
func (o *Objective) reported(e edge, side signals.Reporter) []input {
	labels := map[string]string{
		"reporter": string(side), "source_workload": e.caller, "source_workload_namespace": "callers",
		"destination_service_name": o.Service, "destination_service_namespace": o.Namespace, "destination_workload": o.Service, "request_protocol": "http",
	}
	if e.blind == everywhere || e.blind == side {
		return o.blind(labels, func(p phase) int64 { return p.requests })
	}
	outcomes := [2]map[string]string{{"response_code": "200", "response_flags": "-"}, {"response_code": "503", "response_flags": "-"}}
	if e.streams {
		labels["request_protocol"] = "grpc"
		outcomes = [2]map[string]string{
			{"response_code": "200", "grpc_response_status": "0", "response_flags": "-"},
			{"response_code": "200", "grpc_response_status": failingStatus(o.GRPC), "response_flags": "-"},
		}
	}
	good, bad := func(p phase) int64 { return p.requests - p.bad }, func(p phase) int64 { return p.bad + p.retried }
	if side == signals.ByDestination {
		return o.counted(labels, outcomes, good, bad)
	}
	out := o.counted(labels, outcomes, good, func(p phase) int64 { return p.bad })
	// What never arrives is no event of the called one, whoever it was meant for.
	lost := map[string]string{"response_code": "0", "response_flags": "UF", "destination_workload": "unknown"}
	return append(out, o.counted(labels, [2]map[string]string{lost, lost}, func(phase) int64 { return 0 }, func(p phase) int64 { return p.lost })...)
}

// failingStatus is the first status that is a failure.
func failingStatus(p signals.Policy) string {
	for n := range grpcNames {
		if p.Has(n) {
			return strconv.Itoa(n)
		}
	}
	return "0"
}

// counted are the counters of good and bad events; of latencies, the buckets and the
// number of both. A counter that never counts does not exist, as in real life.
func (o *Objective) counted(labels map[string]string, outcomes [2]map[string]string, good, bad func(phase) int64) []input {
	both := func(p phase) int64 { return good(p) + bad(p) }
	with := func(metric string, step, exists func(phase) int64, more ...map[string]string) input {
		all := maps.Clone(labels)
		for _, m := range more {
			maps.Copy(all, m)
		}
		return input{labels: all, metric: metric, step: step, exists: exists}
	}
	if o.Latency == 0 {
		metric := o.profile.Metrics[0].Requests
		return []input{with(metric, good, good, outcomes[0]), with(metric, bad, bad, outcomes[1])}
	}
	le := func(bound string) map[string]string { return map[string]string{"le": bound} }
	buckets := o.profile.Metrics[0].Buckets
	return []input{
		with(buckets, good, both, outcomes[0], le(strconv.FormatFloat(o.bound, 'f', -1, 64))),
		with(buckets, both, both, outcomes[0], le("+Inf")),
		with(strings.TrimSuffix(buckets, "_bucket")+"_count", both, both, outcomes[0]),
	}
}

// blind are the series of a process that lacks the bucket, or the label of the status.
func (o *Objective) blind(labels map[string]string, events func(phase) int64) []input {
	labels = maps.Clone(labels)
	labels["pod"] = "another"
	out := []input{{labels: labels, metric: o.counter(), step: events, exists: events}}
	if o.Latency > 0 {
		whole := maps.Clone(labels)
		whole["le"] = "+Inf"
		out = append(out, input{labels: whole, metric: o.buckets(), step: events, exists: events})
	}
	return out
}

// ownLabels are those of the series of an application.
func (o *Objective) ownLabels() map[string]string {
	if len(o.Selector) > 0 {
		return o.Selector
	}
	return map[string]string{o.profile.Keys.Namespace[0]: o.Namespace, o.profile.Keys.Service[0]: o.Service}
}

// ownOutcomes are labels of an event that went well and of one that did not.
func (o *Objective) ownOutcomes() [2]map[string]string {
	switch o.profile.Name {
	case "grpc":
		n, _ := strconv.Atoi(failingStatus(o.GRPC))
		return [2]map[string]string{{"grpc_code": "OK"}, {"grpc_code": grpcNames[n]}}
	case "spring":
		return [2]map[string]string{{"outcome": "SUCCESS", "status": "200"}, {"outcome": "SERVER_ERROR", "status": "500"}}
	case "otel":
		return [2]map[string]string{{"http_response_status_code": "200"}, {"error_type": "timeout"}}
	}
	return [2]map[string]string{{"code": "200"}, {"code": "500"}}
}

// name writes the series.
func (in input) name() string {
	var pairs []string
	for _, label := range slices.Sorted(maps.Keys(in.labels)) {
		pairs = append(pairs, label+"="+signals.Quote(in.labels[label]))
	}
	return in.metric + "{" + strings.Join(pairs, ",") + "}"
}

// values writes what the series has at the end of each step, from the beginning on;
// false if it never counts anything. "1+2x3" is 1 3 5 7, "_x2" nothing twice.
func (in input) values(phases []phase) (string, bool) {
	if in.late {
		phases = append([]phase{{steps: 1}}, phases...)
		phases[len(phases)-1].steps--
	}
	counts := false
	var parts []string
	value, fresh := int64(0), true
	for _, p := range phases {
		if p.absent {
			missing := p.steps
			if len(parts) == 0 { // and at the beginning, before the first step
				missing++
			}
			parts = append(parts, fmt.Sprintf("_x%d", missing))
			value, fresh = 0, true
			continue
		}
		grows := in.step(p)
		counts = counts || in.exists(p) > 0
		if in.still {
			grows = 0
		}
		switch {
		case fresh && len(parts) == 0: // the beginning of the test: nothing has happened
			parts = append(parts, fmt.Sprintf("0+%dx%d", grows, p.steps))
			value = grows * p.steps
		case fresh || p.restart: // what the new process has counted by its first scrape
			parts = append(parts, fmt.Sprintf("%d+%dx%d", grows, grows, p.steps-1))
			value = grows * p.steps
		default:
			parts = append(parts, fmt.Sprintf("%d+%dx%d", value+grows, grows, p.steps-1))
			value += grows * p.steps
		}
		fresh = false
	}
	return strings.Join(parts, " "), counts
}
