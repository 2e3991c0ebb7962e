// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

var monitoringAddon = addon{
	name: "monitoring", short: "ServiceMonitors, PodMonitors and a PrometheusRule for each service",
	system: func(y *system, _ string) []runtime.Object { return y.meshRules() },
	service: func(s *service, _ string) []runtime.Object {
		return append(s.monitors(), s.prometheusRule())
	},
}

const (
	monitoringAPI  = "monitoring.coreos.com/v1"
	scrapeInterval = "30s"
)

// monitors tell Prometheus where metrics are.
func (s *service) monitors() []runtime.Object {
	m := s.metrics()
	if m == nil {
		return nil
	}
	scheme := monitoringv1.Scheme("http") // older operators know no other spelling
	path := s.metricsPath()
	if s.onlyMeasured() {
		out := &monitoringv1.PodMonitor{
			TypeMeta:   metav1.TypeMeta{APIVersion: monitoringAPI, Kind: monitoringv1.PodMonitorsKind},
			ObjectMeta: s.watched(),
			Spec: monitoringv1.PodMonitorSpec{
				PodMetricsEndpoints: []monitoringv1.PodMetricsEndpoint{{Interval: scrapeInterval, Path: path, Port: &m.name, Scheme: &scheme}},
				Selector:            metav1.LabelSelector{MatchLabels: s.selects()},
			},
		}
		return []runtime.Object{out}
	}
	out := &monitoringv1.ServiceMonitor{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringAPI, Kind: monitoringv1.ServiceMonitorsKind},
		ObjectMeta: s.watched(),
		Spec: monitoringv1.ServiceMonitorSpec{
			Endpoints: []monitoringv1.Endpoint{{Interval: scrapeInterval, Path: path, Port: m.name, Scheme: &scheme}},
			Selector:  metav1.LabelSelector{MatchLabels: s.selects()},
		},
	}
	return []runtime.Object{out}
}

// onlyMeasured reports whether nobody but Prometheus calls a service: then it has
// pods to read and no Service to find them by.
func (s *service) onlyMeasured() bool {
	return s.Kind == kindWorker && s.metrics() != nil && len(s.serving()) == 0
}

// scrapeJob is the label job of what Prometheus reads, as the operator names it.
func (s *service) scrapeJob() string {
	if s.onlyMeasured() {
		return s.of.Metadata.Namespace + "/" + s.name
	}
	return s.name
}

// watched is the metadata of what Prometheus selects by labels.
func (s *service) watched() metav1.ObjectMeta {
	out := s.meta()
	maps.Copy(out.Labels, s.of.Platform.Monitoring.Labels)
	return out
}

// meshRules tell when the mesh says nothing about a system: the rules about its
// requests would stay silent then, whatever happens.
func (y *system) meshRules() []runtime.Object {
	measured := slices.ContainsFunc(y.services, (*service).measured)
	for _, s := range y.services {
		if y.Platform.Mesh == meshAmbient && len(s.requestPorts()) > 0 && !s.measured() {
			y.warn(s.at, "traffic: {timeout: 10s} puts a waypoint in front of it", "requests to %s are not counted, so that no alert tells of failures: ztunnel knows connections only", s.name)
		}
	}
	if !measured {
		return nil
	}
	meta := metav1.ObjectMeta{
		Name:      y.Metadata.Name + ".mesh", // no service has a dot in its name
		Namespace: y.Metadata.Namespace, Labels: y.labels(),
	}
	maps.Copy(meta.Labels, y.Platform.Monitoring.Labels)
	unseen := alert{
		name: "MeshMetricsMissing", hold: "1h", severity: warning, expr: "absent(istio_requests_total{" + matchers("destination_service_namespace", y.Metadata.Namespace) + "})",
		summary: "Prometheus has no requests of the mesh to namespace " + y.Metadata.Namespace,
		what:    "Nobody has called in an hour, or Prometheus does not read the proxies: alerts about requests stay silent until it does.",
	}
	return []runtime.Object{ruleObject(meta, monitoringv1.RuleGroup{
		Name: y.Metadata.Name + ".mesh", Rules: []monitoringv1.Rule{unseen.rule(map[string]string{"namespace": y.Metadata.Namespace})},
	})}
}

func ruleObject(meta metav1.ObjectMeta, groups ...monitoringv1.RuleGroup) *monitoringv1.PrometheusRule {
	return &monitoringv1.PrometheusRule{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringAPI, Kind: monitoringv1.PrometheusRuleKind},
		ObjectMeta: meta, Spec: monitoringv1.PrometheusRuleSpec{Groups: groups},
	}
}
