// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"fmt"
	"slices"

	telemetryapi "istio.io/api/telemetry/v1alpha1"
	telemetryv1 "istio.io/client-go/pkg/apis/telemetry/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8501", Slug: "telemetry-off", Severity: finding.Info, Hygiene: true,
	Short: "Telemetry switches off the metrics that golden signals are made of",
	Why: `istio_requests_total and istio_request_duration_milliseconds come from the proxies unless a Telemetry
disables them, for a workload, a namespace, or from the root namespace for all. Requests, failures and
latency of the workloads are unknown to Prometheus then. Some do so on purpose, to have fewer series.`,
	Fix:       `Take the override away, or disable only metrics that nobody asks for.`,
	Reference: "https://istio.io/latest/docs/tasks/observability/metrics/telemetry-api/#disable-metrics",
	Needs:     []*model.Kind{model.Telemetries.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, t := range model.Telemetries.In(w.Snapshot, "") {
			for _, off := range disabled(t) {
				emit(t.Object, off.At, "disables %s", off.What)
			}
		}
	},
})

// Telemetry is one of Istio.
type Telemetry = model.Item[telemetryv1.Telemetry]

// Off is a metric that a Telemetry disables.
type Off struct {
	Telemetry
	// At is the JSON Pointer of the override, What the metric.
	At, What string
}

// signals are the metrics that golden signals are made of.
var signals = []telemetryapi.MetricSelector_IstioMetric{
	telemetryapi.MetricSelector_ALL_METRICS, telemetryapi.MetricSelector_REQUEST_COUNT, telemetryapi.MetricSelector_REQUEST_DURATION,
}

// disabled are the metrics of the golden signals that a Telemetry disables for
// Prometheus.
func disabled(t Telemetry) []Off {
	var out []Off
	for i, m := range t.Value.Spec.GetMetrics() {
		named := m.GetProviders()
		prometheus := slices.ContainsFunc(named, func(p *telemetryapi.ProviderRef) bool { return p.GetName() == "prometheus" })
		if len(named) > 0 && !prometheus {
			continue
		}
		for j, o := range m.GetOverrides() {
			metric := o.GetMatch().GetMetric()
			if !o.GetDisabled().GetValue() || o.GetMatch().GetCustomMetric() != "" || !slices.Contains(signals, metric) {
				continue
			}
			what := metric.String()
			if mode := o.GetMatch().GetMode(); mode != telemetryapi.WorkloadMode_CLIENT_AND_SERVER {
				what += fmt.Sprintf(" (%s)", mode)
			}
			out = append(out, Off{t, patch.Pointer("spec", "metrics", i, "overrides", j, "disabled"), what})
		}
	}
	return out
}

// OffFor are the metrics of the golden signals that are disabled for a workload.
// The nearest Telemetry with metrics decides: one for the workload, else that of
// its namespace, else that of the root namespace.
func OffFor(w *rules.World, of *model.Workload) []Off {
	var own, namespace, root []Telemetry
	for _, t := range model.Telemetries.In(w.Snapshot, "") {
		selector := t.Value.Spec.GetSelector().GetMatchLabels()
		switch {
		case len(t.Value.Spec.GetMetrics()) == 0:
		case t.Ref.Namespace == of.Ref.Namespace && len(selector) > 0:
			if labels.SelectorFromSet(selector).Matches(labels.Set(of.Template.Labels)) {
				own = append(own, t)
			}
		case t.Ref.Namespace == of.Ref.Namespace && len(t.Value.Spec.GetTargetRefs()) == 0:
			namespace = append(namespace, t)
		case t.Ref.Namespace == w.RootNamespace && len(selector) == 0:
			root = append(root, t)
		}
	}
	for _, level := range [][]Telemetry{own, namespace, root} {
		if len(level) > 0 {
			var out []Off
			for _, t := range level {
				out = append(out, disabled(t)...)
			}
			return out
		}
	}
	return nil
}
